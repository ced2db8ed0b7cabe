"""``gateway doctor``: what is well and what is not, and for each thing that is not, who must do what.

``finding`` is one line of it; ``home`` looks at this machine, ``running`` asks the node, ``line`` tries the way to a
partner, with ``probe`` for TLS.
"""
