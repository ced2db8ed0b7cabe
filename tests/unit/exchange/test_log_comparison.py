"""Hello's check 7: what both sides hold of both logs, every row of the protocol's table."""

from __future__ import annotations

import copy

import pytest

from gateway.exchange.effects import ReadPositions, ReadTrees
from gateway.exchange.session_states import State
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.hashing import commitment
from gateway.linklog.keys import DatedKey
from gateway.ports.links import Entry
from tests.unit.exchange.link_world import (
    TIME,
    End,
    Link,
    StoredLog,
    entries_of,
    log_signers,
    party,
    receipt_signers,
    run,
    trust,
)
from tests.unit.exchange.test_delivery import assert_replicated


def worked(*batches: int) -> Link:
    """NL has sent so many records in so many batches, all receipted; JP has sent two."""
    link = Link().open()
    for batch, count in enumerate(batches):
        link.high.logs.outbox += [b"record %d of %d" % (i, batch) for i in range(count)]
        for _ in range(count):
            link.high.do(link.high.session.work_waiting(link.clock.moment()))
            link.settle()
    link.low.submit(b"from JP", b"from JP too")
    link.settle()
    link.cut()
    return link


def restored(end: End, log: StoredLog, *, issued: bool) -> None:
    """Put an older copy of one log back."""
    setattr(end.logs, "issued" if issued else "held", copy.deepcopy(log))
    if not issued:
        del end.logs.judged[len(log.entries) :]


def reasons(link: Link) -> tuple[str, str]:
    link.connect().settle()
    return tuple(end.closed.reason if end.closed else "" for end in link.ends)  # type: ignore[return-value]


# --- r <= h <= s: go on from h ------------------------------------------------------------------------------------


def test_equal_logs_go_on() -> None:
    link = worked(3, 2)
    link.open()
    link.high.submit(b"next")
    link.settle()
    assert_replicated(link)


def test_a_receipt_that_got_lost_is_kept_from_hello() -> None:
    link = worked(3)
    before = copy.deepcopy(link.high.logs.issued)
    link.open()
    link.high.submit(b"one more")
    link.high.work()
    link.deliver(link.high)
    link.low.work()  # committed and receipted, but the line breaks
    link.cut()
    assert link.high.logs.issued.receipted == before.receipted
    link.connect()
    link.deliver(link.high)
    link.deliver(link.low)
    assert [type(each).__name__ for each in link.high.to_do] == ["CommitReceipt", "FormBatch"]
    link.settle()
    assert_replicated(link)


@pytest.mark.parametrize(
    ("time", "reason"),
    [(TIME - 3 * 86400, ""), (TIME + 300, ""), (TIME + 301, "CLOCK_SKEW")],
    ids=["of three days ago", "just ahead", "ahead"],
)
def test_a_lost_receipt_may_be_old_but_not_from_the_future(time: int, reason: str) -> None:
    link = Link()
    batch_held_without_receipt(link, time)
    assert reasons(link)[0] == reason
    assert link.high.logs.issued.receipted == (0 if reason else 1)


def test_a_lost_receipt_must_not_state_an_earlier_time_than_the_last() -> None:
    link = Link()
    batch_held_without_receipt(link, TIME - 10)
    link.high.logs.issued.receipt_time = TIME - 9
    assert reasons(link)[0] == "MALFORMED"


def test_a_lost_receipt_under_a_key_that_does_not_count_is_left_and_the_session_goes_on() -> None:
    link = Link()
    batch_held_without_receipt(link, TIME - 100)
    retired = [DatedKey(key.key, key.valid_from, TIME - 200) for key in party("JP").receipt_keys]
    peer = party("JP")
    link.high.trust = trust(
        "NL", "JP", peer=type(peer)("JP", peer.domain, peer.descriptor, peer.log_keys, tuple(retired))
    )
    link.open()
    assert link.high.logs.issued.receipted == 0


def batch_held_without_receipt(link: Link, time: int) -> None:
    """JP holds NL's first entry and has receipted it at ``time``; the receipt never arrived."""
    for log in (link.high.logs.issued, link.low.logs.held):
        log.entries = [Entry(bytes(16), b"x")]
        log.commitments = [bytes(32)]
        log.ends = [1]
    checkpoint = Checkpoint(link.high.logs.issued.origin, 1, link.high.logs.issued.tree(1).root())
    link.low.logs.held.note = sign_checkpoint(checkpoint, log_signers("NL"), time) + cosign(
        checkpoint, receipt_signers("JP"), time
    )
    link.low.logs.held.receipted, link.low.logs.held.receipt_time = 1, time


