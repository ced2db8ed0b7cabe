"""Made-up facts give the answers that they gave before, to the last field: whoever makes decisions faster is told.

Where an answer changes because a rule does, ``POLICY_VERSION`` grows, and the digests of ``decisions.json`` are those
that this test prints.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from gateway.recognition.entering import entry_of
from gateway.recognition.policy import POLICY_VERSION
from gateway.recognition.telling import tell
from tests.properties.test_recognition import ADVERSE, DECLARED, FAVOURABLE, PAIRS, knowing
from tests.unit.recognition.world import SEAL, arrival, question

KNOWN = Path(__file__).parents[2] / "vectors" / "decisions.json"


def told(records: list[Any], *, gate: bool) -> str:
    """Digest an answer and what it enters into the ledger."""
    world = knowing(*records)
    decided = world.decide(question(PAIRS, declared=DECLARED, **(arrival(number=SEAL) if gate else {})))
    answer = tell(decided)
    text = json.dumps(json_format.MessageToDict(answer), sort_keys=True)
    return sha256(f"{text}\n{entry_of('d', answer, decided.facts.kept)}".encode()).hexdigest()[:16]


def answers() -> dict[str, str]:
    cases = {"nothing": [], **{name: [(name, *rest)] for name, *rest in FAVOURABLE}, "all": FAVOURABLE}
    cases |= {f"all, {each[0]}": [*FAVOURABLE, each] for each in ADVERSE}
    return {
        f"{name}, {where}": told(some, gate=where == "gate")
        for name, some in cases.items()
        for where in ("gate", "before")
    }


def test_the_same_facts_give_the_same_answers() -> None:
    found = {"policy_version": POLICY_VERSION, **answers()}
    assert found == json.loads(KNOWN.read_text("utf-8")), json.dumps(found, indent=1)
