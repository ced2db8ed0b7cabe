"""What the examples promise, against two real nodes that are killed on the way: nothing lost, nothing twice."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mock_partners.traffic import numbers
from tests.examples.conftest import World
from tests.examples.national_systems import EXAMPLES, Language, System, wait_for, write
from tests.nodes import ROOT, SECONDS

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("nodes")]

RECORD = json.loads((ROOT / "docs" / "examples" / "record.json").read_text("utf-8"))
QUESTION = json.loads((EXAMPLES / "data" / "question.json").read_text("utf-8"))


@pytest.fixture
def language(python: Language) -> Language:
    return python


@pytest.fixture
def cn(world: World, language: Language) -> System:
    return world.system(language, world.cn)


@pytest.fixture
def nl(world: World, language: Language) -> System:
    return world.system(language, world.nl)


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
    return [each["header"]["recordId"] for line in inbox.splitlines() for each in json.loads(line)["records"]]


def test_a_record_is_stated_once_though_it_is_submitted_again_and_to_a_gateway_that_is_away(
    world: World, cn: System, goods: Goods
) -> None:
    record = goods.record()
    world.node_of_cn.kill()
    away = cn.start("submit", record)
    assert away.stderr is not None
    assert "UNAVAILABLE" in away.stderr.readline()
    world.node_of_cn.start_plainly()
    first, _ = away.communicate(timeout=SECONDS)
    assert "withheld: inspection_outcome.officer_ref" in first
    assert record_id(cn.run("submit", record)) == record_id(first)


def test_a_record_that_breaks_a_rule_is_refused_with_its_field_and_stops_no_other(cn: System, goods: Goods) -> None:
    said = cn.run("submit", goods.record(conclusion="CONCLUSION_UNSPECIFIED"), goods.record(), code=1)
    assert re.search(r"✗ \S+ RECORD_INVALID: .* The issuer must correct", said)
    assert "inspection_outcome.conclusion: " in said
    assert record_id(said)


def test_each_record_is_taken_in_once_through_crashes_of_both_sides(
    world: World, cn: System, nl: System, goods: Goods, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox.jsonl"
    watching = nl.start("watch", str(inbox))
    stated = [record_id(cn.run("submit", goods.record()))]
    wait_for(stated[-1], watching)
    world.node_of_nl.kill()
    stated += re.findall(r" is (\S{36})", cn.run("submit", goods.record(), goods.record()))
    world.node_of_nl.start_plainly()
    wait_for(stated[-1], watching)
    watching.kill()
    watching.wait(SECONDS)
    whole = inbox.read_bytes()
    inbox.write_bytes(whole + whole.splitlines()[-1][:40])  # as a crash leaves it
    stated.append(record_id(cn.run("submit", goods.record())))
    nl.run("watch", str(inbox), str(len(taken_in(whole)) + 1))
    taken = taken_in(inbox.read_bytes())
    assert [each for each in taken if each in stated] == stated
    assert len(set(taken)) == len(taken)


def test_decisions_tell_the_gate_what_is_left_and_what_was_drawn_for_the_sample(
    world: World, cn: System, nl: System, goods: Goods
) -> None:
    world.wait_until_received(record_id(cn.run("submit", goods.record())))
    said = nl.run("decide", goods.question("NII", "PHYSICAL"), goods.question("NII"), goods.question())
    in_part, verify, refused = re.split(r"^(?=\S)", said, flags=re.MULTILINE)[1:]
    assert in_part.startswith("RELY_IN_PART")
    assert f"At the gate: See that {goods.container} bears the seal CN0047821" in in_part
    assert "Left to check: NARCOTICS by PHYSICAL (METHOD_NOT_EQUIVALENT)" in in_part
    assert verify.startswith("VERIFY")
    assert "says nothing against this trader" in verify
    assert re.search(r"^✗ \S+ MALFORMED: [^\n]*\n    required: ", refused), refused
    one = nl.run("decide", goods.question("NII", "PHYSICAL"))
    assert one.startswith("RELY_IN_PART")


def test_an_answer_that_waits_comes_when_the_control_that_was_asked_for_is_done(
    world: World, cn: System, nl: System, goods: Goods
) -> None:
    ask = f"request new CN --container {goods.container} --method NII_XRAY --threat EXPLOSIVES_IED".split()
    world.gateway(*ask, "--home", str(world.nl.path))
    waiting = nl.start("decide", "--wait", "60", goods.question("NII", "PHYSICAL"))
    assert waiting.stdout is not None
    assert waiting.stdout.readline().startswith("PENDING")
    said = cn.run("answer_requests", goods.record(), "1")
    assert re.search(r"of NL: ACCEPTED\n✓ \S+ of NL: COMPLETED\n", said)
    rest, complaint = waiting.communicate(timeout=SECONDS)
    assert re.search(r"^RELY_IN_PART  resolved", rest, re.MULTILINE), rest + complaint


def test_an_alert_is_acknowledged_when_a_person_has_seen_it(world: World, cn: System, goods: Goods) -> None:
    issue = f"alert issue no-load --container {goods.container} --name A-{goods.container}".split()
    world.gateway(*issue, "--home", str(world.nl.path))
    said = cn.run("acknowledge_alerts", "1", typed="\n")
    assert re.search(rf"NO_LOAD by NL.*\n  {goods.container}; due ", said)
    assert f"✓ A-{goods.container}: ACKNOWLEDGED" in said


def test_arrival_is_reported_once_and_a_decision_that_nobody_made_is_refused_in_words(
    world: World, cn: System, nl: System, goods: Goods
) -> None:
    world.wait_until_received(record_id(cn.run("submit", goods.record())))
    decision = found(r"decision (\S{36})", nl.run("decide", goods.question("NII")))
    report = str(EXAMPLES / "data" / "arrival.json")
    assert f"✓ {decision}: CONFIRMED" in nl.run("report_arrival", report)
    assert f"✓ {decision}: CONFIRMED" in nl.run("report_arrival", report, decision)
    unknown = nl.run("report_arrival", report, str(uuid.uuid4()), code=1)
    assert re.search(r"✗ NOT_FOUND: .* The caller must check what it asks for\.", unknown)
