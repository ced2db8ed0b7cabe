"""An id names a record only together with whose it is: what another states under it neither hides nor replaces it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from gateway.ports.records import StoredRecord
from gateway.rpc.operators_service import OperatorsService
from gateway.views.alert_desk import AlertDesk
from gateway.views.consignments import Asked, consignment_views
from gateway.views.keys import keys_of_bytes
from gateway.views.overtaking import gone_since
from gateway.views.register import OperatorRegister
from gateway.views.request_desk import RequestDesk
from gateway.views.sightings import sighting
from gateway.views.steps import read
from mutualrecognition.national.v1 import operators_service_pb2 as national
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.asking import GOODS, alert, answered, asked, at_node, minute, moved
from tests.unit.views.making import (
    DAY,
    START,
    TIN,
    goods_data,
    outcome,
    record_id,
    reference,
    standing,
    withdrawal,
)

CLOCK: Any = SimpleNamespace(now=lambda: minute(30))
NOTHING: Any = None


class Filed:
    """Records at NL, in the order in which they came."""

    def __init__(self, *records: Record) -> None:
        self.all = [replace(at_node(each, "NL"), sequence=place) for place, each in enumerate(records, 1)]

    async def records_under(self, keys: Collection[str], *, after: int = 0, **_: Any) -> list[StoredRecord]:
        found = [each for each in self.all if not set(keys).isdisjoint(keys_of_bytes(each.record))]
        return [each for each in found if each.sequence > after]

    async def get(self, whose: str, name: str) -> StoredRecord | None:
        return next((each for each in self.all if (each.whose, each.record_id) == (whose, name)), None)

    async def newest(self) -> int:
        return len(self.all)

    async def after(self, sequence: int, **_: Any) -> tuple[Sequence[StoredRecord], int]:
        return self.all[sequence:], len(self.all)


def both_ways(*records: Record) -> list[Any]:
    return [Filed(*records), Filed(*records[::-1])]


async def test_a_withdrawal_bears_on_its_issuer_s_alert() -> None:
    ours, theirs = alert(1, 0, issuer="CN"), alert(1, 0, issuer="XA", alert_id="A9")
    for filed in both_ways(ours, theirs):
        desk = AlertDesk(administration="NL", index=filed, records=filed, clock=CLOCK)
        for issuer, name in (("CN", "A1"), ("XA", "A9")):
            lives = await desk.bearing_on([at_node(withdrawal(2, day=0, supersedes=1, issuer=issuer), "NL")])
            assert [each.key.alert_id for each in lives] == [name]


async def test_a_withdrawal_bears_on_its_issuer_s_request() -> None:
    ours, theirs = asked(1, 0, issuer="CN"), asked(1, 0, issuer="XA", request_id="R9")
    for filed in both_ways(ours, theirs):
        desk = RequestDesk(administration="NL", index=filed, records=filed, tracer=Untraced(), clock=CLOCK)
        for issuer, name in (("CN", "R1"), ("XA", "R9")):
            lives = await desk.bearing_on([at_node(withdrawal(2, day=0, supersedes=1, issuer=issuer), "NL")])
            assert [each.key.request_id for each in lives] == [name]


async def test_an_answer_names_an_outcome_of_whoever_answers() -> None:
    answer = answered(2, 5, "DECLINED", outcome_record_id=record_id(3), decline_reason=3)
    named = [outcome(3, 0, GOODS, issuer="CN"), outcome(3, 0, GOODS, issuer="XA")]
    for filed in both_ways(asked(1, 0), answer, *named):
        (life,) = await RequestDesk(
            administration="NL", index=filed, records=filed, tracer=Untraced(), clock=CLOCK
        ).lives("R1")
        assert life.outcome is not None
        assert life.outcome.whose == "CN"


async def test_a_watch_of_operators_tells_of_whom_a_withdrawal_s_issuer_spoke() -> None:
    said = [standing(1, tin="CN1"), standing(1, tin="XA1", issuer="XA")]
    for before in (said, said[::-1]):
        filed: Any = Filed(*before, withdrawal(2, day=1, supersedes=1))
        register = OperatorRegister(administration="NL", index=filed, logs=NOTHING, clock=CLOCK)
        service = OperatorsService(administration="NL", register=register, records=filed)
        shown = await anext(service.WatchOperators(national.WatchOperatorsRequest(cursor="2"), NOTHING))
        assert [(each.issuer, each.tin) for each in shown.operators] == [("CN", "CN1")]


async def test_each_late_notice_touches_what_came_since_its_own_effect() -> None:
    """Both are heard on day 5, under one id; CN's holds from day 1, XA's from day 3."""
    ends = aeo.AEO_STATE_SUSPENDED
    before = [standing(1, issuer=each) for each in ("CN", "XA")]
    from_1, from_3 = standing(2, ends, effective=1, issuer="CN"), standing(2, ends, effective=3, issuer="XA")
    data = [goods_data(3, 2, reference("MSKU3841906"), issuer="US"), goods_data(4, 4, reference("MSKU3841906"))]
    for each in data:
        each.consignment_data.supply_chain_actors.add(tin=TIN)
    known = {3: 2, 4: 4, 2: 5}
    for said in ([*before, *data, from_1, from_3], [*before, *data, from_3, from_1]):
        filed = Filed(*said)
        days = [known.get(int(each.record_id[-12:], 16), 0) for each in filed.all]
        filed.all = [replace(each, stored_at=START + day * DAY) for each, day in zip(filed.all, days, strict=True)]
        index: Any = filed
        clock: Any = SimpleNamespace(now=lambda: START + 9 * DAY)
        register = OperatorRegister(administration="NL", index=index, logs=NOTHING, clock=clock)
        found = await register.lookup(TIN)
        touched = {name[0]: [each.whose for each in some] for name, some in found.touched.items()}
        assert touched == {"CN": ["US", "CN"], "XA": ["CN"]}


def test_both_stand_in_the_story_of_their_goods() -> None:
    said = [outcome(1, 1, GOODS, issuer="CN"), outcome(1, 2, GOODS, issuer="XA")]
    for records in (said, said[::-1]):
        (view,) = consignment_views([sighting(at_node(each, "NL")) for each in records], ASKED)
        assert [each.sighting.stored.whose for each in view.timeline] == ["CN", "XA"]


def test_what_another_said_under_a_request_s_id_does_not_tell_where_its_goods_are() -> None:
    """XA speaks of another box of the same document, which leaves; the box that NL asks about stays."""
    request = asked(1, 0, goods=reference("MSKU3841906", document="MAEU1"))
    theirs = goods_data(1, -1, reference("TGHU7654321", document="MAEU1"), issuer="XA")
    gone = moved(2, 10, goods=reference("TGHU7654321", document="MAEU1"))
    records = [at_node(each, "NL") for each in (theirs, request, gone)]
    views = consignment_views([sighting(each) for each in records], ASKED)
    assert gone_since(read(records[1]), views) == ()


ASKED = Asked(documents=frozenset({"MAEU1"}))


class Untraced:
    """Nothing is known of any goods."""

    async def trace(self, _: Asked) -> Any:
        return SimpleNamespace(views=())
