"""Make one file of known answers for each kind: a good record, and a bad one for each rule.

Run as ``python tests/vectors/records/make_records.py`` from the project's root when a kind or a rule has changed. The
good records are the examples of the kinds. ``bytes`` is the serialized record in base64, for implementations that
start from the wire; ``rule`` and ``path`` are what must be told of it, ``changes`` is how it differs from the good one.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from google.protobuf import json_format

from gateway.records import KINDS
from gateway.records.explanation import FieldRow, explain, explain_header
from gateway.records.templates import example
from mutualrecognition.records.v1.record_pb2 import Record

HERE = Path(__file__).resolve().parent
UNKNOWN_VALUE = 4711


def _neighbour(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


faults = _neighbour("faults")


def vectors() -> dict[str, dict[str, Any]]:
    """Give the content of all files by name: every kind, and the header on the example of one kind."""
    made = {kind: _vector(kind, faults.FAULTS[kind], explain(kind).fields) for kind in KINDS}
    made["header"] = _vector("seal_event", faults.HEADER, explain_header().fields)
    return made


def spoil(kind: str, changes: dict[str, Any]) -> Record:
    """Read the example of ``kind`` with some fields changed; None takes a field away."""
    content = json.loads(example(kind))
    for path, value in changes.items():
        *parents, last = _steps(path)
        here = content
        for step in parents:
            here = here[step] if isinstance(step, int) else here.setdefault(step, {})
        if value is None:
            here.pop(last)
        else:
            here[last] = value
    record = Record()
    json_format.ParseDict(content, record)
    return record


def _vector(kind: str, across: tuple[Any, ...], fields: tuple[FieldRow, ...]) -> dict[str, Any]:
    wanted = [(fault.rule, fault.at, fault.changes) for fault in across] + list(_field_faults(kind, fields))
    return {
        "kind": kind,
        "good": {"json": json.loads(example(kind)), "bytes": _base64(spoil(kind, {}))},
        "bad": [
            {"rule": rule, "path": at, "changes": changes, "bytes": _base64(spoil(kind, changes))}
            for rule, at, changes in wanted
        ],
    }


def _field_faults(kind: str, fields: tuple[FieldRow, ...]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Derive faults of single fields from the annotations: each rule once a kind, each required field once."""
    content = json.loads(example(kind))
    told: set[str] = set()
    for row in fields:
        path = row.path.replace("[]", "[0]") if not row.path.endswith("[]") else row.path[:-2].replace("[]", "[0]")
        if not _is_stated(content, path):
            continue
        for rule, at, value in _faults_of(row, path):
            if rule == "required" or rule not in told:
                told.add(rule)
                yield rule, at, {path: value}


def _faults_of(row: FieldRow, path: str) -> Iterator[tuple[str, str, Any]]:
    listed = row.path.endswith("[]")
    if row.required:
        yield ("repeated.min_items" if listed else "required"), path, None
    item, wrap = (f"{path}[0]", lambda value: [value]) if listed else (path, lambda value: value)
    if row.values:
        yield "enum.defined_only", item, wrap(UNKNOWN_VALUE)
    for sentence in row.rules:
        if sentence.startswith("This must have the form"):
            yield "string.pattern", item, wrap(" not this ")
        elif sentence.startswith("At most") and sentence.endswith("characters."):
            yield "string.max_len", item, wrap("x" * (int(sentence.split()[2]) + 1))
        elif sentence.startswith("No value twice") and row.type == "list of text":
            yield "repeated.unique", path, ["ABCD1234567", "ABCD1234567"]


def _is_stated(content: Any, path: str) -> bool:
    for step in _steps(path):
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in path.split("."):
        name, _, index = part.partition("[")
        steps.append(name)
        if index:
            steps.append(int(index.rstrip("]")))
    return steps


def _base64(record: Record) -> str:
    return base64.b64encode(record.SerializeToString(deterministic=True)).decode()


if __name__ == "__main__":
    for name, content in vectors().items():
        (HERE / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
