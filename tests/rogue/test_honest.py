"""A rogue that behaves is a partner like any other: what docs/protocol.md says is enough to write one."""

from __future__ import annotations

import pytest

from mock_partners.rogue.link import Link
from mock_partners.staging.nodes import CALL_SECONDS, until
from mock_partners.trials.ground import HONEST, ON_TRIAL, Ground
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.records.v1.record_pb2 import Record

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def link(ground: Ground) -> Link:
    return ground.links["XA"]


async def received(ground: Ground) -> dict[str, national.StoredRecord]:
    request = national.ListRecordsRequest(page_size=1000)
    answer = await ground.nodes.records(ON_TRIAL).ListRecords(request, timeout=CALL_SECONDS)
    return {
        each.record.header.record_id: each for each in answer.records if each.direction == national.DIRECTION_RECEIVED
    }


async def test_its_records_are_receipted_and_used(ground: Ground, link: Link) -> None:
    record = link.record()
    async with link.open() as session:
        await session.deliver(record, link.record())
    known = await received(ground)
    stated = Record.FromString(record)
    kept = known[stated.header.record_id]
    assert (kept.record_bytes, kept.standing) == (record, national.STANDING_ACCEPTED)


async def test_its_log_goes_on_in_the_next_session(link: Link) -> None:
    before = link.issued.size
    for _ in range(2):
        async with link.open() as session:
            await session.deliver()
    assert link.issued.size == before + 2


async def test_it_receives_and_its_receipt_counts(ground: Ground, link: Link) -> None:
    record = Record.FromString(link.record())
    record.header.Clear()
    record.header.purpose = Record.FromString(link.record()).header.purpose
    record.header.subject.consignment.container_numbers.append(
        record.inspection_outcome.consignment.container_numbers[0]
    )
    submission = national.Submission(request_id="to-the-rogue", record=record, recipients=["XA"])
    await ground.nodes.records(ON_TRIAL).SubmitRecords(
        national.SubmitRecordsRequest(submissions=[submission]), timeout=CALL_SECONDS
    )
    async with link.open() as session:
        batch = (await session.hear("batch")).batch
        await until(lambda: ground.link_with("XA"), lambda seen: seen.issued.receipted > 0, "the rogue's receipt")
    (entry,) = batch.entries
    came = Record.FromString(entry.record)
    assert came.header.issuer == ON_TRIAL
    assert came.inspection_outcome == record.inspection_outcome


async def test_the_honest_link_is_open_meanwhile(ground: Ground, link: Link) -> None:
    session = await ground.honest_delivers()
    async with link.open() as spoken:
        await spoken.deliver()
        assert await ground.honest_delivers() == session
    state = (await ground.nodes.link(HONEST, ON_TRIAL)).state
    assert state == operations.LINK_STATE_OPEN
