"""Receipted checkpoints after a key of either side was ended at an earlier time, and the batch that signs anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.exchange.counting import still_counts
from gateway.exchange.issuing import Issuing
from gateway.exchange.limits import LinkLimits
from gateway.exchange.log_comparison import LogStanding
from gateway.exchange.moment import Moment
from gateway.exchange.window import Window
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.linklog.tree import CompactRange
from gateway.ports.links import LogState
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.unit.exchange.link_world import TIME, log_signers, party, receipt_signers, trust

ORIGIN = "customs.jp.example/links/NL/1"
TREE, _ = CompactRange().append_all([leaf_hash(bytes(32))] * 3)
CHECKPOINT = Checkpoint(ORIGIN, TREE.size, TREE.root())
NOTE = sign_checkpoint(CHECKPOINT, log_signers("JP"), TIME) + cosign(CHECKPOINT, receipt_signers("NL"), TIME)
NEW = SeedSigner.from_seed("customs.jp.example/links", KeyType.NOTE_ED25519, bytes([9]) * 32)


@pytest.mark.parametrize(
    ("log_until", "receipt_until", "counts"),
    [(TIME + 1, TIME + 1, True), (TIME, TIME + 1, False), (TIME + 1, TIME, False)],
)
def test_a_note_counts_while_both_keys_did_at_its_receipts_time(
    log_until: int, receipt_until: int, counts: bool
) -> None:
    keys = {
        "log_keys": party("JP", valid_until=log_until).log_keys,
        "receipt_keys": party("NL", valid_until=receipt_until).receipt_keys,
    }
    assert still_counts(NOTE, **keys) is counts


def issuing(*, stolen_at: int, resume_from: int = 3) -> Issuing:
    old = party("JP", valid_until=stolen_at)
    own = replace(old, log_keys=(*old.log_keys, DatedKey(NEW.key, TIME, 2**40)))
    state = LogState(ORIGIN, 1, TREE, TREE.size, NOTE, TIME)
    return Issuing(
        log=state,
        standing=LogStanding(resume_from, None, 0, None),
        trust=trust("JP", "NL", own=own),
        signers=[*log_signers("JP"), NEW],
        window=Window(LinkLimits(), post_quantum=False),
        skew=300,
        held_back=frozenset(),
    )


def test_what_a_stolen_key_signed_is_signed_anew_once_and_takes_its_receipt() -> None:
    now = Moment(TIME + 60, 1.0)
    session = issuing(stolen_at=TIME)
    frame = session.signing_anew(now)
    assert frame is not None
    assert (frame.batch.first, len(frame.batch.entries)) == (3, 0)
    assert frame.batch.checkpoint == sign_checkpoint(CHECKPOINT, [NEW], TIME + 60)
    assert session.signing_anew(now) is None
    assert not session.idle
    lines = cosign(CHECKPOINT, receipt_signers("NL"), TIME + 60)
    commit = session.receipt(pb.Receipt(size=3, lines=lines), now)
    assert commit is not None
    assert still_counts(commit.note, log_keys=[DatedKey(NEW.key, TIME, 2**40)], receipt_keys=party("NL").receipt_keys)


@pytest.mark.parametrize(
    ("stolen_at", "resume_from"), [(TIME + 1, 3), (TIME, 2)], ids=["it counts", "sent again anyway"]
)
def test_nothing_is_signed_anew_without_need(stolen_at: int, resume_from: int) -> None:
    assert issuing(stolen_at=stolen_at, resume_from=resume_from).signing_anew(Moment(TIME + 60, 1.0)) is None
