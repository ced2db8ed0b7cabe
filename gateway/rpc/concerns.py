"""What the operator should look at before it hurts: what ends soon, certificates that are broken or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.rpc.watched_identity import WatchedIdentity
from gateway.trust.book import TrustBook
from gateway.trust.expiry import Ending, endings

LOOK_SECONDS: Final = 60
FILES_SECONDS: Final = 10
"""Files are looked at more often: whoever has just put one there is still about."""
_URGENT_DAYS: Final = 1
_MUST_ACT: Final = (
    "This node's operator must put one there from an authority in the descriptor, with the names of docs/protocol.md, "
    "section 11, and no others."
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing in words, with who must act; ``urgent`` when it is a day away, has happened, or is broken now."""

    sentence: str
    urgent: bool


class Concerns:
    """Looks again and again, warns once a threshold in the log, and tells at any time what there is.

    ``refusal`` says why partners refuse the certificate that they are shown; empty when they take it.
    """

    def __init__(
        self,
        *,
        book: Callable[[], TrustBook],
        identities: Sequence[WatchedIdentity],
        refusal: Callable[[], str] = lambda: "",
    ) -> None:
        self._book = book
        self._identities = identities
        self._refusal = refusal
        self._refused = ""
        self._files_at: int | None = None
        self._warned: dict[tuple[str, str, int], int] = {}
        self._looked_at: int | None = None

    async def tick(self, now: int) -> None:
        """Warn of what has come nearer; a duty of the timekeeper."""
        if _is_due(self._files_at, now, FILES_SECONDS):
            self._files_at = now
            self._look_at_files()
        if not _is_due(self._looked_at, now, LOOK_SECONDS):
            return
        self._looked_at = now
        for ending in self._endings():
            self._warn(ending, now)

    def present(self, now: int) -> list[Concern]:
        """Give everything that is of concern now, what is most urgent first."""
        broken = [
            Concern(f"{each.fault} The former one stays in force until it ends; mend the file.", urgent=True)
            for each in self._identities
            if each.fault
        ]
        if self._refused:
            broken.append(Concern(self._refused, urgent=True))
        ending = [
            Concern(each.sentence(now), urgent=threshold <= _URGENT_DAYS)
            for each in self._endings()
            if (threshold := each.threshold(now)) is not None
        ]
        return broken + ending

    def _look_at_files(self) -> None:
        """Do so also while nobody connects: an alarm must not wait for a caller."""
        for identity in self._identities:
            identity()
        why = self._refusal()
        refused = f"Partners refuse this node's gateway certificate: {why} {_MUST_ACT}" if why else ""
        if refused and refused != self._refused:
            _log.error("partners refuse the certificate", detail=refused)
        elif self._refused and not refused:
            _log.info("partners take the certificate again")
        self._refused = refused

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


def _is_due(looked_at: int | None, now: int, seconds: int) -> bool:
    """Say whether it is time again; also when the clock was set back."""
    return looked_at is None or not looked_at <= now < looked_at + seconds