def test_between_receipt_and_end_the_log_is_read_as_it_was() -> None:
    link = worked(3, 2)
    link.open()
    link.high.submit(b"a", b"b")
    link.high.work()
    link.deliver(link.high)
    link.low.work()
    link.deliver(link.low)
    link.high.to_do.rotate(-1)  # the receipt is not kept yet when the next batch is formed
    link.high.work()
    link.cut()
    held = len(link.low.logs.held.entries)
    assert link.high.logs.issued.receipted < held < len(link.high.logs.issued.entries)
    link.connect()
    link.deliver(link.high)
    assert link.high.session.frame_received(link.low.sent.popleft(), link.clock.moment()) == [
        ReadPositions(take_over=True)
    ]
    positions = run(link.high._positions())
    effects = link.high.session.positions_read(positions, link.clock.moment())
    assert effects == [ReadTrees(issued=held, held=None)]
    link.high.do(effects)
    link.settle()
    assert_replicated(link)


# --- h < r: the partner lost history ------------------------------------------------------------------------------


def with_history() -> tuple[Link, StoredLog]:
    """NL has sent in several batches; JP's store is from between two of them."""
    link = worked(4)
    older = copy.deepcopy(link.low.logs.held)
    link.open()
    link.high.submit(*(b"later %d" % i for i in range(6)))
    link.settle()
    link.cut()
    return link, older


@pytest.mark.parametrize("all_of_it", [False, True])
def test_lost_history_is_taken_again(all_of_it: bool) -> None:
    link, older = with_history()
    lost_below = link.high.logs.issued.receipted
    note = link.high.logs.issued.note
    restored(link.low, StoredLog(older.origin) if all_of_it else older, issued=False)
    link.open()
    for end, peer_lost, own_lost in ((link.high, lost_below, 0), (link.low, 0, lost_below)):
        assert end.opened
        assert (end.opened.peer_lost_below, end.opened.own_lost_below) == (peer_lost, own_lost)
    link.settle()
    assert entries_of(link.low.logs.held) == entries_of(link.high.logs.issued)
    assert link.high.logs.issued.note == note  # a receipt for a size that has one changes nothing
    link.high.submit(b"new")
    link.settle()
    assert_replicated(link)


def test_below_what_was_lost_receipts_have_no_lines() -> None:
    link, older = with_history()
    lost_below = link.high.logs.issued.receipted
    restored(link.low, StoredLog(older.origin), issued=False)
    link.connect()
    receipts = []
    while any(end.sent or end.to_do for end in link.ends):
        for end in link.ends:
            if end.to_do:
                end.work()
            if end.sent:
                frame = end.sent[0]
                if end is link.low and frame.WhichOneof("frame") == "receipt":
                    receipts.append((frame.receipt.size, bool(frame.receipt.lines)))
                link.deliver(end)
    assert [size for size, has_lines in receipts if has_lines] == [lost_below]
    assert len(receipts) > 1


def test_interrupted_in_the_middle_the_log_is_taken_on_from_there() -> None:
    link, older = with_history()
    restored(link.low, StoredLog(older.origin), issued=False)
    link.connect()
    while not link.low.logs.held.entries:
        for end in link.ends:
            if end.to_do:
                end.work()
            if end.sent:
                link.deliver(end)
    link.cut()
    assert link.low.logs.held.note.count("— ".encode()) == 1  # the issuer's signature alone
    link.open().settle()
    assert_replicated(link)


def test_entries_are_not_taken_again_too_often() -> None:
    link, older = with_history()
    restored(link.low, older, issued=False)
    link.high.resends_allowed = False
    assert reasons(link) == ("OVERLOADED", "OVERLOADED")


def test_what_is_taken_again_must_be_signed_as_ever() -> None:
    link, older = with_history()
    restored(link.low, StoredLog(older.origin), issued=False)
    link.connect()
    link.deliver(link.high)  # Hello
    link.deliver(link.low)
    link.high.work()
    batch = link.high.sent[0].batch
    lines = batch.checkpoint.splitlines(keepends=True)
    batch.checkpoint = b"".join(lines[:-1]) + lines[-1].replace(lines[-1][-8:-4], b"AAAA")
    link.deliver(link.high)
    assert link.low.closed
    assert (link.low.closed.reason, link.low.closed.by_peer) == ("SIGNATURE_INVALID", False)
    assert not link.low.logs.held.entries


def test_what_is_taken_again_must_be_what_was_receipted() -> None:
    link, older = with_history()
    restored(link.low, StoredLog(older.origin), issued=False)
    issued = link.high.logs.issued
    issued.entries[-1] = Entry(bytes(16), b"another story")
    issued.commitments[-1] = commitment(bytes(16), b"another story")
    link.connect().settle()
    assert link.low.closed
    assert (link.low.closed.reason, link.low.closed.by_peer) == ("LOG_FORK", False)
    assert link.low.closed.evidence
    assert len(link.low.logs.held.entries) < len(issued.entries)


# --- h > s, generations, forks ------------------------------------------------------------------------------------


def test_a_partner_that_holds_more_than_there_is_shows_a_rollback() -> None:
    link = worked(2)
    older = copy.deepcopy(link.high.logs.issued)
    link.open()
    link.high.submit(b"after the backup")
    link.settle()
    link.cut()
    restored(link.high, older, issued=True)
    assert reasons(link) == ("LOG_ROLLBACK", "LOG_ROLLBACK")
    assert link.high.closed
    assert link.low.logs.held.note in link.high.closed.evidence


