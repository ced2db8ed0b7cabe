"""The words at the end of a session: Goodbye as it is said and heard, and the Close that comes of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway.errors import GatewayError, Pressure, UntrustedEvidence
from gateway.exchange.effects import Close
from gateway.exchange.reasons import spoken
from mutualrecognition.federation.v1 import link_pb2 as pb

OVERLOADED_RETRY_SECONDS: Final = 5
MAX_DETAIL: Final = 500
MAX_EVIDENCE: Final = 4
_REASON: Final = re.compile(r"[A-Z][A-Z_]{0,39}")


def close_for(error: GatewayError, notes: Sequence[bytes]) -> Close:
    """Say that this side ends the session; ``notes`` are evidence where the peer's signatures are at fault."""
    evidence = tuple((error.notes or notes)[:MAX_EVIDENCE]) if isinstance(error, UntrustedEvidence) else ()
    wait = OVERLOADED_RETRY_SECONDS if isinstance(error, Pressure) else 0
    return Close(spoken(error.reason), str(error)[:MAX_DETAIL], False, wait, evidence)


def goodbye(close: Close) -> pb.LinkFrame:
    """Tell the peer why this side ends the session."""
    return pb.LinkFrame(
        goodbye=pb.Goodbye(
            reason=close.reason, detail=close.detail, retry_after=close.retry_after, evidence=close.evidence
        )
    )


def answer(heard: Close) -> pb.LinkFrame:
    """Tell the peer that its Goodbye was heard, and that no batch follows from here either."""
    return pb.LinkFrame(goodbye=pb.Goodbye(reason=heard.reason, detail="This side follows the peer's Goodbye."))


def heard_goodbye(unverified: pb.Goodbye) -> Close:
    """Read the peer's Goodbye; what is no reason by its form counts as a fault inside the peer."""
    reason = unverified.reason if _REASON.fullmatch(unverified.reason) else "INTERNAL"
    evidence = tuple(unverified.evidence[:MAX_EVIDENCE])
    return Close(reason, unverified.detail[:MAX_DETAIL], True, unverified.retry_after, evidence)
