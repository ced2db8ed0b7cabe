"""The one read: what is kept, and that of many questions each gets its own facts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from google.protobuf import json_format

from gateway.ports.facts import FactRead, FoundRecord, PartnerLink, Receipted
from gateway.ports.links import Direction
from gateway.ports.suspensions import Scope, Suspension
from gateway.recognition.gathering import Gatherer, further_keys
from gateway.recognition.question import read_question
from gateway.recognition.surroundings import Surroundings
from gateway.trust.book import TrustBook
from gateway.views.keys import filed_under
from mutualrecognition.national.v1.decision_pb2 import Question
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.recognition.world import NOW, agreement, control, goods, question, standing


def found(sequence: int, body: dict[str, Any], *, is_held: bool = False) -> FoundRecord:
    record = json_format.ParseDict({"header": {"record_id": f"r{sequence}", "issuer": "CN"}, **body}, Record())
    return FoundRecord(
        sequence=sequence,
        direction=Direction.RECEIVED,
        record_id=f"r{sequence}",
        kind=record.WhichOneof("body") or "",
        record=record.SerializeToString(),
        said=record,
        stored_at=NOW,
        partners=("CN",),
        is_held=is_held,
        superseded_by="",
        origin="customs.cn.example/links/NL/1",
        receipts=(Receipted(b"", NOW),),
    )


LINKS = (PartnerLink("CN", ""), PartnerLink("US", ""))


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

    def __init__(self, *records: FoundRecord, most: int = 99) -> None:
        self.records = records
        self.most = most
        self.asked: list[int] = []

    async def read(self, start: Collection[str], follow: Any, *, hear: Any, limit: int) -> FactRead:
        self.asked.append(limit)
        under = [each for each in self.records if not _keys_of(each).isdisjoint(start)]
        assert follow is further_keys
        asked = hear(under)
        complete = {name: NOW + 5 for name in ("CN", "US") if asked is None or name in asked}
        return FactRead(under[:limit], LINKS, complete, 9, len(under) > self.most)


class Following(Reader):
    """Follows the keys to where they lead, as the store does."""

    async def read(self, start: Collection[str], follow: Any, *, hear: Any, limit: int) -> FactRead:
        whole = await super().read(start, follow, hear=hear, limit=limit)
        led = [each for each in self.records if not _keys_of(each).isdisjoint(follow(whole.records))]
        both = sorted({each.sequence: each for each in (*whole.records, *led)}.values(), key=lambda each: each.sequence)
        return replace(whole, records=both)


def _keys_of(record: FoundRecord) -> set[str]:
    return set(filed_under(record.said, is_held=record.is_held, erased_tin=None))


def box(number: str) -> dict[str, Any]:
    return goods(container_numbers=[number], ucr="", transport_documents=[])


def asking(number: str) -> Any:
    return read_question(json_format.ParseDict(question(consignment=box(number)), Question()))


async def around(gatherer: Gatherer, at: int) -> Surroundings:
    (one,) = await gatherer.gather([asking(BOXES[0])], at)
    return one.around


BOXES = ("MSKU3841906", "TCLU7719057", "ABCU0000000")


@pytest.mark.parametrize(("most", "reads"), [(99, 1), (1, 4)])
async def test_each_question_gets_its_own_records(most: int, reads: int) -> None:
    reader = Reader(*(found(n, control(consignment=box(each))) for n, each in enumerate(BOXES[:2], 1)), most=most)
    gathered = await Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL")).gather(
        [asking(each) for each in BOXES], NOW
    )
    assert [[each.sequence for each in one.facts.records] for one in gathered] == [[1], [2], []]
    assert not any(one.facts.truncated for one in gathered)
    assert {one.newest for one in gathered} == {9}
    assert len(reader.asked) == reads  # what is too much together is read one by one


async def test_what_is_read_one_by_one_has_the_surroundings_of_its_own_read() -> None:
    class Suspending(Reader):
        """CN's link is suspended after two reads: that of both questions, and that of the first."""

        async def read(self, start: Collection[str], follow: Any, *, hear: Any, limit: int) -> FactRead:
            whole = await super().read(start, follow, hear=hear, limit=limit)
            why = "FORKED" if len(self.asked) > 2 else ""
            return replace(whole, links=(PartnerLink("CN", why),))

    reader = Suspending(*(found(n, control(consignment=box(each))) for n, each in enumerate(BOXES[:2], 1)), most=1)
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))  # type: ignore[arg-type]
    gathered = await gatherer.gather([asking(each) for each in BOXES[:2]], NOW)
    assert [dict(one.around.partners) for one in gathered] == [{"CN": ""}, {"CN": "FORKED"}]


async def test_names_and_free_text_are_not_kept() -> None:
    body = standing(legal_name="Somebody", trade_names=["Some"], address={"country": "CN", "city": "Town"})
    control_ = control(officer_ref="o-1", discrepancies=[{"found": "words"}], consignment=box("MSKU3841906"))
    reader = Reader(found(1, control_))
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))
    (one,) = await gatherer.gather([asking("MSKU3841906")], NOW)
    kept = one.facts.records[0].record.inspection_outcome
    assert (kept.officer_ref, list(kept.discrepancies), kept.control_id) == ("", [], "CN-1")
    reader = Reader(found(1, body))
    asked = question(declared={"operators": [{"role": "AEO_ROLE_EXPORTER", "tin": body["aeo_status"]["tin"]}]})
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))
    (one,) = await gatherer.gather([read_question(json_format.ParseDict(asked, Question()))], NOW)
    whole = one.facts.SerializeToString()
    assert b"CN1234567890" in whole
    assert not any(word in whole for word in (b"Somebody", b"Town", b"Some"))


