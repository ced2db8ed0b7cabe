"""Frames that move nothing: how many of them a partner may send.

A session needs a heartbeat after five seconds of silence, a few frames around its beginning and its end, and whatever a
later version of the protocol adds. A partner that sends them without end takes time from the others, and gets nothing
for itself.
"""

from __future__ import annotations

from typing import Final

from gateway.errors import LimitExceeded
from gateway.exchange.allowance import Allowance
from mutualrecognition.federation.v1 import link_pb2 as pb

AT_ONCE: Final = 200
A_SECOND: Final = 20.0


class IdleFrames:
    """Counts those of one session."""

    def __init__(self) -> None:
        self._allowance = Allowance(at_once=AT_ONCE, a_second=A_SECOND)

    def heard(self, unverified: pb.LinkFrame, monotonic: float, *, awaited: bool) -> None:
        """A frame came in; ``awaited``: a receipt for a batch that is under way.

        Batches with entries are paced by their receipts, awaited receipts by this side's own batches.

        Raises:
            LimitExceeded: too many frames that move nothing.
        """
        if awaited or unverified.batch.entries:
            return
        if not self._allowance.spend(1, monotonic):
            raise LimitExceeded(
                f"More than {A_SECOND:g} frames a second that move nothing: heartbeats, batches without entries."
            )
