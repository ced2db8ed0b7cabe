"""Calls that are under way: who may no longer make one is cut off, and no partner takes more than its share.

The caller of a call is known when it begins. A stream may last for days, so its caller is looked up again about every
second; one whose certificate, registration or role has gone meanwhile is told so, and the stream ends. Sessions of
links ask for themselves, at every batch and heartbeat, and say Goodbye.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.errors import GatewayError, ShareSpent
from gateway.exchange.allowance import Allowance

CONNECTIONS: Final = 4
CALLS_UNDER_WAY: Final = 8
CALLS_A_SECOND: Final = 10.0
CALLS_AT_ONCE: Final = 20.0
REFUSALS_A_SECOND: Final = 20.0
REFUSALS_AT_ONCE: Final = 100.0
LONGEST_WAIT: Final = 10.0
"""A refusal costs this node a millisecond, so who asks without end is answered no faster than this."""

Look = Callable[[], None]
"""Raises the error for which a caller may not go on."""


@dataclass(slots=True, eq=False)
class OpenCall:
    """One call, to be entered while it lasts; ``refusal`` is why it was cut off.

    The cancellation of a call that was cut off becomes what it was cut off for.
    """

    task: asyncio.Task[object]
    look: Look | None
    among: set[OpenCall]
    refusal: GatewayError | None = None

    def __enter__(self) -> None:
        """Be known."""
        self.among.add(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Be forgotten."""
        self.among.discard(self)
        if self.refusal is not None and isinstance(error, asyncio.CancelledError):
            self.task.uncancel()
            raise self.refusal from None


class OpenCalls:
    """All calls of a node's ports."""

    def __init__(self) -> None:
        self._calls: set[OpenCall] = set()

    def under_way(self, look: Look | None) -> OpenCall:
        """Give what knows of this task's call while it is entered; ``look`` None: the call looks for itself."""
        task = asyncio.current_task()
        assert task is not None
        return OpenCall(task, look, self._calls)

    async def look_again(self, _now: int = 0) -> None:
        """Cut off every call whose caller may not make it any longer."""
        for call in tuple(self._calls):
            if call.look is None or call.refusal is not None:
                continue
            try:
                call.look()
            except GatewayError as refusal:
                call.refusal = refusal
                call.task.cancel()


class Shares:
    """What each partner may have of the peer port: connections with calls on them, calls at once, calls a second.

    gRPC shows no connection before its first call, and closes one without calls after a while. ``monotonic`` gives
    seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._addresses: dict[str, Counter[str]] = {}
        self._allowances: dict[str, Allowance] = {}
        self._answered: dict[str, float] = {}

    @contextmanager
    def taken(self, partner: str, address: str) -> Iterator[None]:
        """Let a partner have one call more, from this address, while it lasts.

        Raises:
            ShareSpent: it has its share already.
        """
        self._spend(partner)
        open_from = self._addresses.setdefault(partner, Counter())
        if address not in open_from and len(open_from) >= CONNECTIONS:
            raise ShareSpent(f"{partner} has calls on {CONNECTIONS} connections already.")
        if open_from.total() >= CALLS_UNDER_WAY:
            raise ShareSpent(f"{partner} has {CALLS_UNDER_WAY} calls under way already.")
        open_from[address] += 1
        try:
            yield
        finally:
            open_from[address] -= 1
            if not open_from[address]:
                del open_from[address]

    def seconds_until_refusal(self, partner: str) -> float:
        """Give how long a call that is refused now is to wait for its answer. All strangers count as one, ``""``.

        Meanwhile it takes none of the partner's share, but one of the streams that the transport allows.
        """
        now = self._monotonic()
        earliest = now - REFUSALS_AT_ONCE / REFUSALS_A_SECOND
        answered = max(earliest, self._answered.get(partner, earliest)) + 1 / REFUSALS_A_SECOND
        self._answered[partner] = answered = min(answered, now + LONGEST_WAIT)
        return max(0.0, answered - now)

    def _spend(self, partner: str) -> None:
        """Take one call from the partner's allowance, which fills up with time."""
        full = Allowance(at_once=CALLS_AT_ONCE, a_second=CALLS_A_SECOND)
        if not self._allowances.setdefault(partner, full).spend(1, self._monotonic()):
            raise ShareSpent(f"{partner} makes more than {CALLS_A_SECOND:g} calls a second.")
