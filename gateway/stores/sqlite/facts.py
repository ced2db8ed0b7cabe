"""The port ``FactReader`` on SQLite: one snapshot, key after key, where it is short in the event loop's own thread.

The way to another thread and back takes a decision longer than the read, whose pages are mostly in memory. So facts are
read where they are asked for, as long as that keeps nobody waiting: not when there are many, and not after a read
that took long, as one does that waits for the disk. The next one is then another thread's, until one is quick again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import apsw

from gateway.ports.facts import FactRead, Follow, FoundRecord, Hear, nobody
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.link_standings import LinkStandings, complete_as_of
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
        self._standings = LinkStandings()
        self._was_quick = False

    async def read(self, start: Collection[str], follow: Follow, *, hear: Hear = nobody, limit: int) -> FactRead:
        """Read everything in one go."""
        newest = self._arrivals.newest

        def query(connection: apsw.Connection, most: int = limit) -> FactRead:
            began = self._monotonic()
            records, truncated = read_records(connection, start, follow, newest=newest, limit=most)
            links, complete = self._standings.read(connection), complete_as_of(connection, hear(records))
            found = FactRead(records, links, complete, newest, truncated)
            self._was_quick = self._monotonic() - began < QUICK_SECONDS
            return found

        if self._was_quick:
            few = min(limit, AT_ONCE)
            found = self._reader.at_once(lambda connection: query(connection, few))
            if few == limit or not found.truncated:
                return found
        return await self._reader.run(query)


def read_records(
    connection: apsw.Connection, start: Collection[str], follow: Follow, *, newest: int, limit: int
) -> tuple[list[FoundRecord], bool]:
    """Follow the keys round by round; gives the records, and whether there are more."""
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
        keys = frozenset(follow(page)) - asked if page else frozenset()
    return [found[sequence] for sequence in sorted(found)], truncated or bool(keys)
