"""Well signed batches of records that break a rule: receipted and kept as evidence, judged, and used by nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.records.v1.judgement_pb2 import VERDICT_QUARANTINED
from mutualrecognition.records.v1.record_pb2 import Record
from tests import nodes
from tests.processes.hostile_peer import Session
from tests.processes.hostile_world import World


def wrong_issuer(record: Record) -> bytes:
    record.header.issuer = "US"
    return record.SerializeToString()


def wrong_agreement(record: Record) -> bytes:
    record.header.agreement_version = 2
    return record.SerializeToString()


def not_covered_purpose(record: Record) -> bytes:
    record.header.purpose = 3
    return record.SerializeToString()


def unknown_kind(record: Record) -> bytes:
    body = record.WhichOneof("body")
    record.ClearField(body)
    return record.SerializeToString() + b"\xfa\x3f\x02\x08\x01"  # a body in a field that nobody has


def garbage(_: Record) -> bytes:
    return b"\xff" * 64


def empty(_: Record) -> bytes:
    return b""


def withheld_field(record: Record) -> bytes:
    record.inspection_outcome.officer_ref = "officer-7741"
    return record.SerializeToString()


def issued_tomorrow(record: Record) -> bytes:
    record.header.issued_at.seconds += 86_400
    return record.SerializeToString()


@pytest.mark.parametrize(
    ("spoil", "kind", "rule"),
    [
        (wrong_issuer, "screening_result", "header.issuer"),
        (wrong_agreement, "screening_result", "agreement.covers"),
        (not_covered_purpose, "screening_result", "agreement.covers"),
        (unknown_kind, "screening_result", "record.unreadable"),
        (garbage, "screening_result", "record.unreadable"),
        (empty, "screening_result", "record.unreadable"),
        (withheld_field, "inspection_outcome", "agreement.fields"),
        (issued_tomorrow, "screening_result", ""),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
async def test_a_bad_record_is_quarantined(
    spoil: Callable[[Record], bytes], kind: str, rule: str, world: World
) -> None:
    """It is receipted and kept as evidence, its issuer is told, and no reader gets it among what may be used."""
    bad, good = spoil(world.peer.record(kind=kind)), world.peer.record(2)
    async with world.peer.greeted() as session:
        first = await session.deliver(bad, good.SerializeToString())
        judgement = await heard_judgement(session)
    said = judgement.judgement
    assert (judgement.header.issuer, said.verdict, said.origin) == ("NL", VERDICT_QUARANTINED, world.peer.issued.origin)
    assert [(each.first, each.last) for each in said.ranges] == [(first, first)]
    usable = await nodes.received(world.nl, 1)
    every = await nodes.stored(world.nl, national.DIRECTION_RECEIVED)
    assert good.header.record_id in {each.record.header.record_id for each in usable}
    assert first not in {each.deliveries[0].index for each in usable}
    (kept,) = [each for each in every if each.deliveries[0].index == first]
    assert (kept.standing, kept.record_bytes) == (national.STANDING_QUARANTINED, bad)
    assert kept.deliveries[0].judgement == "QUARANTINED"
    assert rule in {each.rule for each in kept.violations} | {""}
    assert kept.violations


async def heard_judgement(session: Session) -> Record:
    """Give the judgement among what NL sends."""
    while True:
        batch = (await session.heard("batch")).batch
        for entry in batch.entries:
            record = Record.FromString(entry.record)
            if record.WhichOneof("body") == "judgement":
                return record
