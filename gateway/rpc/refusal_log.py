"""Refused callers in the audit log, without letting those who are refused fill it.

The first refusal of a kind is written at once. Those of the same kind within a minute are counted, and their number
is written with the next one after it, or by ``settle``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog

from gateway.errors import CallerNotPermitted, GatewayError, NotPermitted, ShareSpent, Unauthenticated
from gateway.ports.audit import AuditLog
from gateway.ports.world import Clock

QUIET_SECONDS: Final = 60
KINDS_AT_MOST: Final = 256
"""Kinds that are told apart at a time; whatever is beyond them is counted as one kind, ``others``."""
_SENTENCE_AT_MOST: Final = 300
_OTHERS: Final = ("others", "", "")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kind:
    since: int
    more: int = 0


class RefusalLog:
    """Writes refusals of callers. That an entry cannot be written never lets a caller in."""

    def __init__(self, *, log: AuditLog, clock: Clock) -> None:
        self._audit = log
        self._clock = clock
        self._kinds: dict[tuple[str, str, str], _Kind] = {}

    async def note(self, error: GatewayError, *, method: str, caller: str, address: str) -> None:
        """Note that a caller was turned away at the door of ``method``; ``caller`` is empty for a stranger."""
        if not isinstance(error, Unauthenticated | NotPermitted | ShareSpent):
            return
        now = self._clock.now()
        actor = caller or f"stranger at {_host(address)}"
        key = (actor, method, error.reason)
        if key not in self._kinds and len(self._kinds) >= KINDS_AT_MOST:
            key = _OTHERS
        kind = self._kinds.get(key)
        if kind is not None and kind.since <= now < kind.since + QUIET_SECONDS:
            kind.more += 1
            return
        more = f" ({kind.more} more before this one)" if kind is not None and kind.more else ""
        self._kinds[key] = _Kind(now)
        said = error.sentence if isinstance(error, CallerNotPermitted) else f"{method}: {error.sentence}"
        await self._write(key[0], f"{error.reason}, {said[:_SENTENCE_AT_MOST]}{more}")

    async def settle(self, *, everything: bool = False) -> None:
        """Write how many were refused since, for every kind whose minute is over, or for all."""
        now = self._clock.now()
        quiet = 0 if everything else QUIET_SECONDS
        over = {key: kind for key, kind in self._kinds.items() if not kind.since <= now < kind.since + quiet}
        for key, kind in over.items():
            del self._kinds[key]
            if kind.more:
                actor, method, reason = key
                await self._write(actor, f"{reason or 'refused'}, {method or 'any method'}: {kind.more} more")

    async def _write(self, actor: str, detail: str) -> None:
        try:
            await self._audit.note(actor=actor, action="refuse", detail=detail)
        except GatewayError as error:
            _log.error("refusal not in the audit log", actor=actor, detail=detail, why=str(error))


def _host(address: str) -> str:
    """Take the port away from gRPC's name of a peer: each connection has another."""
    return address.rpartition(":")[0] or address
