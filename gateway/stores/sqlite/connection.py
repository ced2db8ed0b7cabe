"""The connections of an open store."""

from __future__ import annotations

import apsw

from gateway.stores.sqlite.key_places import KeyPlaces


class StoreConnection(apsw.Connection):
    """A connection of an open store, which knows where keys can lie."""

    places: KeyPlaces


def places_of(connection: apsw.Connection) -> KeyPlaces | None:
    """Give what a store's connection knows; None for a tool's own connection to a store that nobody has open."""
    return connection.places if isinstance(connection, StoreConnection) else None
