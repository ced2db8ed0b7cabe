"""Submitting to a whole node: what is taken, what is refused by reason and field, and that a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest

from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import audit_service_pb2 as operations
from mutualrecognition.operations.v1.audit_service_pb2_grpc import AuditServiceStub
from mutualrecognition.records.v1.record_pb2 import Record
from tests import nodes
from tests.unit.rpc.calling import one, refused, submit

CODE = grpc.StatusCode


async def refusal_of(records: RecordsServiceStub, submission: pb.Submission) -> pb.Refusal:
    """Submit one between two good ones: these must be taken all the same, and nothing of the bad one stored."""
    good = nodes.submissions("CN", 2, seed=99)
    first, middle, last = await submit(records, good[0], submission, good[1])
    assert first.record_id
    assert last.record_id
    assert not middle.record_id
    assert middle.request_id == submission.request_id
    page = await records.ListRecords(pb.ListRecordsRequest(), timeout=nodes.SECONDS)
    assert [each.record.header.record_id for each in page.records] == [first.record_id, last.record_id]
    return middle.refusal


async def test_a_repeat_gets_the_first_answer(records: RecordsServiceStub) -> None:
    given = one()
    first = await submit(records, given)
    assert await submit(records, given) == first
    page = await records.ListRecords(pb.ListRecordsRequest(), timeout=nodes.SECONDS)
    assert len(page.records) == 1


async def test_other_bytes_under_a_used_request_id(records: RecordsServiceStub) -> None:
    given = one()
    (first,) = await submit(records, given)
    given.record.inspection_outcome.control_id = "other"
    (second,) = await submit(records, given)
    assert (second.refusal.reason, second.record_id) == ("ALREADY_EXISTS", "")
    assert first.record_id
    twice = one("screening_result")
    changed = pb.Submission()
    changed.CopyFrom(twice)
    changed.priority = pb.PRIORITY_BULK
    results = await submit(records, twice, changed, twice)
    assert results[0] == results[2]
    assert results[1].refusal.reason == "ALREADY_EXISTS"


async def test_a_message_of_1000_is_taken_and_one_of_1001_is_not(records: RecordsServiceStub) -> None:
    given = nodes.submissions("CN", 1001)
    assert await refused(records.SubmitRecords(pb.SubmitRecordsRequest(submissions=given))) == (
        CODE.INVALID_ARGUMENT,
        "MALFORMED",
    )
    results = await submit(records, *given[:1000])
    assert len({each.record_id for each in results}) == 1000


async def test_an_oversize_message(records: RecordsServiceStub) -> None:
    given = one()
    given.record.inspection_outcome.control_id = "x" * (5 * 1024 * 1024)
    code, reason = await refused(records.SubmitRecords(pb.SubmitRecordsRequest(submissions=[given])))
    assert (code, reason) == (CODE.RESOURCE_EXHAUSTED, "")
    (after,) = await submit(records, one("screening_result"))
    assert after.record_id


async def test_an_empty_message(records: RecordsServiceStub) -> None:
    assert await submit(records) == []


async def test_field_paths_of_a_record_that_breaks_rules(records: RecordsServiceStub) -> None:
    given = one()
    given.record.inspection_outcome.ClearField("conclusion")
    given.record.inspection_outcome.consignment.container_numbers.append("not a container")
    refusal = await refusal_of(records, given)
    assert refusal.reason == "RECORD_INVALID"
    paths = {each.path for each in refusal.violations}
    assert "inspection_outcome.conclusion" in paths
    assert any(path.startswith("inspection_outcome.consignment.container_numbers[") for path in paths)
    assert all(each.rule and each.message for each in refusal.violations)


async def test_another_administrations_name(records: RecordsServiceStub) -> None:
    given = one()
    given.record.header.issuer = "NL"
    assert (await refusal_of(records, given)).reason == "ISSUER_MISMATCH"


async def test_what_a_partner_stated_is_not_passed_on_and_who_tried_is_audited(
    cn: nodes.Home, records: RecordsServiceStub
) -> None:
    given = one()
    given.record.header.issuer = "NL"
    given.record.header.record_id = "01900000-0000-7000-8000-000000000000"
    (result,) = await submit(records, given)
    assert (result.refusal.reason, "asks NL" in result.refusal.message) == ("ISSUER_MISMATCH", True)
    async with nodes.channel(cn.operations, root=cn.national_authority, credential=nodes.local(cn)) as opened:
        audit = AuditServiceStub(opened)
        listed = await audit.ListAuditEntries(operations.ListAuditEntriesRequest(), timeout=nodes.SECONDS)
    (entry,) = [each for each in listed.entries if each.action == "refuse"]
    assert entry.actor == "local"
    assert entry.detail.startswith("ISSUER_MISMATCH")


async def test_what_the_gateway_fills_in(records: RecordsServiceStub) -> None:
    given = one()
    given.record.header.record_id = "01900000-0000-7000-8000-000000000000"
    given.record.header.agreement_version = 1
    refusal = await refusal_of(records, given)
    assert refusal.reason == "RECORD_INVALID"
    assert [each.path for each in refusal.violations] == ["header.record_id", "header.agreement_version"]


def no_kind(given: pb.Submission) -> None:
    given.record.ClearField("inspection_outcome")


def unknown_kind(given: pb.Submission) -> None:
    """A body in a field that this version does not know, as a newer client would send it."""
    header = given.record.header.SerializeToString()
    given.record.CopyFrom(Record.FromString(b"\x0a" + varint(len(header)) + header + b"\xfa\x3f\x02\x08\x01"))


def varint(value: int) -> bytes:
    return bytes([value & 127 | 128]) + varint(value >> 7) if value > 127 else bytes([value])


def unknown_agreement(given: pb.Submission) -> None:
    given.record.header.agreement_id = "no-such-agreement"


def uncovered_purpose(given: pb.Submission) -> None:
    given.record.header.purpose = 2


def unknown_recipient(given: pb.Submission) -> None:
    given.recipients.append("US")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (no_kind, "KIND_UNKNOWN"),
        (unknown_kind, "KIND_UNKNOWN"),
        (unknown_agreement, "NO_AGREEMENT"),
        (uncovered_purpose, "NO_AGREEMENT"),
        (unknown_recipient, "NO_AGREEMENT"),
    ],
)
async def test_nobody_to_whom_it_may_go(
    spoil: Callable[[pb.Submission], None], reason: str, records: RecordsServiceStub
) -> None:
    given = one()
    spoil(given)
    assert (await refusal_of(records, given)).reason == reason


@pytest.mark.parametrize("request_id", ["", "two words", "x" * 65, "ü", "line\nbreak"])
async def test_a_bad_request_id(request_id: str, records: RecordsServiceStub) -> None:
    given = one()
    given.request_id = request_id
    assert (await refusal_of(records, given)).reason == "MALFORMED"


async def test_a_submission_without_a_record_or_with_an_unknown_priority(records: RecordsServiceStub) -> None:
    assert (await refusal_of(records, pb.Submission(request_id="a"))).reason == "MALFORMED"


async def test_an_unknown_priority(records: RecordsServiceStub) -> None:
    given = one()
    given.priority = 77
    assert (await refusal_of(records, given)).reason == "MALFORMED"


async def test_a_correction_of_what_was_never_issued(records: RecordsServiceStub) -> None:
    given = one()
    given.record.header.supersedes = "01900000-0000-7000-8000-000000000000"
    assert (await refusal_of(records, given)).reason == "SUPERSEDES_UNKNOWN"


async def test_a_text_that_is_too_long(records: RecordsServiceStub) -> None:
    given = one()
    given.record.inspection_outcome.location.name = "x" * (257 * 1024)
    refusal = await refusal_of(records, given)
    assert refusal.reason == "RECORD_INVALID"
    assert [each.path for each in refusal.violations] == ["inspection_outcome.location.name"]
    assert len(refusal.SerializeToString()) < 1000, "what was sent does not come back"


async def test_a_bulks_answers_do_not_wait_for_the_next_message(records: RecordsServiceStub) -> None:
    call = records.StreamRecords(timeout=nodes.SECONDS)
    given = nodes.submissions("CN", 6)
    answered = []
    for each in given:
        await call.write(pb.StreamRecordsRequest(submissions=[each]))
        answered += (await call.read()).results
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert [each.request_id for each in answered] == [each.request_id for each in given]
    assert all(each.record_id for each in answered)


async def test_a_bulk_keeps_its_order_and_ends_with_its_refusal(cn: nodes.Home, records: RecordsServiceStub) -> None:
    given = nodes.submissions("CN", 1501)
    call = records.StreamRecords(timeout=nodes.SECONDS)
    for start in range(0, 500, 50):
        await call.write(pb.StreamRecordsRequest(submissions=given[start : start + 50]))
    await call.write(pb.StreamRecordsRequest(submissions=given[500:]))
    answered: list[str] = []
    for _ in range(10):
        answered += [each.record_id for each in (await call.read()).results]
    assert await refused(call) == (CODE.INVALID_ARGUMENT, "MALFORMED")
    stored = await nodes.stored(cn, pb.DIRECTION_ISSUED)
    assert [each.record.header.record_id for each in stored] == answered
    assert len(answered) == 500
