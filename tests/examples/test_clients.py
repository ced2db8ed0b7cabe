"""What the examples promise, against two real nodes that are killed on the way: nothing lost, nothing twice."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from typing import Any

import grpc
import pytest

from mock_partners.traffic import numbers
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.records.v1.alert_pb2 import ALERT_TYPE_NO_LOAD
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK
from mutualrecognition.records.v1.threat_pb2 import THREAT_EXPLOSIVES_IED
from tests.examples.conftest import World
from tests.examples.national_systems import EXAMPLES, Language, System, wait_for, write
from tests.nodes import ROOT, SECONDS, Home, channel, local, records_of, until

pytestmark = pytest.mark.long

RECORD = json.loads((ROOT / "docs" / "examples" / "record.json").read_text("utf-8"))
QUESTION = json.loads((EXAMPLES / "data" / "question.json").read_text("utf-8"))


@pytest.fixture
def cn(world: World, language: Language) -> System:
    return System(world.place, language, world.cn)


@pytest.fixture
def nl(world: World, language: Language) -> System:
    return System(world.place, language, world.nl)


@pytest.fixture
def goods(tmp_path: Path) -> Goods:
    return Goods(tmp_path)


class Goods:
    """Goods that no other test knows, and what can be said of them, as files."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.container = numbers.container(Random(), "MSKU")
        self._ucr = f"6CN{uuid.uuid4().hex[:20].upper()}"

    def record(self, **changed: Any) -> str:
        text = self._of_these(RECORD)
        text["inspection_outcome"] |= {"control_id": uuid.uuid4().hex, **changed}
        return write(self._place / f"{uuid.uuid4().hex}.json", text)

    def question(self, *checks: str, **changed: Any) -> str:
        text = self._of_these(QUESTION)
        text["required"] = [each for each in text["required"] if each["check"] in checks]
        return write(self._place / f"{uuid.uuid4().hex}.json", text | changed)

    def _of_these(self, text: dict[str, Any]) -> Any:
        one = json.dumps(text).replace("MSKU3841906", self.container).replace("6CN1234567890PO44712", self._ucr)
        return json.loads(one)


def found(pattern: str, said: str) -> str:
    hit = re.search(pattern, said)
    assert hit, said
    return hit[1]


def record_id(said: str) -> str:
    return found(r"✓ \S+ is (\S{36})", said)


def taken_in(inbox: bytes) -> list[str]:
    return [each["header"]["record_id"] for line in inbox.splitlines() for each in json.loads(line)["records"]]


async def test_nothing_is_lost_and_nothing_comes_twice_while_the_gateway_and_the_system_are_killed(
    world: World, cn: System, nl: System, goods: Goods, tmp_path: Path
) -> None:
    inbox, own = tmp_path / "inbox.jsonl", goods.record()
    watching = nl.start("watch", str(inbox))
    first = record_id(cn.run("submit", goods.record()))
    wait_for(first, watching)
    world.node_of_nl.kill()
    stating = nl.start("submit", own)
    assert stating.stderr is not None
    assert "UNAVAILABLE" in stating.stderr.readline()
    meanwhile = re.findall(r" is (\S{36})", cn.run("submit", goods.record(), goods.record()))
    world.node_of_nl.start()
    stated, _ = stating.communicate(timeout=SECONDS)
    assert record_id(nl.run("submit", own)) == record_id(stated)
    wait_for(meanwhile[-1], watching)
    watching.kill()
    watching.wait(SECONDS)
    whole = inbox.read_bytes()
    inbox.write_bytes(whole + whole.splitlines()[-1][:40])  # as a crash leaves it
    last = record_id(cn.run("submit", goods.record()))
    nl.run("watch", str(inbox), str(len(taken_in(whole)) + 1))
    taken = taken_in(inbox.read_bytes())
    assert [each for each in taken if each in {first, *meanwhile, last}] == [first, *meanwhile, last]
    assert len(set(taken)) == len(taken)


