"""Checks 5 to 7 of a batch: judged, committed with this side's own judgements, receipted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import pytest
from google.protobuf import json_format

from gateway import records
from gateway.errors import ClockSkew, OutOfOrder, QuarantineFull, Violation
from gateway.exchange.arrival import AT_A_STRETCH, BYTES_AT_A_STRETCH, Arrival, Taken, stretches
from gateway.exchange.batches import VerifiedBatch
from gateway.exchange.judgements import MAX_RANGES, MAX_SORTS, JudgementWriter
from gateway.exchange.judging import MAX_RANGES_IN_BATCH, Judge, covered_by
from gateway.exchange.quarantine import BYTES_AT_ONCE, QuarantineRoom
from gateway.linklog.checkpoints import Checkpoint, sign_checkpoint, verify_receipt
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.keys import KeyType
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.tree import CompactRange
from gateway.ports.intake import Judged, Priority
from gateway.ports.links import Entry, JudgedEntry, ReceivedBatch, Standing
from gateway.records.templates import example
from gateway.trust.agreements import parse_agreement
from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.alert_answer_pb2 import ALERT_STATE_ACTIONED, ALERT_STATE_DELIVERED
from mutualrecognition.records.v1.record_pb2 import Purpose, Record
from tests.unit.exchange.link_world import (
    Clock,
    MemoryLogs,
    SteadyChance,
    log_signers,
    party,
    receipt_signers,
    run,
)

NOW = 1_800_000_000
TERMS = """mutualrecognition/agreement/v1
id = "cn-nl-2026"
version = 1
title = "Mutual recognition of controls"
legal_basis = "Decision 1/2026 of the joint committee"
parties = ["CN", "NL"]
valid_from = 2026-01-01
valid_until = 2031-01-01T00:00:00Z
signatures = "ed25519"
purposes = ["SECURITY_RISK", "AEO_BENEFIT"]

[[flows]]
from = "CN"
to = "NL"
kind = "inspection_outcome"
fields = ["*"]
purposes = ["SECURITY_RISK"]
retention_days = 365

[[flows]]
from = "CN"
to = "NL"
kind = "screening_result"
fields = {screening_fields}
purposes = ["SECURITY_RISK"]
retention_days = 365

[[flows]]
from = "NL"
to = "CN"
kind = "aeo_status"
fields = ["*"]
purposes = ["SECURITY_RISK"]
retention_days = 365
"""
SCREENING_FIELDS = [field.name for field in Record.DESCRIPTOR.fields_by_name["screening_result"].message_type.fields]
Change = Callable[[Record], object]


def book(screening_fields: Sequence[str] = ("*",)) -> TrustBook:
    listed = "[" + ", ".join(f'"{each}"' for each in screening_fields) + "]"
    return TrustBook("NL", agreements=(parse_agreement(TERMS.replace("{screening_fields}", listed)),))


def record(kind: str = "inspection_outcome", number: int = 0, change: Change = lambda _: None) -> bytes:
    made = json_format.Parse(example(kind), Record())
    header = made.header
    header.issuer, header.record_id = "CN", f"0193b2c4-5d6e-7f80-9a1b-{number:012x}"
    if kind != "judgement":
        header.agreement_id, header.agreement_version = "cn-nl-2026", 1
        header.purpose = Purpose.PURPOSE_SECURITY_RISK
    header.ClearField("supersedes")
    change(made)
    return made.SerializeToString()


class Arriving:
    """NL takes CN's batches, one after the other."""

    def __init__(self, trusted: TrustBook | None = None, **given: Any) -> None:
        chance = SteadyChance()
        self.clock = Clock()
        self.clock.time = NOW
        self.logs = MemoryLogs("NL", "CN", chance)
        self.committed: list[ReceivedBatch] = []
        self.pauses = 0
        self.arrival = Arrival(
            partner="CN",
            logs=self.logs,
            judge=Judge(issuer="CN", covers=covered_by(trusted or book(), sender="CN", receiver="NL")),
            judgements=JudgementWriter(own="NL", partner="CN", randomness=chance),
            receipt_signers=receipt_signers("NL"),
            receipt_keys=party("NL").receipt_keys,
            clock=self.clock,
            pause=self.pause,
            **given,
        )

    async def pause(self) -> None:
        self.pauses += 1

    def verified(self, *contents: bytes, receiptable: bool = True, not_before: int = 0) -> VerifiedBatch:
        before = self.logs.held.tree(len(self.logs.held.entries))
        entries = tuple(Entry(sha256(b"%d" % i + each).digest()[:16], each) for i, each in enumerate(contents))
        return self.verified_entries(before, entries, receiptable=receiptable, not_before=not_before)

    def verified_entries(
        self, before: CompactRange, entries: tuple[Entry, ...], *, receiptable: bool, not_before: int
    ) -> VerifiedBatch:
        commitments = tuple(sha256(each.salt + each.record).digest() for each in entries)
        after = before.append_all([leaf_hash(each) for each in commitments])[0]
        checkpoint = Checkpoint(self.logs.held.origin, after.size, after.root())
        note = parse_note(sign_checkpoint(checkpoint, log_signers("CN"), self.clock.now()), CHECKPOINT_LIMITS)
        return VerifiedBatch(entries, commitments, before, after, checkpoint, note, receiptable, not_before)

    def take(self, *contents: bytes) -> Taken:
        return run(self.arrival.take(self.verified(*contents)))

    def judged(self, content: bytes) -> JudgedEntry:
        return self.take(content).entries[0]


