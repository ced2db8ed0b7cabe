"""How links stand when a decision is made: which of them are suspended, and how much of what a partner said is here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import apsw

from gateway.ports.facts import PartnerLink

_WHAT_CHANGES: Final = (
    "SELECT m.newest, k.partner, k.suspended FROM (SELECT coalesce(max(id), 0) AS newest FROM link) m"
    " LEFT JOIN link k ON k.suspended <> ''"
)
"""Links are only ever added, and suspended: two looks into indexes, however many partners there are."""
_ALL: Final = "SELECT partner, suspended FROM link ORDER BY partner"
_COMPLETE: Final = (
    "SELECT k.partner, max(k.complete_at, coalesce((SELECT l.receipt_time FROM log l"
    " WHERE l.link = k.id AND l.received = 1 ORDER BY l.generation DESC LIMIT 1), 0)) FROM link k"
)


class LinkStandings:
    """Every link of an open store, read again only when one has changed; any thread asks."""

    def __init__(self) -> None:
        self._known: tuple[Sequence[object], Sequence[PartnerLink]] = (), ()

    def read(self, connection: apsw.Connection) -> Sequence[PartnerLink]:
        """Give how links stand in this snapshot, by partner: the same object as before when nothing has changed."""
        now = connection.execute(_WHAT_CHANGES).fetchall()
        known, links = self._known
        if known != now:
            links = tuple([PartnerLink(str(name), str(why)) for name, why in connection.execute(_ALL).fetchall()])
            self._known = now, links
        return links


def complete_as_of(connection: apsw.Connection, partners: Collection[str] | None) -> Mapping[str, int]:
    """Give up to when all that these partners said is here, None: that everyone said."""
    if partners is None:
        return dict(connection.execute(_COMPLETE).fetchall())  # type: ignore[arg-type]
    if not partners:
        return {}
    query = f"{_COMPLETE} WHERE k.partner IN ({', '.join('?' * len(partners))})"
    return dict(connection.execute(query, tuple(partners)).fetchall())  # type: ignore[arg-type]
