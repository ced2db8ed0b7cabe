"""The known answers for records: good ones keep every rule, bad ones break the rule that is named, where it is named."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path
from typing import Any

import protovalidate
import pytest
from google.protobuf import json_format

from gateway.records import KINDS, check, parse
from gateway.records.explanation import explain, explain_header
from gateway.records.rules.kinds import NAMED
from mutualrecognition.records.v1.record_pb2 import Record

HERE = Path(__file__).resolve().parent
FILES = sorted(path.stem for path in HERE.glob("*.json"))
VECTORS: dict[str, dict[str, Any]] = {name: json.loads((HERE / f"{name}.json").read_text("utf-8")) for name in FILES}
BAD = [pytest.param(bad, id=f"{name}:{bad['rule']}:{bad['path']}") for name in FILES for bad in VECTORS[name]["bad"]]

NOT_ANNOTATED = {"text.control_characters", "timestamp.plausible", *(r.name for rules in NAMED.values() for r in rules)}


def test_every_kind_has_vectors() -> None:
    assert set(FILES) == {*KINDS, "header"}


@pytest.mark.parametrize("name", FILES)
def test_good_records_keep_every_rule(name: str) -> None:
    good = VECTORS[name]["good"]
    record = parse(base64.b64decode(good["bytes"]))
    assert check(record) == ()
    assert record == json_format.ParseDict(good["json"], Record())


@pytest.mark.parametrize("bad", BAD)
def test_bad_records_break_the_named_rule(bad: dict[str, Any]) -> None:
    record = parse(base64.b64decode(bad["bytes"]))
    assert (bad["path"], bad["rule"]) in {(violation.path, violation.rule) for violation in check(record)}


@pytest.mark.parametrize("bad", [each for each in BAD if each.values[0]["rule"] not in NOT_ANNOTATED])
def test_the_standards_own_engine_names_the_rule_too(bad: dict[str, Any]) -> None:
    violations = protovalidate.collect_violations(Record.FromString(base64.b64decode(bad["bytes"])))
    assert bad["rule"] in {violation.proto.rule_id for violation in violations}


@pytest.mark.parametrize("name", FILES)
def test_every_rule_across_fields_has_a_bad_record(name: str) -> None:
    rules = (explain_header() if name == "header" else explain(name)).rules
    shared = {bad["rule"] for vector in VECTORS.values() for bad in vector["bad"]}
    own = {bad["rule"] for bad in VECTORS[name]["bad"]}
    assert {rule.name for rule in rules if rule.name.startswith(f"{name}.")} <= own
    assert {rule.name for rule in rules} <= shared


def test_the_files_are_what_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_records", HERE / "make_records.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.vectors() == VECTORS
