"""The one read: what is kept, and that of many questions each gets its own facts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import json_format

from gateway.ports.facts import FactRead, PartnerLink
from gateway.ports.links import Direction, Standing
from gateway.ports.records import Delivery, StoredRecord
from gateway.ports.suspensions import Scope, Suspension
from gateway.recognition.gathering import Gatherer, further_keys
from gateway.recognition.question import read_question
from gateway.trust.book import TrustBook
from gateway.views.keys import keys_of_stored
from mutualrecognition.national.v1.decision_pb2 import Question
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.recognition.world import NOW, control, goods, question, standing


def stored(sequence: int, body: dict[str, Any], **header: Any) -> StoredRecord:
    record = json_format.ParseDict(
        {"header": {"record_id": f"r{sequence}", "issuer": "CN", **header}, **body}, Record()
    )
    delivery = Delivery("CN", "customs.cn.example/links/NL/1", sequence, NOW, "")
    kind = record.WhichOneof("body") or ""
    return StoredRecord(
        sequence, Direction.RECEIVED, f"r{sequence}", kind, record.SerializeToString(), NOW, (delivery,), Standing.ACCEPTED, (), ""
    )  # fmt: skip


class Nothing:
    """No reliance is suspended."""

    def in_effect(self, at: int) -> Sequence[Suspension]:
        return ()


class Suspended(Nothing):
    """Reliance on one device was suspended at NOW."""

    def in_effect(self, at: int) -> Sequence[Suspension]:
        suspension = Suspension("s-1", Scope("CN", device="XR-07"), "at fault", NOW, None, "officer")
        return [suspension] if suspension.in_effect(at) else []


class Reader:
    """Holds some records; reads what is under keys, with no steps beyond."""

    def __init__(self, *records: StoredRecord, most: int = 99) -> None:
        self.records = records
        self.most = most
        self.asked: list[int] = []

    async def read(self, start: Collection[str], follow: Any, *, limit: int) -> FactRead:
        self.asked.append(limit)
        found = [each for each in self.records if not _keys_of(each).isdisjoint(start)]
        assert follow is further_keys
        return FactRead(found[:limit], {}, [PartnerLink("CN", "", NOW + 5)], 9, len(found) > self.most)


def _keys_of(stored: StoredRecord) -> set[str]:
    is_held = stored.standing is Standing.QUARANTINED
    return set(keys_of_stored(stored.record, is_held=is_held, erased_tin=None))


def box(number: str) -> dict[str, Any]:
    return goods(container_numbers=[number], ucr="", transport_documents=[])


def asking(number: str) -> Any:
    return read_question(json_format.ParseDict(question(consignment=box(number)), Question()))


BOXES = ("MSKU3841906", "TCLU7719057", "ABCU0000000")


@pytest.mark.parametrize(("most", "reads"), [(99, 1), (1, 4)])
async def test_each_question_gets_its_own_records(most: int, reads: int) -> None:
    reader = Reader(*(stored(n, control(consignment=box(each))) for n, each in enumerate(BOXES[:2], 1)), most=most)
    facts, newest = await Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL")).gather(
        [asking(each) for each in BOXES], NOW
    )
    assert [[each.sequence for each in one.records] for one in facts] == [[1], [2], []]
    assert not any(one.truncated for one in facts)
    assert newest == 9
    assert {one.partners[0].complete_as_of for one in facts} == {NOW}
    assert len(reader.asked) == reads  # what is too much together is read one by one


async def test_names_and_free_text_are_not_kept() -> None:
    body = standing(legal_name="Somebody", trade_names=["Some"], address={"country": "CN", "city": "Town"})
    control_ = control(officer_ref="o-1", discrepancies=[{"found": "words"}], consignment=box("MSKU3841906"))
    reader = Reader(stored(1, control_))
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))
    (facts,), _ = await gatherer.gather([asking("MSKU3841906")], NOW)
    kept = facts.records[0].record.inspection_outcome
    assert (kept.officer_ref, list(kept.discrepancies), kept.control_id) == ("", [], "CN-1")
    reader = Reader(stored(1, body))
    asked = question(declared={"operators": [{"role": "AEO_ROLE_EXPORTER", "tin": body["aeo_status"]["tin"]}]})
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))
    (facts,), _ = await gatherer.gather([read_question(json_format.ParseDict(asked, Question()))], NOW)
    whole = facts.SerializeToString()
    assert b"CN1234567890" in whole
    assert not any(word in whole for word in (b"Somebody", b"Town", b"Some"))


def test_what_leads_further() -> None:
    method = {"kind": "METHOD_KIND_NII_XRAY", "equipment_id": "X-7"}
    swap = {"type": "MOVEMENT_TYPE_CONTAINER_SWAPPED", "from_container": "AAAU1", "to_container": "BBBU2"}
    found = further_keys(
        [stored(1, control(methods=[method])), stored(2, {"movement_event": swap}), stored(3, standing())]
    )
    plain = {"record:r1", "equipment:X-7", "container:AAAU1", "record:r3", "programme:AEO Advanced"}
    assert found == plain | {f"held:{each}" for each in plain}


def test_what_is_held_leads_to_its_successor_alone() -> None:
    swap = {"type": "MOVEMENT_TYPE_CONTAINER_SWAPPED", "from_container": "AAAU1", "to_container": "BBBU2"}
    held = replace(stored(2, {"movement_event": swap}), standing=Standing.QUARANTINED)
    assert further_keys([held]) == {"record:r2", "held:record:r2"}


async def test_what_is_held_goes_to_its_question() -> None:
    held = replace(stored(2, control(consignment=box(BOXES[0]))), standing=Standing.QUARANTINED)
    reader = Reader(stored(1, control(consignment=box(BOXES[0]))), held)
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))
    (one, other), _ = await gatherer.gather([asking(each) for each in BOXES[:2]], NOW)
    assert [(each.sequence, each.held) for each in one.records] == [(1, False), (2, True)]
    assert not other.records


async def test_suspensions_in_effect_are_kept_with_the_facts() -> None:
    gatherer = Gatherer(reader=Reader(), suspensions=Suspended(), book=lambda: TrustBook("NL"))  # type: ignore[arg-type]
    (before,), _ = await gatherer.gather([asking(BOXES[0])], NOW - 1)
    (after,), _ = await gatherer.gather([asking(BOXES[0])], NOW)
    assert not before.suspended
    assert [(each.suspension_id, each.scope.partner, each.scope.equipment_id) for each in after.suspended] == [
        ("s-1", "CN", "XR-07")
    ]