@pytest.mark.parametrize("kind", ["recall", "alert"])
async def test_of_thousands_of_records_that_are_named_those_are_kept_that_are_here(kind: str) -> None:
    """A recall because of one x-ray comes in parts; every one of them is about that x-ray, and so found by it."""
    others = [f"other-{number}" for number in range(999)]
    about = {"subject": {"equipment_id": "XR-07"}}
    parts = [
        {"header": {"record_id": f"p{number}", "issuer": "CN", **about}, kind: {"record_ids": [*others, *named]}}
        for number, named in enumerate((["r1", "r2"], []))
    ]
    x_rayed = [control(consignment=box(each), methods=[{"equipment_id": "XR-07"}]) for each in BOXES[:2]]
    reader = Following(*(found(number, each) for number, each in enumerate([*x_rayed, *parts], 1)))
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))  # type: ignore[arg-type]
    for one in await gatherer.gather([asking(each) for each in BOXES[:2]], NOW):
        own, *news = one.facts.records
        here = {"r1": ["r1"], "r2": ["r2"]}[own.record.header.record_id]
        assert [list(getattr(each.record, kind).record_ids) for each in news] == [here, []]
        assert [each.digest for each in news] == [sha256(each.record).digest() for each in reader.records[2:]]
        assert one.facts.ByteSize() < 1500


def test_what_leads_further() -> None:
    method = {"kind": "METHOD_KIND_NII_XRAY", "equipment_id": "X-7"}
    swap = {"type": "MOVEMENT_TYPE_CONTAINER_SWAPPED", "from_container": "AAAU1", "to_container": "BBBU2"}
    leads = further_keys(
        [found(1, control(methods=[method])), found(2, {"movement_event": swap}), found(3, standing())]
    )
    plain = {"record:r1", "equipment:X-7", "container:AAAU1", "record:r3", "programme:AEO Advanced"}
    assert leads == plain | {f"held:{each}" for each in plain}


def test_what_is_held_leads_to_its_successor_alone() -> None:
    swap = {"type": "MOVEMENT_TYPE_CONTAINER_SWAPPED", "from_container": "AAAU1", "to_container": "BBBU2"}
    held = found(2, {"movement_event": swap}, is_held=True)
    assert further_keys([held]) == {"record:r2", "held:record:r2"}


async def test_what_is_held_goes_to_its_question() -> None:
    held = found(2, control(consignment=box(BOXES[0])), is_held=True)
    reader = Reader(found(1, control(consignment=box(BOXES[0]))), held)
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))
    one, other = await gatherer.gather([asking(each) for each in BOXES[:2]], NOW)
    assert [(each.sequence, each.held) for each in one.facts.records] == [(1, False), (2, True)]
    assert not other.facts.records


async def test_suspensions_in_effect_are_kept_with_the_facts() -> None:
    gatherer = Gatherer(reader=Reader(), suspensions=Suspended(), book=lambda: TrustBook("NL"))  # type: ignore[arg-type]
    before = await around(gatherer, NOW - 1)
    after = await around(gatherer, NOW)
    assert not before.suspended
    assert [(each.suspension_id, each.scope.partner, each.scope.equipment_id) for each in after.suspended] == [
        ("s-1", "CN", "XR-07")
    ]


async def test_what_surrounds_is_made_anew_only_when_it_changed() -> None:
    reader, books = Reader(), [TrustBook("NL")]
    gatherer = Gatherer(reader=reader, suspensions=Suspended(), book=lambda: books[-1])  # type: ignore[arg-type]
    first, later, suspended = [await around(gatherer, at) for at in (NOW - 2, NOW - 1, NOW)]
    assert first is later
    assert suspended is not later
    assert suspended.shared.digest != later.shared.digest
    books.append(TrustBook("NL", agreements=(agreement(),)))
    agreed = await around(gatherer, NOW)
    assert list(agreed.used) == ["cn-nl version 1"]


@pytest.mark.parametrize(
    ("operators", "speaks", "lists"),
    [
        ([], True, []),
        ([{"role": "AEO_ROLE_EXPORTER", "tin": "US12"}], False, ["US"]),
        ([{"role": "AEO_ROLE_EXPORTER", "tin": "FR12"}], False, []),
        ([{"role": "AEO_ROLE_EXPORTER", "tin": "FR12"}], True, ["CN"]),
        ([{"role": "AEO_ROLE_EXPORTER", "local_id": {"scheme": "S", "value": "1"}}], True, ["CN"]),
        ([{"role": "AEO_ROLE_EXPORTER", "local_id": {"scheme": "S", "value": "1"}}], False, ["CN", "US"]),
    ],
)
async def test_only_lists_that_rules_ask_for_are_kept(
    operators: list[dict[str, Any]], speaks: bool, lists: list[str]
) -> None:
    declared = question(consignment=box(BOXES[0]), declared={"operators": operators})
    others = question(consignment=box(BOXES[1]), declared={})
    asked = [read_question(json_format.ParseDict(each, Question())) for each in (declared, others)]
    reader = Reader(*[found(1, control(consignment=box(BOXES[0])))] * speaks)
    gatherer = Gatherer(reader=reader, suspensions=Nothing(), book=lambda: TrustBook("NL"))  # type: ignore[arg-type]
    (alone,) = [each.facts for each in await gatherer.gather(asked[:1], NOW)]
    together, other = [each.facts for each in await gatherer.gather(asked, NOW)]
    assert [each.partner for each in alone.lists] == lists
    assert together.lists == alone.lists
    assert {each.complete_as_of for each in alone.lists} <= {NOW}
    assert not other.lists