def rules(entry: JudgedEntry) -> set[str]:
    return {violation.rule for violation in entry.violations}


# --- 5: judged ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["inspection_outcome", "screening_result"])
def test_a_record_that_an_agreement_covers_is_accepted(kind: str) -> None:
    arriving = Arriving()
    entry = arriving.judged(record(kind))
    assert (entry.standing, entry.violations) == (Standing.ACCEPTED, ())
    assert (entry.kind, entry.record_id) == (kind, "0193b2c4-5d6e-7f80-9a1b-000000000000")
    assert entry.subject
    assert not arriving.logs.outbox


def header(**values: object) -> Change:
    def change(made: Record) -> None:
        for name, value in values.items():
            setattr(made.header, name, value)

    return change


def issued_at(seconds: int) -> Change:
    return lambda made: setattr(made.header.issued_at, "seconds", seconds)


OBJECTIONS: dict[str, tuple[bytes, str]] = {
    "no record": (b"\xff", "record.unreadable"),
    "empty": (b"", "record.unreadable"),
    "breaks a rule": (record(change=lambda made: made.inspection_outcome.ClearField("control_id")), "required"),
    "another issuer": (record(change=header(issuer="JP")), "header.issuer"),
    "this side as issuer": (record(change=header(issuer="NL")), "header.issuer"),
    "unknown agreement": (record(change=header(agreement_id="other")), "agreement.covers"),
    "no agreement": (record(change=header(agreement_id="")), "record.agreement"),
    "version that never was": (record(change=header(agreement_version=2)), "agreement.covers"),
    "purpose not covered": (record(change=header(purpose=Purpose.PURPOSE_AEO_BENEFIT)), "agreement.covers"),
    "kind not covered": (record("seal_event"), "agreement.covers"),
    "kind of the other direction": (record("aeo_status"), "agreement.covers"),
    "before the agreement": (record(change=issued_at(1_700_000_000)), "agreement.covers"),
    "issued in the future": (record(change=issued_at(NOW + 301)), "header.issued_in_future"),
}


@pytest.mark.parametrize("case", OBJECTIONS)
def test_what_is_wrong_is_quarantined_and_told(case: str) -> None:
    content, rule = OBJECTIONS[case]
    arriving = Arriving()
    taken = arriving.take(content, record(number=99))
    bad, good = taken.entries
    assert bad.standing is Standing.QUARANTINED
    assert rule in rules(bad)
    assert bad.violations
    assert good.standing is Standing.ACCEPTED  # it blocks nothing
    assert taken.answered
    assert taken.lines
    told = records.parse(arriving.logs.outbox[0]).judgement
    assert [(each.first, each.last) for each in told.ranges] == [(0, 0)]
    assert [(each.path, each.rule) for each in told.violations] == [(v.path, v.rule) for v in bad.violations]


