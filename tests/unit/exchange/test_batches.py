"""Checks 1 to 4 of a batch, in the protocol's order, each with its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.message import DecodeError

from gateway.errors import FrameMalformed
from gateway.exchange.batches import HeldLog, LostHistory
from gateway.exchange.effects import TakeBatch
from gateway.exchange.limits import LinkLimits
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.tree import CompactRange
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.unit.exchange.link_world import TIME, End, Link, entries_of, log_signers, party, trust

Change = Callable[[pb.Batch], object]


def on_the_way(records: int = 3, **trust_changes: object) -> Link:
    """JP holds one entry of NL's; a batch of several is on its way."""
    link = Link(**trust_changes).open()
    link.high.submit(b"the first")
    link.settle()
    link.high.submit(*(b"record %d" % i for i in range(records)))
    link.high.work()
    return link


def heard_with(change: Change, **trust_changes: object) -> End:
    link = on_the_way(1, **trust_changes)
    change(link.high.sent[0].batch)
    link.deliver(link.high)
    return link.low


def resign(batch: pb.Batch, *, origin: str = "", size: int = 0, root: bytes = b"", signer: str = "NL") -> None:
    """Sign the batch's checkpoint anew, with changes: what a partner with its own key could send."""
    old = parse_checkpoint(parse_note(batch.checkpoint, CHECKPOINT_LIMITS).text)
    checkpoint = Checkpoint(origin or old.origin, size or old.size, root or old.root)
    batch.checkpoint = sign_checkpoint(checkpoint, log_signers(signer), TIME)


def set_entry(batch: pb.Batch, **values: bytes) -> None:
    for name, value in values.items():
        setattr(batch.entries[0], name, value)


def twice(batch: pb.Batch) -> None:
    batch.entries.add().CopyFrom(batch.entries[0])


FAULTS: dict[str, tuple[Change, str]] = {
    "1 record too large": (lambda b: set_entry(b, record=bytes(256 * 1024 + 1)), "LIMIT_EXCEEDED"),
    "1 too many entries": (lambda b: [b.entries.add(salt=bytes(16)) for _ in range(1000)], "LIMIT_EXCEEDED"),
    "salt of 15 bytes": (lambda b: set_entry(b, salt=bytes(15)), "MALFORMED"),
    "salt of 17 bytes": (lambda b: set_entry(b, salt=bytes(17)), "MALFORMED"),
    "no salt": (lambda b: set_entry(b, salt=b""), "MALFORMED"),
    "both forms": (lambda b: set_entry(b, commitment=bytes(32)), "MALFORMED"),
    "commitment of 31 bytes": (lambda b: set_entry(b, salt=b"", record=b"", commitment=bytes(31)), "MALFORMED"),
    "commitment never held": (lambda b: set_entry(b, salt=b"", record=b"", commitment=bytes(32)), "MALFORMED"),
    "2 first below": (lambda b: setattr(b, "first", 0), "OUT_OF_ORDER"),
    "2 first beyond": (lambda b: setattr(b, "first", 2), "OUT_OF_ORDER"),
    "2 no checkpoint": (lambda b: b.ClearField("checkpoint"), "MALFORMED"),
    "2 other origin": (lambda b: resign(b, origin="customs.nl.example/links/CN/1"), "MALFORMED"),
    "2 own origin": (lambda b: resign(b, origin="customs.jp.example/links/NL/1"), "MALFORMED"),
    "2 later generation": (lambda b: resign(b, origin="customs.nl.example/links/JP/2"), "MALFORMED"),
    "2 size held, other root": (lambda b: resign(b, size=1), "LOG_FORK"),
    "2 size beyond": (lambda b: resign(b, size=3), "MALFORMED"),
    "2 one entry too many": (twice, "MALFORMED"),
    "2 one entry too few": (lambda b: b.ClearField("entries"), "MALFORMED"),
    "3 other root": (lambda b: resign(b, root=bytes(32)), "ROOT_MISMATCH"),
    "3 other record": (lambda b: set_entry(b, record=b"another"), "ROOT_MISMATCH"),
    "3 other salt": (lambda b: set_entry(b, salt=bytes(16)), "ROOT_MISMATCH"),
    "4 another's key": (lambda b: resign(b, signer="CN"), "SIGNATURE_INVALID"),
    "4 own key": (lambda b: resign(b, signer="JP"), "SIGNATURE_INVALID"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_reason_and_nothing_is_stored(fault: str) -> None:
    change, reason = FAULTS[fault]
    end = heard_with(change)
    assert end.closed
    assert (end.closed.reason, end.closed.by_peer) == (reason, False)
    assert not end.to_do
    assert len(end.logs.held.entries) == 1


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("1 record too large", "2 first below"), "LIMIT_EXCEEDED"),
        (("2 first below", "3 other root"), "OUT_OF_ORDER"),
        (("2 other origin", "3 other record"), "MALFORMED"),
        (("4 another's key", "3 other record"), "ROOT_MISMATCH"),
    ],
)
def test_the_first_fault_in_the_protocols_order_counts(names: tuple[str, ...], reason: str) -> None:
    end = heard_with(lambda batch: [FAULTS[name][0](batch) for name in names])
    assert end.closed
    assert end.closed.reason == reason


