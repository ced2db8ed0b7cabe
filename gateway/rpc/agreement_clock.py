"""Opens links anew when time alone has changed which agreements are in force: a version takes over, or ends.

What a session believes is fixed from its Hello on (docs/protocol.md, The session). So the moment at which a version
begins or ends is a change of trust like any other: a new handshake, at once.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from gateway.trust.book import TrustBook

_log = structlog.get_logger(__name__)

InForce = dict[str, tuple[tuple[str, int], ...]]


class AgreementClock:
    """Compares what is in force now with what was a second ago; ``renew`` opens every link anew."""

    def __init__(self, *, book: Callable[[], TrustBook], renew: Callable[[TrustBook], None]) -> None:
        self._book = book
        self._renew = renew
        self._seen: tuple[TrustBook, InForce] | None = None

    async def tick(self, now: int) -> None:
        """Look; a duty of the timekeeper. A change of the book itself has opened the links anew already."""
        book = self._book()
        present = {
            partner: tuple((each.terms.id, each.terms.version) for each in book.agreements_with(partner, now))
            for partner in book.partners
        }
        before, self._seen = self._seen, (book, present)
        if before is None or before[0] is not book or before[1] == present:
            return
        changed = sorted(partner for partner in present if present[partner] != before[1].get(partner))
        told = {partner: [f"{identity}/{version}" for identity, version in present[partner]] for partner in changed}
        _log.info("agreements in force have changed", partners=told)
        self._renew(book)