async def test_decisions_tell_what_is_left_and_what_is_refused_says_who_must_act(
    world: World, cn: System, nl: System, goods: Goods
) -> None:
    said = cn.run("submit", goods.record(conclusion="CONCLUSION_UNSPECIFIED"), goods.record(), code=1)
    assert re.search(r"✗ \S+ RECORD_INVALID: .* The issuer must correct", said)
    assert "inspection_outcome.conclusion: " in said
    await received(world, record_id(said))
    said = nl.run("decide", goods.question("NII", "PHYSICAL"), goods.question("NII"), goods.question())
    in_part, verify, refused = re.split(r"^(?=\S)", said, flags=re.MULTILINE)[1:]
    assert in_part.startswith("RELY_IN_PART")
    assert f"At the gate: See that {goods.container} bears the seal CN0047821" in in_part
    assert "Left to check: NARCOTICS by PHYSICAL (METHOD_NOT_EQUIVALENT)" in in_part
    assert verify.startswith("VERIFY")
    assert "says nothing against this trader" in verify
    assert re.search(r"^✗ \S+ MALFORMED: [^\n]*\n    required: ", refused), refused
    unknown = nl.run("report_arrival", str(EXAMPLES / "data" / "arrival.json"), str(uuid.uuid4()), code=1)
    assert re.search(r"✗ NOT_FOUND: .* The caller must check what it asks for\.", unknown)


async def test_an_answer_that_waits_comes_when_the_control_that_was_asked_for_is_done(
    world: World, cn: System, nl: System, goods: Goods
) -> None:
    asked = requests.CreateRequestRequest(call_id=uuid.uuid4().hex, partner="CN", purpose=PURPOSE_SECURITY_RISK)
    asked.control.consignment.container_numbers.append(goods.container)
    asked.control.methods_wanted.append(METHOD_KIND_NII_XRAY)
    asked.control.threat_category = THREAT_EXPLOSIVES_IED
    async with national_door(world.nl) as door:
        await RequestsServiceStub(door).CreateRequest(asked, timeout=SECONDS)
    waiting = nl.start("decide", "--wait", "60", goods.question("NII", "PHYSICAL"))
    wait_for("PENDING", waiting)
    said = cn.run("answer_requests", goods.record(), "1")
    assert re.search(r"of NL: ACCEPTED\n✓ \S+ of NL: COMPLETED\n", said)
    rest, complaint = waiting.communicate(timeout=SECONDS)
    assert re.search(r"^RELY_IN_PART  resolved", rest, re.MULTILINE), rest + complaint


async def test_an_alert_is_acknowledged_when_a_person_has_seen_it(world: World, cn: System, goods: Goods) -> None:
    issued = alerts.IssueAlertRequest(call_id=uuid.uuid4().hex, partners=["CN"], purpose=PURPOSE_SECURITY_RISK)
    issued.alert.type = ALERT_TYPE_NO_LOAD
    issued.alert.container_numbers.append(goods.container)
    async with national_door(world.nl) as door:
        (alert,) = (await AlertsServiceStub(door).IssueAlert(issued, timeout=SECONDS)).alerts
    said = cn.run("acknowledge_alerts", "1", typed="\n")
    assert re.search(rf"NO_LOAD by NL.*\n  {goods.container}; due ", said)
    assert f"✓ {alert.alert_id}: ACKNOWLEDGED" in said


def national_door(home: Home) -> AbstractAsyncContextManager[grpc.aio.Channel]:
    return channel(home.national, root=home.national_authority, credential=local(home))


async def received(world: World, record_id: str) -> None:
    """Wait until NL has a record of CN."""
    async with records_of(world.nl) as records:
        asked = national.GetRecordRequest(record_id=record_id)
        await until(lambda: records.GetRecord(asked, timeout=SECONDS), bool)