def test_4_a_key_that_has_ended_does_not_count_for_a_new_batch() -> None:
    link = on_the_way(1)
    link.low.trust = trust("JP", "NL", peer=party("NL", valid_until=TIME))
    link.cut()
    link.connect().settle()
    assert link.low.closed
    assert link.low.closed.reason == "KEY_NOT_VALID"


def test_4_ml_dsa_is_demanded_where_an_agreement_says_so() -> None:
    end = heard_with(resign, post_quantum=True)
    assert end.closed
    assert end.closed.reason == "SIGNATURE_INVALID"


@pytest.mark.parametrize("post_quantum", [False, True])
def test_every_byte_of_a_batch_counts(post_quantum: bool) -> None:
    link = on_the_way(1, post_quantum=post_quantum)
    link.low.logs.outbox.clear()  # a judgement on the first
    data = link.high.sent[0].SerializeToString()
    tried = 0
    for at in range(0, len(data), 7 if post_quantum else 1):  # ML-DSA's 2,420 bytes need not all be tried
        frame = pb.LinkFrame()
        try:
            frame.ParseFromString(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        except DecodeError:
            continue  # never comes as far as the session
        if frame.WhichOneof("frame") != "batch":
            continue
        link.connect()
        link.deliver(link.high)
        link.low.hear(frame)
        assert link.low.closed, (at, data[max(0, at - 5) : at + 5])
        assert not any(isinstance(effect, TakeBatch) for effect in link.low.to_do)
        tried += 1
    assert tried > len(data) * (0.1 if post_quantum else 0.9)
    assert len(link.low.logs.held.entries) == 1


def test_a_batch_of_another_session_comes_too_late() -> None:
    link = on_the_way(1)
    replay = pb.LinkFrame()
    replay.CopyFrom(link.high.sent[0])
    link.settle()
    link.low.hear(replay)
    assert link.low.closed
    assert link.low.closed.reason == "OUT_OF_ORDER"
    assert entries_of(link.low.logs.held) == [b"the first", b"record 0"]


def test_a_second_batch_for_the_same_index_that_is_signed_too_is_a_fork() -> None:
    link = on_the_way(1)
    first = pb.LinkFrame()
    first.CopyFrom(link.high.sent[0])
    link.settle()
    other = first.batch
    set_entry(other, record=b"another story")
    resign(other, root=b"\1" * 32)
    link.low.hear(first)
    assert link.low.closed
    assert (link.low.closed.reason, link.low.closed.evidence) == ("LOG_FORK", (other.checkpoint,))


def test_another_root_for_the_size_held_that_somebody_else_signed_is_no_fork() -> None:
    link = on_the_way(1)
    first = pb.LinkFrame()
    first.CopyFrom(link.high.sent[0])
    link.settle()
    resign(first.batch, root=b"\1" * 32, signer="CN")
    link.low.hear(first)
    assert link.low.closed
    assert link.low.closed.reason == "OUT_OF_ORDER"


def test_a_batch_for_another_partner_is_refused() -> None:
    other = Link(higher="NL", lower="CN").open()
    other.high.submit(b"for CN alone")
    other.high.work()
    link = Link().open()
    link.low.hear(other.high.sent[0])
    assert link.low.closed
    assert link.low.closed.reason == "MALFORMED"


def test_what_is_under_way_is_bounded_by_the_window_announced() -> None:
    link = on_the_way(1)
    link.low.limits = LinkLimits(window_batches=2)
    link.cut()
    link.open()
    held = link.low.logs.held
    tree, size = held.tree(len(held.entries)), len(held.entries)
    for more in range(3):
        batch = batch_without_entries(held.origin, tree)
        assert batch.first == size
        link.low.hear(pb.LinkFrame(batch=batch))
        assert (link.low.session.state.name == "OPEN") == (more < 2)
    while link.low.to_do:
        link.low.work()
    assert link.low.closed
    assert link.low.closed.reason == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "limits",
    [LinkLimits(batch_bytes=500), LinkLimits(window_bytes=500), LinkLimits(batch_records=2)],
    ids=["batch_bytes", "window_bytes", "batch_records"],
)
def test_1_a_batch_over_a_limit_is_refused(limits: LinkLimits) -> None:
    link = on_the_way(1)
    link.high.submit(*(b"%d" % i * 300 for i in range(3)))
    batch = link.high.sent[0]
    link.cut()
    link.low.limits = limits
    link.open()
    for i in range(2):
        batch.batch.entries.add(salt=bytes(16), record=b"%d" % i * 300)
    link.low.hear(batch)
    assert link.low.closed
    assert link.low.closed.reason == "LIMIT_EXCEEDED"


