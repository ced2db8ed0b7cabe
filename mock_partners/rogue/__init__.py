"""An adversary written from the protos and docs/protocol.md alone: a second implementation of the link, and no friend.

It shares no line with the gateway, so it can send what the gateway's own code cannot produce; and what it could not be
written from, the page did not say. Where it behaves it is a partner like any other.

``notes``, ``tree``, ``certificates``, ``descriptors`` and ``agreements`` are sections 3 to 11 of the page, ``logs`` and
``session`` sections 12 to 15; ``adversary`` puts them together. ``attacks`` has the table of what it does wrong, each
with the answer that the page demands.
"""
