"""What an operator does to a node that does not (only) run: check it, copy it, put a copy back, recover what is lost.

==============  ==============================================================================================
``checking``    ``gateway fsck``: everything in the store derived anew and compared
``copies``      ``gateway backup`` and ``gateway restore``: a verified copy, and a copy in the node's place
``manifest``    what a copy says of itself
==============  ==============================================================================================
"""
