"""Records that are well delivered and must not be used: what they say (sections 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable

from mock_partners.rogue import logs
from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, goes_on, quarantines
from mock_partners.rogue.link import Link
from mock_partners.rogue.records import record_id
from mutualrecognition.records.v1.judgement_pb2 import VERDICT_ACCEPTED, VERDICT_REFUSED, Verdict
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY
from mutualrecognition.records.v1.record_pb2 import PURPOSE_AEO_BENEFIT, PURPOSE_FISCAL, Record
from mutualrecognition.records.v1.withdrawal_pb2 import WITHDRAWAL_REASON_ISSUED_IN_ERROR

_DAY = 24 * 3600


async def _judged(link: Link, change: Callable[[Record], None]) -> Heard:
    """Deliver a record with a change, and hear what is thought of it."""
    record = Record.FromString(link.record())
    change(record)
    async with link.open() as session:
        return await session.judged(await session.deliver(record.SerializeToString()))


@attack("R-REC-03", quarantines("header.issuer"))
async def record_of_another_issuer(link: Link) -> Heard:
    """States something in the name of another administration."""

    def change(record: Record) -> None:
        record.header.issuer = "XY"

    return await _judged(link, change)


@attack("R-REC-03", quarantines("header.issuer"))
async def record_of_the_receiver(link: Link) -> Heard:
    """States something in the receiver's own name."""

    def change(record: Record) -> None:
        record.header.issuer = link.partner.administration

    return await _judged(link, change)


@attack("R-REC-02", quarantines("header.record_id_reused"))
async def record_id_again(link: Link) -> Heard:
    """States another thing under a record id that it has used before."""
    first = link.record()
    async with link.open() as session:
        await session.deliver(first)

    def change(record: Record) -> None:
        record.header.record_id = Record.FromString(first).header.record_id

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def unknown_agreement(link: Link) -> Heard:
    """States something under an agreement that nobody knows."""

    def change(record: Record) -> None:
        record.header.agreement_id = "never-signed"

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def other_version_of_the_agreement(link: Link) -> Heard:
    """States something under a version of the agreement that does not exist."""

    def change(record: Record) -> None:
        record.header.agreement_version = 2**32 - 1

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def ended_agreement(link: Link) -> Heard:
    """States something under an agreement that has ended."""

    def change(record: Record) -> None:
        record.header.agreement_id = link.ended_agreement.id

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def before_the_agreement(link: Link) -> Heard:
    """States something as of a day before the agreement was in force."""

    def change(record: Record) -> None:
        record.header.issued_at.seconds = link.agreements[0].valid_from - _DAY

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def purpose_not_agreed(link: Link) -> Heard:
    """States something for a purpose of the agreement that its flow does not name."""

    def change(record: Record) -> None:
        record.header.purpose = PURPOSE_FISCAL

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def purpose_not_in_the_agreement(link: Link) -> Heard:
    """States something for a purpose that the agreement does not have."""

    def change(record: Record) -> None:
        record.header.purpose = PURPOSE_AEO_BENEFIT

    return await _judged(link, change)


@attack("R-REC-05", quarantines("agreement.fields"))
async def field_not_agreed(link: Link) -> Heard:
    """States the name of a place, which the agreement does not release."""

    def change(record: Record) -> None:
        record.inspection_outcome.location.name = "Scan lane 3"

    return await _judged(link, change)


@attack("R-REC-04", quarantines("agreement.covers"))
async def kind_not_agreed(link: Link) -> Heard:
    """Puts a piece of equipment in its register, a kind that no flow names."""

    def change(record: Record) -> None:
        record.ClearField("inspection_outcome")
        record.header.subject.equipment_id = "XA-RPM-1"
        record.equipment.equipment_id = "XA-RPM-1"
        record.equipment.method = METHOD_KIND_NII_XRAY

    return await _judged(link, change)


@attack("R-REC-07", quarantines("header.issued_in_future"))
async def stated_tomorrow(link: Link) -> Heard:
    """States something as of tomorrow."""

    def change(record: Record) -> None:
        record.header.issued_at.seconds += _DAY

    return await _judged(link, change)


@attack("R-REC-11", quarantines("succession.withdrawn"))
async def outcome_supersedes_a_withdrawal(link: Link) -> Heard:
    """Withdraws a statement, and then replaces the withdrawal by a statement of another kind."""
    first, taken_back = Record.FromString(link.record()), Record.FromString(link.record())
    taken_back.header.supersedes = first.header.record_id
    taken_back.header.subject.record_id = first.header.record_id
    taken_back.ClearField("inspection_outcome")
    taken_back.withdrawal.reason = WITHDRAWAL_REASON_ISSUED_IN_ERROR
    async with link.open() as session:
        await session.deliver(first.SerializeToString())
        await session.deliver(taken_back.SerializeToString())

    def change(record: Record) -> None:
        record.header.supersedes = taken_back.header.record_id

    return await _judged(link, change)


@attack("R-CNV-04", quarantines("text.control_characters"))
async def text_that_turns_around(link: Link) -> Heard:
    """Hides what a text says behind a mark that turns its direction around."""

    def change(record: Record) -> None:
        record.inspection_outcome.control_id = "XA-\u202e1-DEZIES-\u202c"

    return await _judged(link, change)


@attack("R-REC-09", quarantines("enum.defined_only"))
async def conclusion_that_nobody_knows(link: Link) -> Heard:
    """Concludes with a value of the list that does not exist."""

    def change(record: Record) -> None:
        record.inspection_outcome.MergeFromString(b"\x48\xe7\x24")

    return await _judged(link, change)


# --- judgements -----------------------------------------------------------------------------------------------


def _judgement(link: Link, origin: str, last: int, verdict: Verdict.ValueType) -> bytes:
    """Judge the first entries of a log."""
    record = Record()
    header = record.header
    header.record_id, header.issuer = record_id(), link.identity.administration
    header.issued_at.seconds = link.now()
    header.subject.origin = origin
    said = record.judgement
    said.origin, said.verdict = origin, verdict
    said.ranges.add(first=0, last=last)
    if verdict == VERDICT_REFUSED:
        said.violations.add(rule="rogue.whim", message="I do not like it.")
    return record.SerializeToString()


async def _delivered(link: Link, record: bytes) -> Heard:
    async with link.open() as session:
        await session.deliver(record)
        return await session.goes_on()


@attack("R-JDG-01 R-JDG-04", goes_on())
async def judges_its_own_log(link: Link) -> Heard:
    """Judges its own records: it would have what is quarantined accepted."""
    async with link.open() as session:
        bad = await session.deliver(b"unreadable")
        await session.judged(bad)
        await session.deliver(_judgement(link, link.issued.origin, bad, VERDICT_ACCEPTED))
        return await session.goes_on()


@attack("R-JDG-01 R-JDG-04", goes_on())
async def judges_anothers_log(link: Link) -> Heard:
    """Refuses what the partner has stated to somebody else."""
    elsewhere = logs.origin(link.partner.domain, "CN")
    return await _delivered(link, _judgement(link, elsewhere, 1000, VERDICT_REFUSED))


@attack("R-JDG-01 R-JDG-04", goes_on())
async def judges_what_is_not_there(link: Link) -> Heard:
    """Refuses entries of the partner's log that do not exist yet, to the last index that there can be."""
    return await _delivered(link, _judgement(link, link.held.origin, 2**64 - 1, VERDICT_REFUSED))