def test_a_stretch_ends_after_so_many_records_or_bytes_and_none_is_left_out() -> None:
    large, small = Entry(bytes(16), bytes(BYTES_AT_A_STRETCH + 1)), Entry(bytes(16), bytes(BYTES_AT_A_STRETCH // 4))
    tiny = Entry(bytes(16), b"x")
    entries = [large, large, *[small] * 5, *[tiny] * (AT_A_STRETCH + 1), large]
    sizes = [[len(each.record) for each in entries[part]] for part in stretches(entries)]
    assert [size for part in sizes for size in part] == [len(each.record) for each in entries]
    assert [len(part) for part in sizes] == [1, 1, 4, AT_A_STRETCH, 2, 1]
    assert list(stretches([])) == []


def test_others_have_their_turn_while_a_batch_is_judged_which_goes_on_where_it_was() -> None:
    arriving = Arriving()
    ids = [*range(1, 2 * AT_A_STRETCH + 1), 1]
    taken = arriving.take(*(record(number=each) for each in ids))
    assert arriving.pauses == 6  # read, then judged, in three parts each
    assert [each.entry.record for each in taken.entries] == [record(number=each) for each in ids]
    assert {each.standing for each in taken.entries[:-1]} == {Standing.ACCEPTED}
    assert rules(taken.entries[-1]) == {"header.record_id_reused"}


def test_five_minutes_ahead_are_allowed() -> None:
    assert Arriving().judged(record(change=issued_at(NOW + 300))).standing is Standing.ACCEPTED


def test_a_field_that_the_agreement_does_not_release_is_named() -> None:
    content = record("screening_result")
    said = [field.name for field, _ in records.parse(content).screening_result.ListFields()]
    left_out = said[-1]
    released = [name for name in SCREENING_FIELDS if name != left_out]
    entry = Arriving(book(released)).judged(content)
    assert entry.standing is Standing.QUARANTINED
    assert [(each.path, each.rule) for each in entry.violations] == [
        (f"screening_result.{left_out}", "agreement.fields")
    ]


def test_an_id_used_twice_counts_the_first_time_only() -> None:
    arriving = Arriving()
    first, again = arriving.take(record(number=1), record("screening_result", number=1)).entries
    later = arriving.judged(record(number=1))
    assert first.standing is Standing.ACCEPTED
    for entry in (again, later):
        assert entry.standing is Standing.QUARANTINED
        assert rules(entry) == {"header.record_id_reused"}
        assert entry.record_id == ""


def test_an_erased_entry_is_kept_as_it_is_and_not_judged() -> None:
    arriving = Arriving()
    batch = arriving.verified(b"x")
    batch = VerifiedBatch(
        (Entry(b"", b""),), batch.commitments, batch.before, batch.after, batch.checkpoint, batch.note, False, 0
    )
    taken = run(arriving.arrival.take(batch))
    assert taken.entries[0].standing is Standing.QUARANTINED
    assert not taken.answered
    assert not taken.lines


def test_a_judgement_needs_no_agreement_and_is_not_answered() -> None:
    arriving = Arriving(TrustBook("NL"))
    taken = arriving.take(record("judgement"))
    entry = taken.entries[0]
    assert entry.standing is Standing.ACCEPTED
    assert entry.judges == Judged("customs.cn.example/links/NL/1", ((17, 17),), "QUARANTINED")
    assert not taken.answered


def with_ranges(count: int) -> Change:
    def change(made: Record) -> None:
        del made.judgement.ranges[:]
        for index in range(count):
            made.judgement.ranges.add(first=2 * index, last=2 * index)

    return change


def test_judgements_with_too_many_ranges_in_one_batch_are_quarantined_and_not_answered() -> None:
    arriving = Arriving()
    many = [record("judgement", number, with_ranges(256)) for number in range(MAX_RANGES_IN_BATCH // 256)]
    one_more = record("judgement", 100, with_ranges(1))
    taken = arriving.take(*many, one_more, record(number=101))
    assert [each.standing for each in taken.entries].count(Standing.QUARANTINED) == 1
    late = taken.entries[-2]
    assert rules(late) == {"judgement.ranges_in_batch"}
    assert late.judges is None
    assert not taken.answered
    assert arriving.take(record("judgement", 200, with_ranges(256))).entries[0].judges


def test_a_judgement_that_breaks_a_rule_is_not_judged() -> None:
    taken = Arriving().take(record("judgement", change=with_ranges(0)))
    assert taken.entries[0].standing is Standing.QUARANTINED
    assert not taken.answered


# --- 6: committed -------------------------------------------------------------------------------------------------


def test_own_judgements_are_admitted_like_any_submission_and_keep_the_rules() -> None:
    arriving = Arriving()
    writer = JudgementWriter(own="NL", partner="CN", randomness=SteadyChance())
    entries = arriving.take(b"\xff", b"\xfe", record(number=7), b"\xfd").entries
    (admission,) = writer.write("customs.cn.example/links/NL/1", 40, entries, NOW)
    made = records.parse(admission.statement)
    assert records.check(made) == ()
    assert (admission.kind, admission.priority) == ("judgement", Priority.URGENT)
    assert admission.outgoing[0].partner == "CN"
    assert admission.outgoing[0].record == admission.statement
    assert admission.digest == sha256(admission.statement).digest()
    assert admission.judges == Judged("customs.cn.example/links/NL/1", ((40, 41), (43, 43)), "QUARANTINED")
    assert (made.header.issuer, made.header.agreement_id) == ("NL", "")


def quarantined(*violations: Violation) -> JudgedEntry:
    return JudgedEntry(Entry(bytes(16), b"x"), bytes(32), "", "", "", "", Standing.QUARANTINED, violations)


def accepted() -> JudgedEntry:
    return JudgedEntry(Entry(bytes(16), b"x"), bytes(32), "", "", "", "", Standing.ACCEPTED, ())


def ranges_of(statement: bytes) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in records.parse(statement).judgement.ranges]


def test_many_ranges_take_several_judgements() -> None:
    entries = [quarantined(Violation("", "a.rule", "Bad.")) if i % 2 else accepted() for i in range(1000)]
    writer = JudgementWriter(own="NL", partner="CN", randomness=SteadyChance())
    admissions = writer.write("customs.cn.example/links/NL/1", 0, entries, NOW)
    assert [len(ranges_of(each.statement)) for each in admissions] == [MAX_RANGES, 500 - MAX_RANGES]
    assert all(records.check(records.parse(each.statement)) == () for each in admissions)
    covered = [first for each in admissions for first, _ in ranges_of(each.statement)]
    assert covered == list(range(1, 1000, 2))


def test_many_sorts_of_faults_make_few_judgements_that_name_every_entry_once() -> None:
    entries = [quarantined(Violation(f"field{i}" * 99, "a.rule", "Bad. " * 200)) for i in range(100)]
    writer = JudgementWriter(own="NL", partner="CN", randomness=SteadyChance())
    admissions = writer.write("customs.cn.example/links/NL/1", 5, entries, NOW)
    assert len(admissions) == MAX_SORTS
    assert all(records.check(records.parse(each.statement)) == () for each in admissions)
    named = [i for each in admissions for first, last in ranges_of(each.statement) for i in range(first, last + 1)]
    assert sorted(named) == list(range(5, 105))


def test_a_batch_that_is_not_committed_gives_no_receipt() -> None:
    arriving = Arriving()
    batch = arriving.verified(record())
    arriving.take(record(number=5))  # another session was faster
    with pytest.raises(OutOfOrder):
        run(arriving.arrival.take(batch))
    assert len(arriving.logs.held.entries) == 1


# --- 7: receipted -------------------------------------------------------------------------------------------------


def test_the_receipt_is_for_the_very_checkpoint_and_states_the_time() -> None:
    arriving = Arriving()
    batch = arriving.verified(record())
    taken = run(arriving.arrival.take(batch))
    time = verify_receipt(
        batch.checkpoint, taken.lines, party("NL").receipt_keys, require=(KeyType.COSIGNATURE_ED25519,)
    )
    assert time == arriving.clock.now() == arriving.logs.held.receipt_time
    assert arriving.logs.held.note == batch.note.serialize() + taken.lines


def test_times_never_fall_even_when_the_clock_does() -> None:
    arriving = Arriving()
    times = []
    for number, move in enumerate((0, -50, +25, +80)):
        arriving.clock.time += move
        arriving.take(record(number=number))
        times.append(arriving.logs.held.receipt_time)
    start = times[0]
    assert times == [start, start, start, start + 55]


@pytest.mark.parametrize("move", [-3600, 3600])
def test_nothing_is_receipted_by_a_clock_that_was_set_meanwhile(move: int) -> None:
    arriving = Arriving()
    arriving.clock.time += move
    with pytest.raises(ClockSkew):
        arriving.take(record())
    assert arriving.logs.held.receipt_time == 0
    assert not arriving.logs.held.entries


def test_nor_below_the_last_receipt_of_an_earlier_session() -> None:
    arriving = Arriving()
    run(arriving.arrival.take(arriving.verified(record(), not_before=NOW + 77)))
    assert arriving.logs.held.receipt_time == NOW + 77


def test_what_is_taken_again_below_a_receipt_gets_none() -> None:
    arriving = Arriving()
    batch = arriving.verified(record(), receiptable=False)
    taken = run(arriving.arrival.take(batch))
    assert taken.lines == b""
    assert arriving.logs.held.note == batch.note.serialize()


# --- 5, across time: what supersedes what -----------------------------------------------------------------------


def alert_answer(number: int, state: int, supersedes: int | None = None) -> bytes:
    def change(made: Record) -> None:
        made.alert_answer.state = state  # type: ignore[assignment]
        if supersedes is not None:
            made.header.supersedes = f"0193b2c4-5d6e-7f80-9a1b-{supersedes:012x}"

    return record("alert_answer", number, change)


def answering() -> Arriving:
    terms = TERMS.replace("{screening_fields}", '["*"]').replace('kind = "screening_result"', 'kind = "alert_answer"')
    return Arriving(TrustBook("NL", agreements=(parse_agreement(terms),)))


@pytest.mark.parametrize("batches", [[3], [1, 1, 1], [2, 1]])
def test_a_move_that_is_not_allowed_is_quarantined_in_whichever_batch_it_comes(batches: list[int]) -> None:
    nl = answering()
    contents = [
        alert_answer(1, ALERT_STATE_DELIVERED),
        alert_answer(2, ALERT_STATE_ACTIONED, supersedes=1),
        alert_answer(3, ALERT_STATE_DELIVERED, supersedes=2),
    ]
    entries: list[JudgedEntry] = []
    for size in batches:
        entries += nl.take(*contents[len(entries) : len(entries) + size]).entries
    assert [entry.standing for entry in entries] == [Standing.ACCEPTED, Standing.ACCEPTED, Standing.QUARANTINED]
    assert rules(entries[2]) == {"succession.move"}


def test_what_supersedes_something_unknown_here_is_taken() -> None:
    nl = answering()
    assert nl.judged(alert_answer(2, ALERT_STATE_ACTIONED, supersedes=1)).standing is Standing.ACCEPTED


def test_what_supersedes_something_quarantined_is_taken() -> None:
    nl = answering()
    assert nl.judged(alert_answer(1, 0)).standing is Standing.QUARANTINED
    assert nl.judged(alert_answer(2, ALERT_STATE_ACTIONED, supersedes=1)).standing is Standing.ACCEPTED


def test_a_partner_without_room_in_quarantine_waits_and_nothing_is_stored() -> None:
    now = [0.0]
    room = QuarantineRoom(lambda: now[0])
    nl = Arriving(quarantine=room)
    batch = nl.verified(b"not a record")
    room.take(
        "CN", [JudgedEntry(Entry(bytes(16), bytes(BYTES_AT_ONCE)), b"", "", "", "", "", Standing.QUARANTINED, ())]
    )
    with pytest.raises(QuarantineFull):
        run(nl.arrival.take(batch))
    assert nl.logs.held.entries == []
    now[0] = 3600.0
    taken = run(nl.arrival.take(batch))
    assert [each.standing for each in taken.entries] == [Standing.QUARANTINED]
