"""Evidence that version 0.1.0 has given out must verify for ever: these bundles are never made again.

They came out of ``./run demo --out``; a later version adds its own beside them.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gateway.errors import EvidenceInvalid
from gateway.evidence.verdict import Outcome
from gateway.evidence.verification import verify

GOLDEN = Path(__file__).parent / "evidence"
DIGESTS = {
    administration: base64.b64decode(digest)
    for administration, digest in (line.split() for line in (GOLDEN / "roots.txt").read_text().splitlines())
}


@pytest.mark.parametrize("kind", ["aeo_status", "screening_result", "inspection_outcome"])
def test_a_bundle_of_the_past_is_still_proven(kind: str) -> None:
    verdict = verify((GOLDEN / f"{kind}.zip").read_bytes(), set(DIGESTS.values()))
    assert (verdict.outcome, verdict.kind) == (Outcome.PROVEN, kind)


def test_with_one_digest_alone_it_is_only_consistent() -> None:
    bundle = (GOLDEN / "aeo_status.zip").read_bytes()
    assert verify(bundle, {DIGESTS["CN"]}).outcome is Outcome.CONSISTENT
    assert verify(bundle, {bytes(32)}).outcome is Outcome.CONSISTENT


def test_one_bit_of_the_record_is_enough_to_refuse_it() -> None:
    bundle = bytearray((GOLDEN / "aeo_status.zip").read_bytes())
    at = bundle.index(b"aeo_status") - 1  # within record.bin's release profile or body
    bundle[at] ^= 1
    with pytest.raises(EvidenceInvalid):
        verify(bytes(bundle), set(DIGESTS.values()))
