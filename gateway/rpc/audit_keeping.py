"""What a running node does for its audit log besides writing it: counts refusals, and signs its head from time to time.

A signed head is logged too: where the log is collected elsewhere, what was signed cannot be rewritten here unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import structlog

from gateway.errors import GatewayError
from gateway.exchange.audit_signing import AuditSigning
from gateway.linklog.keys import Signer
from gateway.ports.audit import AuditLog
from gateway.ports.world import Clock
from gateway.rpc.audit_service import AuditService
from gateway.rpc.refusal_log import RefusalLog

SIGN_SECONDS: Final = 3600
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class AuditKeeping:
    """The parts that share the audit log of one node; ``tick`` is a duty of the timekeeper."""

    service: AuditService
    refusals: RefusalLog
    _signing: AuditSigning
    _signed_at: int = 0
    _signed: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, log: AuditLog, signer: Signer, clock: Clock) -> AuditKeeping:
        """Put the parts together."""
        signing = AuditSigning(log=log, signer=signer, clock=clock)
        return cls(AuditService(log=log, signing=signing), RefusalLog(log=log, clock=clock), signing)

    async def tick(self, now: int) -> None:
        """Write counted refusals; sign the head at the start and every hour."""
        await self.refusals.settle()
        if not self._signed_at <= now < self._signed_at + SIGN_SECONDS:
            self._signed_at = now
            await self._sign()

    async def close(self) -> None:
        """Leave nothing unwritten and unsigned; the last thing that a node does before it closes its store."""
        await self.refusals.settle(everything=True)
        try:
            await self._sign()
        except GatewayError as error:
            _log.error("audit log not signed", why=str(error))

    async def _sign(self) -> None:
        signed = await self._signing.checkpoint()
        if signed != self._signed:
            self._signed = signed
            _log.info("audit log signed", checkpoint=signed.decode())
