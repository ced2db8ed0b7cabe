"""Making an evidence bundle (docs/protocol.md, Evidence bundle)."""

from __future__ import annotations

from gateway.evidence.archive import write_archive
from gateway.evidence.composition import EvidenceParts, compose
from gateway.evidence.verification import verify


def build(parts: EvidenceParts) -> bytes:
    """Make the bundle of one record; the same parts give the same bytes.

    It is verified before it is given away: what does not hold is never exported.

    Raises:
        EvidenceInvalid: it would not verify, or it would need more than 4 MiB.
        GatewayError: a part that is wrong by itself, of the kind of what is wrong.
    """
    bundle = write_archive(compose(parts).in_order())
    verify(bundle)
    return bundle
