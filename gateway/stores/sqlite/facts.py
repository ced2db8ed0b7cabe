"""The port ``FactReader`` on SQLite: one snapshot, key after key, where it is short in the event loop's own thread.

The way to another thread and back takes a decision longer than the read, whose pages are mostly in memory. So facts are
read where they are asked for, as long as that keeps nobody waiting: not when there are many, and not after a read
that took long, as one does that waits for the disk. The next one is then another thread's, until one is quick again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import apsw

from gateway.ports.facts import FactRead, Follow, FoundRecord, PartnerLink
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.proven import ProvenRecords
from gateway.stores.sqlite.reader import Reader

ROUNDS: Final = 8
"""How far is followed from the keys asked for; a chain that is longer is a mistake or an attack."""
AT_ONCE: Final = 256
"""Records read at most while the event loop waits: about 3 ms."""
QUICK_SECONDS: Final = 0.005


class SqliteFactReader:
    """Reads facts; the docstrings of ``gateway.ports.facts.FactReader`` are its contract."""

    def __init__(self, *, reader: Reader, arrivals: Arrivals, monotonic: Callable[[], float]) -> None:
        self._reader = reader
        self._arrivals = arrivals
        self._monotonic = monotonic
        self._was_quick = False

    async def read(self, start: Collection[str], follow: Follow, *, limit: int) -> FactRead:
        """Read everything in one go."""
        newest = self._arrivals.newest

        def query(connection: apsw.Connection, most: int = limit) -> FactRead:
            began = self._monotonic()
            found = read_facts(connection, start, follow, newest=newest, limit=most)
            self._was_quick = self._monotonic() - began < QUICK_SECONDS
            return found

        if self._was_quick:
            few = min(limit, AT_ONCE)
            found = self._reader.at_once(lambda connection: query(connection, few))
            if few == limit or not found.truncated:
                return found
        return await self._reader.run(query)


def read_facts(
    connection: apsw.Connection, start: Collection[str], follow: Follow, *, newest: int, limit: int
) -> FactRead:
    """Follow the keys round by round."""
    under = ProvenRecords(connection, newest)
    found: dict[int, FoundRecord] = {}
    asked: set[str] = set()
    keys = frozenset(start)
    truncated = False
    for _ in range(ROUNDS):
        if not keys or truncated:
            break
        room = limit - len(found)
        page = under.some_of(keys, most=room + 1, without=found)
        truncated = len(page) > room
        del page[room:]
        found.update([(each.sequence, each) for each in page])
        asked |= keys
        keys = frozenset(follow(page)) - asked
    records = [found[sequence] for sequence in sorted(found)]
    return FactRead(records, _links(connection), newest, truncated or bool(keys))


def _links(connection: apsw.Connection) -> list[PartnerLink]:
    rows = connection.execute(
        "SELECT k.partner, k.suspended, max(k.complete_at, coalesce((SELECT l.receipt_time FROM log l"
        " WHERE l.link = k.id AND l.received = 1 ORDER BY l.generation DESC LIMIT 1), 0))"
        " FROM link k ORDER BY k.partner"
    )
    return [PartnerLink(*row) for row in rows]
