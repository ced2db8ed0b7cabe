"""The operator's word that a partner's log goes on in its next generation."""

from __future__ import annotations

from collections.abc import Callable

from gateway.errors import Absent, LogRollback, Malformed
from gateway.ports.histories import Histories
from gateway.trust.book import TrustBook
from gateway.trust.names import MAX_GENERATION, origin


class Renewals:
    """Accepts generations; ``resumed`` is told of a link that only a lost log had suspended."""

    def __init__(
        self,
        *,
        histories: Histories,
        book: Callable[[], TrustBook],
        suspended: Callable[[str], str],
        resumed: Callable[[str], None],
    ) -> None:
        self._histories = histories
        self._book = book
        self._suspended = suspended
        self._resumed = resumed

    async def accept(self, partner: str, generation: int, *, reason: str, actor: str) -> str:
        """Hold the partner's log of this generation from here on, and give its origin.

        Raises:
            Absent: there is no such partner.
            Malformed: there is no such generation.
            Conflict: the log in use is of this generation already, or of a later one.
        """
        book = self._book()
        if partner not in book.partners:
            raise Absent(f"There is no partner {partner!r}.")
        if not 1 <= generation <= MAX_GENERATION:
            raise Malformed(f"A generation is a number from 1 to {MAX_GENERATION}.")
        accepted = origin(book.descriptor_of(partner).domain, book.own, generation)
        await self._histories.accept_generation(partner, origin=accepted, actor=actor, reason=reason)
        if self._suspended(partner) == LogRollback.reason:
            self._resumed(partner)
        return accepted
