"""What an operator does to a node that does not (only) run: check it, copy it, put a copy back, recover what is lost.

==============  ==============================================================================================
``checking``    ``gateway fsck``: everything in the store derived anew and compared
``copies``      ``gateway backup`` and ``gateway restore``: a verified copy, and a copy in the node's place
``manifest``    what a copy says of itself
``recovery``    ``gateway recover``: a lost log fetched back from the partner, closed, and gone on with in a new one
``opening``     a node opened for that: store, trust and the way to partners, without doors and links
==============  ==============================================================================================
"""
