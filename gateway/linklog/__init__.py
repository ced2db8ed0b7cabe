"""How it is proven: an append-only log for each direction of a link, signed by one side and receipted by the other.

A library by itself, without I/O: RFC 9162 trees, C2SP signed notes, checkpoints, cosignatures, proofs and
policies. It knows nothing of administrations, agreements or records; keys and times are handed in.
Read in this order: ``hashing``, ``tree``, ``paths``, ``tiles``; then ``keys``, ``notes``, ``checkpoints``; then
``proofs`` and ``policy``.
"""
