"""What an issuer demands of a receipt, and what it keeps."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError

from gateway.exchange.effects import CommitReceipt
from gateway.linklog.checkpoints import Checkpoint, cosign, parse_checkpoint
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.unit.exchange.link_world import TIME, Link, entries_of, party, receipt_signers, trust


def with_batch_under_way(**trust_changes: object) -> tuple[Link, Checkpoint]:
    """NL has sent one batch; JP has not answered."""
    link = Link(**trust_changes).open()
    link.high.submit(b"a record")
    link.high.work()
    note = link.high.sent.popleft().batch.checkpoint
    return link, parse_checkpoint(parse_note(note, CHECKPOINT_LIMITS).text)


def hear(link: Link, lines: bytes, size: int = 1) -> str:
    link.high.hear(pb.LinkFrame(receipt=pb.Receipt(size=size, lines=lines)))
    return link.high.closed.reason if link.high.closed else ""


def test_a_good_receipt_is_kept_with_the_checkpoint() -> None:
    link, checkpoint = with_batch_under_way()
    lines = cosign(checkpoint, receipt_signers("JP"), TIME)
    assert hear(link, lines) == ""
    assert next(each for each in link.high.to_do if isinstance(each, CommitReceipt)).note.endswith(lines)
    link.settle()
    assert link.high.logs.issued.receipted == 1
    assert link.high.logs.issued.receipt_time == TIME


@pytest.mark.parametrize(
    ("time", "reason"), [(TIME - 301, "CLOCK_SKEW"), (TIME - 300, ""), (TIME + 300, ""), (TIME + 301, "CLOCK_SKEW")]
)
def test_its_time_must_be_near(time: int, reason: str) -> None:
    link, checkpoint = with_batch_under_way()
    assert hear(link, cosign(checkpoint, receipt_signers("JP"), time)) == reason


def test_times_never_fall() -> None:
    link, checkpoint = with_batch_under_way()
    assert hear(link, cosign(checkpoint, receipt_signers("JP"), TIME + 5)) == ""
    link.high.submit(b"another")
    link.high.work()
    link.high.work()
    second = parse_checkpoint(parse_note(link.high.sent[-1].batch.checkpoint, CHECKPOINT_LIMITS).text)
    assert hear(link, cosign(second, receipt_signers("JP"), TIME + 4), size=2) == "MALFORMED"


def test_another_keys_lines_are_no_receipt() -> None:
    for administration in ("NL", "CN"):
        link, checkpoint = with_batch_under_way()
        assert hear(link, cosign(checkpoint, receipt_signers(administration), TIME)) == "SIGNATURE_INVALID"


def test_no_lines_are_no_receipt() -> None:
    link, _ = with_batch_under_way()
    assert hear(link, b"") == "SIGNATURE_INVALID"


def test_lines_for_another_checkpoint_are_no_receipt() -> None:
    link, checkpoint = with_batch_under_way()
    for other in (
        Checkpoint(checkpoint.origin, 2, checkpoint.root),
        Checkpoint(checkpoint.origin, 1, bytes(32)),
        Checkpoint("customs.nl.example/links/CN/1", 1, checkpoint.root),
    ):
        link, _ = with_batch_under_way()
        assert hear(link, cosign(other, receipt_signers("JP"), TIME)) == "SIGNATURE_INVALID"


def test_ml_dsa_is_demanded_where_an_agreement_says_so() -> None:
    link, checkpoint = with_batch_under_way(post_quantum=True)
    assert hear(link, cosign(checkpoint, receipt_signers("JP"), TIME)) == "SIGNATURE_INVALID"
    link, checkpoint = with_batch_under_way(post_quantum=True)
    assert hear(link, cosign(checkpoint, receipt_signers("JP", post_quantum=True), TIME)) == ""


def test_a_key_that_had_ended_at_its_time_does_not_count() -> None:
    link, checkpoint = with_batch_under_way()
    link.cut()
    link.high.trust = trust("NL", "JP", peer=party("JP", valid_until=TIME))
    link.connect()
    link.deliver(link.high)
    link.deliver(link.low)
    link.high.work()
    assert hear(link, cosign(checkpoint, receipt_signers("JP"), TIME)) == "KEY_NOT_VALID"


@pytest.mark.parametrize("size", [2, 3, 2**63])
def test_a_receipt_for_what_was_not_sent_is_malformed(size: int) -> None:
    link, checkpoint = with_batch_under_way()
    assert hear(link, cosign(checkpoint, receipt_signers("JP"), TIME), size=size) == "MALFORMED"


@pytest.mark.parametrize("size", [0, 1])
def test_a_receipt_for_what_is_receipted_already_changes_nothing(size: int) -> None:
    link, checkpoint = with_batch_under_way()
    assert hear(link, cosign(checkpoint, receipt_signers("JP"), TIME)) == ""
    link.settle()
    note = link.high.logs.issued.note
    assert hear(link, b"whatever", size=size) == ""
    assert not link.high.to_do
    assert link.high.logs.issued.note == note


def test_a_receipt_covers_all_smaller_sizes() -> None:
    link = Link().open()
    for round_ in range(3):  # the window grows with receipts
        link.high.submit(*(b"%d %d" % (round_, i) for i in range(4)))
        link.settle()
    link.high.submit(b"first")
    link.high.work()
    link.high.submit(b"second")
    link.high.work()
    batches = [frame.batch for frame in link.high.sent]
    assert len(batches) == 2
    last = parse_checkpoint(parse_note(batches[-1].checkpoint, CHECKPOINT_LIMITS).text)
    link.high.sent.clear()
    assert hear(link, cosign(last, receipt_signers("JP"), TIME), size=last.size) == ""
    link.settle()
    assert link.high.logs.issued.receipted == last.size == len(link.high.logs.issued.entries)


def test_of_several_receipts_while_one_is_being_kept_the_newest_is_kept_next() -> None:
    link = Link().open()
    records = [b"%d" % i for i in range(12)]
    link.high.submit(*records)
    kept = 0
    while len(link.low.logs.held.entries) < len(records):
        while link.high.to_do and not isinstance(link.high.to_do[0], CommitReceipt):
            link.high.work()
        if link.high.to_do and not any(not isinstance(each, CommitReceipt) for each in link.high.to_do):
            assert len(link.high.to_do) == 1
        link.high.to_do.rotate(-1)
        for end in link.ends:
            while end.sent:
                link.deliver(end)
        while link.low.to_do:
            link.low.work()
    while link.high.to_do:
        kept += isinstance(link.high.to_do[0], CommitReceipt)
        link.high.work()
        for end in link.ends:
            while end.sent:
                link.deliver(end)
    assert entries_of(link.low.logs.held)[: len(records)] == records
    assert link.high.logs.issued.receipted == len(records)
    assert kept == 2


@pytest.mark.parametrize("post_quantum", [False, True])
def test_every_byte_of_a_receipt_counts(post_quantum: bool) -> None:
    link, checkpoint = with_batch_under_way(post_quantum=post_quantum)
    lines = cosign(checkpoint, receipt_signers("JP", post_quantum=post_quantum), TIME)
    data = pb.LinkFrame(receipt=pb.Receipt(size=1, lines=lines)).SerializeToString()
    tried = 0
    for at in range(0, len(data), 5 if post_quantum else 1):
        frame = pb.LinkFrame()
        try:
            frame.ParseFromString(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        except DecodeError:
            continue
        if frame.WhichOneof("frame") != "receipt":
            continue
        link.connect()
        link.deliver(link.high)
        link.deliver(link.low)
        link.high.work()
        link.high.hear(frame)
        assert not any(isinstance(effect, CommitReceipt) for effect in link.high.to_do), at
        assert link.high.closed or frame.receipt.size == 0
        tried += 1
    assert tried > len(data) * (0.15 if post_quantum else 0.9)
    assert link.high.logs.issued.receipted == 0


def test_lines_of_unknown_keys_are_not_kept() -> None:
    link, checkpoint = with_batch_under_way()
    stranger = cosign(checkpoint, receipt_signers("CN"), TIME)
    assert hear(link, stranger + cosign(checkpoint, receipt_signers("JP"), TIME) + stranger) == ""
    link.settle()
    assert b"customs.cn.example" not in link.high.logs.issued.note
