"""Puts a gateway on trial: brings one up with an honest partner, lets the rogue attack it, and says how it did.

``ground`` brings up the nodes, ``trial`` runs attacks and looks from inside at what the rogue cannot see: whether the
link is suspended, what the audit log says, whether the honest partner noticed anything. ``telling`` prints, ``command``
is ``./run mock rogue``.
"""