def batch_without_entries(origin: str, tree: CompactRange) -> pb.Batch:
    checkpoint = Checkpoint(origin, tree.size, tree.root())
    return pb.Batch(first=tree.size, checkpoint=sign_checkpoint(checkpoint, log_signers("NL"), TIME))


def test_a_batch_without_entries_signs_the_present_size_anew() -> None:
    link = on_the_way(1)
    link.settle()
    held = link.low.logs.held
    size, note = len(held.entries), held.note
    link.clock.move(3)
    link.low.hear(pb.LinkFrame(batch=batch_without_entries(held.origin, held.tree(size))))
    link.low.work()
    assert link.low.closed is None
    assert link.low.sent[-1].receipt.size == size
    assert len(held.entries) == size
    assert held.note != note


# --- entries taken again --------------------------------------------------------------------------------------------


def retaken(size: int) -> HeldLog:
    return HeldLog("customs.nl.example/links/JP/1", CompactRange(), 0, LostHistory(size, bytes(32)))


def batch_of(entries: list[pb.Entry], leaves: list[bytes]) -> pb.Batch:
    tree = CompactRange().append_all([leaf_hash(each) for each in leaves])[0]
    checkpoint = Checkpoint("customs.nl.example/links/JP/1", tree.size, tree.root())
    return pb.Batch(entries=entries, checkpoint=sign_checkpoint(checkpoint, log_signers("NL"), TIME))


def test_a_bare_commitment_stands_for_what_was_erased_below_what_was_lost() -> None:
    batch = batch_of([pb.Entry(commitment=b"\5" * 32)], [b"\5" * 32])
    verified = retaken(2).take(batch, trust("JP", "NL"), records=10, now=TIME)
    assert verified.commitments == (b"\5" * 32,)
    assert verified.entries[0].salt == verified.entries[0].record == b""
    assert not verified.receiptable
    with pytest.raises(FrameMalformed, match="never receipted"):
        retaken(0).take(batch, trust("JP", "NL"), records=10, now=TIME)


def test_lines_of_unknown_keys_are_not_kept() -> None:
    link = on_the_way(1)
    batch = link.high.sent[0].batch
    stranger = sign_checkpoint(Checkpoint("stranger.example", 1, bytes(32)), log_signers("CN"), TIME)
    batch.checkpoint += stranger.splitlines(keepends=True)[-1]
    link.settle()
    assert link.low.closed is None
    assert b"stranger" not in link.low.logs.held.note
