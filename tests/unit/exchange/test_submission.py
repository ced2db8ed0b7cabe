"""Submission and release: what is stored, for whom, in which form, and what is refused with which reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count

import pytest
from google.protobuf import json_format

from gateway.errors import Malformed
from gateway.exchange.release import Releaser
from gateway.exchange.submission import Submissions
from gateway.ports.intake import Admission, Admitted, Earlier, Issued, Priority, Reused
from gateway.records.templates import example
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.aeo_status_pb2 import AEO_STATE_SUSPENDED
from mutualrecognition.records.v1.record_pb2 import PURPOSE_FISCAL, Record

from .trusted_world import NOW, book_of_cn

BEFORE_THE_AGREEMENTS = 1_767_225_600 - 1
OLDER = "01890a5d-ac96-774b-bcce-b302099a8057"


class ListIntake:
    """An intake that remembers; the contract suite says what a real one does."""

    def __init__(self) -> None:
        self.admitted: dict[tuple[str, str], Admission] = {}
        self.older: dict[str, Issued] = {}
        self.looked_up: list[set[str]] = []

    async def admit(self, admissions: Sequence[Admission]) -> Sequence[Admitted | Reused]:
        return [self._admit(admission) for admission in admissions]

    def _admit(self, admission: Admission) -> Admitted | Reused:
        first = self.admitted.setdefault((admission.client, admission.request_id), admission)
        if first.digest != admission.digest:
            return Reused(admission.request_id)
        return Admitted(first.answer, repeat=first is not admission)

    async def issued(self, record_ids: Collection[str]) -> Mapping[str, Issued]:
        return {each: self.older[each] for each in record_ids if each in self.older}

    async def answered(self, client: str, request_ids: Collection[str]) -> Mapping[str, Earlier]:
        self.looked_up.append(set(request_ids))
        known = {each: self.admitted.get((client, each)) for each in request_ids}
        return {each: Earlier(first.digest, first.answer) for each, first in known.items() if first}

    async def refuse_when_full(self) -> None:
        return None


class FixedWorld:
    def __init__(self) -> None:
        self._ids = count()

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def record_id(self) -> str:
        return f"01890a5d-ac96-774b-bcce-{next(self._ids):012x}"

    def salts(self, count: int) -> list[bytes]:
        return [bytes(16)] * count

    def session_id(self) -> bytes:
        return bytes(16)

    def jitter(self) -> float:
        return 0.5


class Door:
    """A door to submissions of CN, and what came of them."""

    def __init__(self) -> None:
        self.intake, world, self.releaser = ListIntake(), FixedWorld(), Releaser(book_of_cn())
        self.rung: list[Collection[str]] = []
        self.submissions = Submissions(
            administration="CN",
            intake=self.intake,
            releaser=lambda: self.releaser,
            clock=world,
            randomness=world,
            ring=self.rung.append,
        )

    async def one(self, record: Record, *, request_id: str = "r-1", **rest: object) -> pb.SubmissionResult:
        submission = pb.Submission(request_id=request_id, record=record, **rest)  # type: ignore[arg-type]
        (result,) = await self.submissions.submit("national", [submission])
        return result

    def stored(self, request_id: str = "r-1") -> Admission:
        return self.intake.admitted[("national", request_id)]


@pytest.fixture
def door() -> Door:
    return Door()


def record(kind: str = "inspection_outcome") -> Record:
    made = json_format.Parse(example(kind), Record())
    header = made.header
    for name in ("record_id", "issuer", "agreement_id", "agreement_version", "release_profile", "supersedes"):
        header.ClearField(name)
    header.issued_at.seconds = NOW
    header.purpose = 1
    return made


async def test_each_partner_gets_what_its_agreement_lets_through_and_nothing_else(door: Door) -> None:
    given = record()
    given.inspection_outcome.officer_ref = "officer-7741"
    result = await door.one(given)
    assert [(r.partner, r.agreement_id, list(r.withheld)) for r in result.releases] == [
        ("NL", "cn-nl", list(result.releases[0].withheld)),
        ("US", "cn-us", []),
    ]
    assert "inspection_outcome.officer_ref" in result.releases[0].withheld
    for_nl, for_us = (outgoing.record for outgoing in door.stored().outgoing)
    assert b"officer-7741" not in for_nl
    assert b"officer-7741" in for_us
    assert Record.FromString(for_nl).header.agreement_id == "cn-nl"
    assert Record.FromString(for_us).header.agreement_id == "cn-us"


async def test_the_header_is_completed_and_the_body_is_not_touched(door: Door) -> None:
    given = record()
    given.header.ClearField("issued_at")
    result = await door.one(given)
    statement = Record.FromString(door.stored().statement)
    assert statement.header.record_id == result.record_id == door.stored().record_id
    assert (statement.header.issuer, statement.header.issued_at.seconds) == ("CN", NOW)
    assert statement.header.agreement_id == ""  # two agreements release it: the statement names neither
    assert statement.inspection_outcome == given.inspection_outcome
    assert door.rung == [{"NL", "US"}]


async def test_a_kind_goes_only_to_whom_an_agreement_names(door: Door) -> None:
    result = await door.one(record("screening_result"))
    assert [release.partner for release in result.releases] == ["NL"]
    (outgoing,) = door.stored().outgoing
    assert door.stored().statement is outgoing.record  # whole and for one partner: kept once


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s.record.header.__setattr__("issuer", "NL"), "ISSUER_MISMATCH"),
        (lambda s: s.record.header.__setattr__("record_id", OLDER), "RECORD_INVALID"),
        (lambda s: s.record.header.__setattr__("release_profile", "x"), "RECORD_INVALID"),
        (lambda s: s.record.header.__setattr__("purpose", PURPOSE_FISCAL), "NO_AGREEMENT"),
        (lambda s: s.record.header.__setattr__("purpose", 77), "NO_AGREEMENT"),
        (lambda s: s.record.header.__setattr__("agreement_id", "de-nl"), "NO_AGREEMENT"),
        (lambda s: s.record.header.__setattr__("supersedes", OLDER), "SUPERSEDES_UNKNOWN"),
        (lambda s: s.record.header.issued_at.__setattr__("seconds", BEFORE_THE_AGREEMENTS), "NO_AGREEMENT"),
        (lambda s: s.record.header.issued_at.__setattr__("seconds", NOW + 301), "RECORD_INVALID"),
        (lambda s: s.record.inspection_outcome.ClearField("control_id"), "RECORD_INVALID"),
        (lambda s: s.record.ClearField("inspection_outcome"), "KIND_UNKNOWN"),
        (lambda s: s.ClearField("record"), "MALFORMED"),
        (lambda s: s.__setattr__("request_id", ""), "MALFORMED"),
        (lambda s: s.__setattr__("request_id", "with space"), "MALFORMED"),
        (lambda s: s.__setattr__("request_id", "x" * 65), "MALFORMED"),
        (lambda s: s.__setattr__("priority", 9), "MALFORMED"),
        (lambda s: s.recipients.append("JP"), "NO_AGREEMENT"),
        (lambda s: s.recipients.extend(["NL", "JP"]), "NO_AGREEMENT"),
        (lambda s: s.record.header.__setattr__("issuing_office", "x" * 300_000), "RECORD_INVALID"),
    ],
)
async def test_what_is_wrong_is_refused_with_its_reason_and_not_stored(door: Door, change, reason: str) -> None:
    good = pb.Submission(request_id="good", record=record())
    bad = pb.Submission(request_id="r-1", record=record())
    change(bad)
    refused, accepted = await door.submissions.submit("national", [bad, good])
    assert refused.refusal.reason == reason
    assert refused.refusal.message
    assert not refused.record_id
    assert accepted.record_id
    assert list(door.intake.admitted) == [("national", "good")]


async def test_field_faults_are_told_with_their_paths(door: Door) -> None:
    bad = record()
    bad.inspection_outcome.ClearField("methods")
    result = await door.one(bad)
    assert any(v.path.startswith("inspection_outcome") and v.rule and v.message for v in result.refusal.violations)


async def test_a_record_that_says_nothing_after_release_is_refused(door: Door) -> None:
    given = record()
    given.inspection_outcome.ClearField("control_id")
    assert (await door.one(given)).refusal.reason == "RECORD_INVALID"


async def test_a_repeat_gets_the_first_answer_and_other_bytes_none(door: Door) -> None:
    first = await door.one(record())
    again = await door.one(record())
    assert again == first
    other = record()
    other.header.issuing_office = "CN5317"
    assert (await door.one(other)).refusal.reason == "ALREADY_EXISTS"
    assert len(door.intake.admitted) == 1


async def test_a_repeat_gets_the_first_answer_also_when_its_agreement_has_ended_meanwhile(door: Door) -> None:
    first = await door.one(record())
    assert first.record_id
    door.releaser = Releaser(replace(book_of_cn(), agreements=()))
    assert await door.one(record()) == first
    other = record()
    other.inspection_outcome.control_id = "another"
    assert (await door.one(other)).refusal.reason == "ALREADY_EXISTS"
    assert (await door.one(record(), request_id="r-2")).refusal.reason == "NO_AGREEMENT"
    assert list(door.intake.admitted) == [("national", "r-1")]


async def test_of_calls_that_are_taken_together_a_refused_one_stops_no_other_and_a_repeat_is_told_by_its_bytes(
    door: Door,
) -> None:
    def call(request_id: str, said: bytes, given: Record) -> tuple[pb.Submission, bytes]:
        return pb.Submission(request_id=request_id, record=given), said

    calls = [call("r-1", b"one", record()), call("r-2", b"two", Record()), call("r-3", b"three", record())]
    first, refused, last = await door.submissions.submit_calls("national", calls)
    assert refused.HasField("refusal")
    assert {first.record_id, last.record_id} == {each.record_id for each in door.intake.admitted.values()}
    later = record()
    later.inspection_outcome.control_id = "made later"
    again, other = await door.submissions.submit_calls(
        "national", [call("r-1", b"one", later), call("r-3", b"another", record())]
    )
    assert (again.record_id, other.refusal.reason) == (first.record_id, "ALREADY_EXISTS")


async def test_the_first_answers_of_all_that_is_refused_are_looked_up_at_once(door: Door) -> None:
    first = await door.one(record())
    door.releaser = Releaser(replace(book_of_cn(), agreements=()))
    given = [pb.Submission(request_id=f"r-{number}", record=record()) for number in range(1, 50)]
    answers = await door.submissions.submit("national", given)
    assert answers[0] == first
    assert {each.refusal.reason for each in answers[1:]} == {"NO_AGREEMENT"}
    assert door.intake.looked_up == [{f"r-{number}" for number in range(1, 50)}]


async def test_a_partner_that_never_got_the_older_record_is_not_told_of_it(door: Door) -> None:
    door.intake.older[OLDER] = issued(record(), "US")
    newer = record()
    newer.header.supersedes = OLDER
    await door.one(newer)
    by_partner = {o.partner: Record.FromString(o.record).header.supersedes for o in door.stored().outgoing}
    assert by_partner == {"NL": "", "US": OLDER}


async def test_this_side_keeps_what_its_only_recipient_is_not_told(door: Door) -> None:
    door.intake.older[OLDER] = issued(record(), "US")
    newer = record()
    newer.header.supersedes = OLDER
    await door.one(newer, recipients=["NL"])
    (sent,) = door.stored().outgoing
    assert Record.FromString(sent.record).header.supersedes == ""
    assert Record.FromString(door.stored().statement).header.supersedes == OLDER


@pytest.mark.parametrize("recipients", [["US"], ["NL", "US"]])
async def test_the_store_gets_the_statement_parsed(door: Door, recipients: list[str]) -> None:
    await door.one(record(), recipients=recipients)
    kept = door.stored()
    assert kept.parsed == Record.FromString(kept.statement)


def issued(statement: Record, *recipients: str) -> Issued:
    statement.header.record_id = OLDER
    return Issued(statement.SerializeToString(), frozenset(recipients))


@pytest.mark.parametrize(
    ("kind", "rule"), [("inspection_outcome", None), ("screening_result", "succession.other_kind")]
)
async def test_only_what_may_follow_takes_the_place_of_a_record(door: Door, kind: str, rule: str | None) -> None:
    door.intake.older[OLDER] = issued(record(), "NL", "US")
    newer = record(kind)
    newer.header.supersedes = OLDER
    result = await door.one(newer)
    assert result.refusal.reason == ("RECORD_INVALID" if rule else "")
    assert [(v.path, v.rule) for v in result.refusal.violations] == ([("header.supersedes", rule)] if rule else [])
    assert bool(door.intake.admitted) is (rule is None)


async def test_recipients_narrow_the_release(door: Door) -> None:
    result = await door.one(record(), recipients=["US"])
    assert [release.partner for release in result.releases] == ["US"]
    assert door.rung == [{"US"}]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (pb.PRIORITY_URGENT, Priority.URGENT),
        (pb.PRIORITY_NORMAL, Priority.NORMAL),
        (pb.PRIORITY_BULK, Priority.BULK),
        (pb.PRIORITY_UNSPECIFIED, Priority.NORMAL),
    ],
)
async def test_the_priority_that_was_asked_for_is_kept(door: Door, asked, given: Priority) -> None:
    await door.one(record(), priority=asked)
    assert door.stored().priority is given


def test_a_standing_that_ends_cannot_wait() -> None:
    from gateway.exchange.urgency import default_priority  # noqa: PLC0415

    status = json_format.Parse(example("aeo_status"), Record())
    assert default_priority(status) is Priority.NORMAL
    status.aeo_status.status = AEO_STATE_SUSPENDED
    assert default_priority(status) is Priority.URGENT
    assert default_priority(json_format.Parse(example("alert"), Record())) is Priority.URGENT


async def test_too_many_at_once_are_refused_whole(door: Door) -> None:
    with pytest.raises(Malformed, match="at most 1000"):
        await door.submissions.submit("national", [pb.Submission()] * 1001)
