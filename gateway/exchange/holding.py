"""The holding half of a session: the partner's log on its way to this side.

Batches are verified as they come in, one against the other, and committed one by one behind that; a receipt leaves
only after its commit. What is verified but not committed is bounded by the window that this side announced.
"""

from __future__ import annotations

from collections import deque

from gateway.errors import LimitExceeded
from gateway.exchange.batches import HeldLog, LostHistory, VerifiedBatch
from gateway.exchange.effects import TakeBatch
from gateway.exchange.limits import LinkLimits
from gateway.exchange.moment import Moment
from gateway.exchange.session_trust import SessionTrust
from gateway.ports.links import LogState
from mutualrecognition.federation.v1 import link_pb2 as pb


class Holding:
    """Takes batches and gives receipts."""

    def __init__(self, *, log: LogState, lost: LostHistory | None, trust: SessionTrust, limits: LinkLimits) -> None:
        self._log = HeldLog(log.origin, log.tree, log.receipt_time, lost)
        self._trust = trust
        self._limits = limits
        self._under_way: deque[int] = deque()

    @property
    def idle(self) -> bool:
        """Whether everything that came in is committed."""
        return not self._under_way

    def batch(self, unverified: pb.Batch, frame_bytes: int, now: Moment) -> TakeBatch:
        """Do checks 1 to 4; the rest of the list is ``arrival``'s.

        Raises:
            GatewayError: what ``HeldLog.take`` raises; the session ends with it.
        """
        self._check_window(len(unverified.entries), frame_bytes)
        batch: VerifiedBatch = self._log.take(
            unverified, self._trust, records=max(1, self._limits.batch_records), now=now.time
        )
        self._log = self._log.grown_by(batch)
        self._under_way.append(frame_bytes)
        return TakeBatch(batch)

    def committed(self, size: int, lines: bytes) -> pb.LinkFrame:
        """The oldest batch under way is durable: give its receipt."""
        self._under_way.popleft()
        return pb.LinkFrame(receipt=pb.Receipt(size=size, lines=lines))

    def _check_window(self, records: int, frame_bytes: int) -> None:
        limits = self._limits
        if len(self._under_way) >= max(1, limits.window_batches):
            raise LimitExceeded(f"More than {limits.window_batches} batches are without receipt.")
        if records <= 1:
            return
        if frame_bytes > limits.batch_bytes:
            raise LimitExceeded(f"The batch has {frame_bytes} bytes; {limits.batch_bytes} are the most.")
        if sum(self._under_way) + frame_bytes > limits.window_bytes:
            raise LimitExceeded(f"More than {limits.window_bytes} bytes are without receipt.")
