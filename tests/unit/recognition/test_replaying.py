"""A decision made again stands on the very records that it was made from, wherever else their ids are used."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from gateway.ports.decisions import StoredDecision
from gateway.ports.links import Direction, Standing
from gateway.ports.records import StoredRecord
from gateway.recognition.decider import Decider
from gateway.recognition.desk import RecognitionDesk
from gateway.recognition.gathering import Gatherer
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.tariff import Editions
from gateway.recognition.telling import tell
from gateway.trust.book import TrustBook
from tests.unit.recognition.world import KEY, World, arrival, control, question

BOOK = TrustBook("NL", agreements=World().agreements)
DECIDER = Decider(sampling_key=KEY, editions=Editions({}))


def stored(sequence: int, record: bytes) -> StoredRecord:
    return StoredRecord(
        sequence=sequence,
        direction=Direction.RECEIVED,
        record_id="r",
        kind="inspection_outcome",
        record=record,
        stored_at=0,
        deliveries=(),
        standing=Standing.ACCEPTED,
        violations=(),
        superseded_by="",
    )


class Kept:
    """One decision, and some records."""

    def __init__(self, decision: StoredDecision, *records: Any) -> None:
        self._decision, self._records = decision, records

    async def get(self, _: str) -> Any:
        return self._decision

    async def after(self, sequence: int, *, limit: int, query: object) -> Any:
        return [each for each in self._records if each.sequence > sequence][:limit], 0


def decided() -> StoredDecision:
    world = replace(World(), agreements=BOOK.agreements)
    world.told(control())
    facts = world.facts(question(**arrival()))
    facts.records[0].sequence, facts.records[0].digest = 7, sha256(b"theirs").digest()
    answer = tell(DECIDER.decide(facts, Surroundings(facts, BOOK)))
    name = facts.records[0].record.header.record_id
    return StoredDecision(
        1, name, "desk", "R-1", b"", 1, answer.SerializeToString(), b"", None, 0, facts.SerializeToString()
    )


@pytest.mark.parametrize(
    ("records", "same", "erased"),
    [
        ([stored(7, b"theirs")], True, 0),
        ([stored(6, b"another's, of the same id"), stored(7, b"theirs"), stored(8, b"")], True, 0),
        ([stored(6, b"theirs"), stored(7, b"")], False, 1),
        ([stored(8, b"theirs")], False, 1),
    ],
)
async def test_records_are_looked_for_where_they_lie(records: list[Any], same: bool, erased: int) -> None:
    kept: Any = Kept(decided(), *records)
    nothing: Any = None
    desk = RecognitionDesk(
        gatherer=Gatherer(reader=nothing, suspensions=nothing, book=lambda: BOOK),
        decider=DECIDER,
        decisions=kept,
        records=kept,
        book=lambda: BOOK,
        clock=nothing,
        randomness=nothing,
    )
    replayed = await desk.replay("any")
    assert (replayed.same, len(replayed.erased)) == (same, erased)
