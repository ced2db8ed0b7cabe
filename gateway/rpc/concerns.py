"""What the operator should look at before it hurts: what ends soon, and certificates that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.rpc.watched_identity import WatchedIdentity
from gateway.trust.book import TrustBook
from gateway.trust.expiry import Ending, endings

LOOK_SECONDS: Final = 60
_URGENT_DAYS: Final = 1
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing in words, with who must act; ``urgent`` when it is a day away, has happened, or is broken now."""

    sentence: str
    urgent: bool


class Concerns:
    """Looks once a minute, warns once a threshold in the log, and tells at any time what there is."""

    def __init__(self, *, book: Callable[[], TrustBook], identities: Sequence[WatchedIdentity]) -> None:
        self._book = book
        self._identities = identities
        self._warned: dict[tuple[str, str, int], int] = {}
        self._looked_at: int | None = None

    async def tick(self, now: int) -> None:
        """Warn of what has come nearer; a duty of the timekeeper."""
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + LOOK_SECONDS:
            return
        self._looked_at = now
        for identity in self._identities:
            identity()  # also while nobody connects: an alarm must not wait for a caller
        for ending in self._endings():
            self._warn(ending, now)

    def present(self, now: int) -> list[Concern]:
        """Give everything that is of concern now, what is most urgent first."""
        broken = [
            Concern(f"{each.fault} The former one stays in force until it ends; mend the file.", urgent=True)
            for each in self._identities
            if each.fault
        ]
        ending = [
            Concern(each.sentence(now), urgent=threshold <= _URGENT_DAYS)
            for each in self._endings()
            if (threshold := each.threshold(now)) is not None
        ]
        return broken + ending

    def _endings(self) -> tuple[Ending, ...]:
        return endings(self._book(), [(each.name, each.last.chain) for each in self._identities])

    def _warn(self, ending: Ending, now: int) -> None:
        threshold = ending.threshold(now)
        key = (ending.owner, ending.what, ending.ends)
        if threshold is None or self._warned.get(key, threshold + 1) <= threshold:
            return
        self._warned[key] = threshold
        told = _log.error if threshold <= _URGENT_DAYS else _log.warning
        told("ends soon" if threshold else "has ended", detail=ending.sentence(now), days=threshold)
