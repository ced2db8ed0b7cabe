"""How much one partner may have quarantined: it fills this side's disk, and each judgement is a record of this side's.

A partner with a fault in its software sends bad records for days, so there is a burst and a steady rate. Beyond both,
the session ends with ``OVERLOADED`` before the batch is stored, and goes on when there is room: nothing is lost, the
partner alone waits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from gateway.errors import QuarantineFull
from gateway.exchange.allowance import Allowance
from gateway.ports.links import JudgedEntry, Standing

BYTES_AT_ONCE: Final = 64 * 1024 * 1024
BYTES_A_SECOND: Final = 4 * 1024
ENTRY_BYTES: Final = 1024
"""What an entry costs besides its record: its row, its violations, its share of a judgement."""


class QuarantineRoom:
    """The room of one partner, over all its sessions. ``monotonic`` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._allowance = Allowance(at_once=BYTES_AT_ONCE, a_second=BYTES_A_SECOND)

    def take(self, partner: str, judged: Sequence[JudgedEntry]) -> None:
        """Let the quarantined ones of a batch be stored.

        Raises:
            QuarantineFull: there is no room for them now.
        """
        bad = [each.entry for each in judged if each.standing is Standing.QUARANTINED and each.entry.salt]
        needed = sum(ENTRY_BYTES + len(entry.record) for entry in bad)
        if needed and not self._allowance.spend(needed, self._monotonic()):
            seconds = math.ceil(self._allowance.seconds_until(needed))
            raise QuarantineFull(
                f"{len(bad)} records of {partner} would be quarantined, and of its records so many are that there is no"
                f" room for them for {seconds} s."
            )