@pytest.mark.parametrize(
    ("side", "log", "reason"),
    [
        ("high", "issued", "LOG_RENEWED"),
        ("low", "held", "LOG_ROLLBACK"),
        ("low", "issued", "LOG_RENEWED"),
        ("high", "held", "LOG_ROLLBACK"),
    ],
)
def test_generations_that_differ(side: str, log: str, reason: str) -> None:
    link = Link()
    stored: StoredLog = getattr(getattr(link, side).logs, log)
    stored.origin, stored.generation = stored.origin[:-1] + "2", 2
    assert reasons(link) == (reason, reason)


@pytest.mark.parametrize("at", [0, -1])
def test_different_entries_below_one_size_are_a_fork(at: int) -> None:
    link = worked(2, 2)
    link.high.logs.issued.commitments[at] = bytes(32)
    assert reasons(link) == ("LOG_FORK", "LOG_FORK")
    assert link.high.closed
    assert link.low.closed
    assert link.low.logs.held.note in link.high.closed.evidence
    assert link.low.closed.by_peer
    assert link.low.closed.evidence == link.high.closed.evidence


def test_a_fork_is_seen_by_the_holder_too() -> None:
    link = worked(2, 2)
    link.low.logs.held.commitments[0] = bytes(32)
    link.connect()
    link.deliver(link.high)
    assert link.low.closed
    assert link.low.closed.reason == "LOG_FORK"
    assert not link.low.closed.by_peer


def test_a_fork_below_a_receipt_older_than_what_is_held_is_seen_too() -> None:
    link = worked(2)
    link.open()
    link.high.submit(b"more")
    link.high.work()
    link.deliver(link.high)
    link.low.work()
    link.cut()
    link.low.logs.held.commitments[0] = bytes(32)
    link.connect()
    link.deliver(link.high)
    assert link.low.closed
    assert link.low.closed.reason == "LOG_FORK"


# --- signatures ---------------------------------------------------------------------------------------------------


def without_line(note: bytes, number: int) -> bytes:
    lines = note.splitlines(keepends=True)
    assert lines[4 + number].startswith("— ".encode())
    return b"".join([*lines[: 4 + number], *lines[5 + number :]])


@pytest.mark.parametrize(("side", "log"), [("high", "issued"), ("high", "held"), ("low", "issued"), ("low", "held")])
@pytest.mark.parametrize("line", [0, 1])
def test_both_signatures_must_be_on_what_hello_shows(side: str, log: str, line: int) -> None:
    link = worked(2)
    end: End = getattr(link, side)
    stored: StoredLog = getattr(end.logs, log)
    stored.note = without_line(stored.note, line)
    assert "SIGNATURE_INVALID" in reasons(link)
    assert end.opened is None or end is link.low  # who answers is open until the other side objects


@pytest.mark.parametrize("log", ["issued", "held"])
def test_every_byte_of_the_notes_in_hello_counts(log: str) -> None:
    link = worked(2)
    link.connect()
    frame = link.high.sent[0]
    note = getattr(frame.hello, log).checkpoint
    for at in range(len(note)):
        link.low.connect()
        getattr(frame.hello, log).checkpoint = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        link.low.hear(frame)
        assert link.low.session.state is State.CLOSED, (at, note[max(0, at - 9) : at + 9])
        assert link.low.closed
        assert link.low.closed.reason in {"MALFORMED", "SIGNATURE_INVALID", "LOG_FORK", "LOG_ROLLBACK"}


def test_a_position_of_another_link_is_refused() -> None:
    other = Link(higher="NL", lower="CN").open()
    other.high.submit(b"for CN")
    other.settle()
    link = Link().connect()
    frame = link.high.sent[0]
    frame.hello.issued.checkpoint = other.high.logs.issued.note
    link.low.hear(frame)
    assert link.low.closed
    assert link.low.closed.reason == "MALFORMED"
    link.connect()
    frame = link.high.sent[0]
    frame.hello.issued.origin = other.high.logs.issued.origin
    frame.hello.issued.checkpoint = other.high.logs.issued.note
    link.low.hear(frame)
    assert link.low.closed
    assert link.low.closed.reason == "MALFORMED"


def test_keys_that_have_ended_since_do_not_keep_the_link_closed() -> None:
    link = worked(2)
    ended = link.clock.time + 1  # after what they signed, before now
    link.clock.time += 1000
    for end in link.ends:
        own, peer = end.own, end.peer
        end.trust = trust(own, peer, own=party(own, valid_until=ended), peer=party(peer, valid_until=ended))
    link.open()


def test_ml_dsa_that_an_agreement_demands_from_now_on_is_not_demanded_of_old_notes() -> None:
    link = worked(2)
    for end in link.ends:
        end.trust = trust(end.own, end.peer, post_quantum=True)
    link.open()
    link.high.submit(b"new")
    link.settle()
    assert_replicated(link)
    assert link.high.logs.issued.note.count("— ".encode()) == 4
