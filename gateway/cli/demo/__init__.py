"""The demo: three administrations as separate processes, told as it happens, and checked.

It starts programs and calls what anybody can call: the commands, the national API, the operations API. What it says
of the nodes it has read there, and everything that arrives is compared with what was submitted. The rules of release
are written here a second time (``expectation``), so that a leak in the gateway's own code does not go unseen.
"""
