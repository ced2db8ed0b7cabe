"""Links between pages lead somewhere, tables say what the code says, and what a page names is there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import protovalidate
import pytest
from google.protobuf.json_format import ParseDict

from gateway.trust.agreements import parse_agreement
from mutualrecognition.records.v1.record_pb2 import Record
from tests.docs.pages import ROOT, anchors, pages, rows, section

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
NAMED_PATH = re.compile(r"`((?:gateway|tests|docs|protos|certs|mock_partners)/[\w/.-]*)`")
ABSENT_ROOMS = {"gateway.http"}


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("file", pages(), ids=lambda file: str(file.relative_to(ROOT)))
def test_links_resolve(file: Path) -> None:
    broken = []
    for target in LINK.findall(file.read_text("utf-8")):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = file if not path else (file.parent / path).resolve()
        if not linked.exists() or (anchor and anchor not in anchors(linked.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", ["docs/story.md", "docs/guarantees.md", "docs/protocol.md", "README.md"])
def test_paths_that_a_page_names_exist(name: str) -> None:
    named = set(NAMED_PATH.findall(page(name)))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_promise_has_a_test() -> None:
    promises = rows(section(page("docs/guarantees.md"), "## What holds"))
    assert promises
    for promise, named in promises:
        places = [ROOT / path for path in NAMED_PATH.findall(named)]
        assert places, promise
        for place in places:
            assert place.is_file() or list(place.rglob("test_*.py")), f"{place} holds no test of: {promise}"


def test_every_decision_is_listed_once() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = LINK.findall(page("docs/decisions/README.md"))
    assert sorted(listed) == sorted(file.name for file in folder.glob("[0-9]*.md"))
    numbers = [name[:4] for name in listed]
    assert len(set(numbers)) == len(numbers)


def test_layers_in_the_decision_are_those_that_are_checked() -> None:
    stated = [
        re.findall(r"`([\w.]+)`", layer)
        for layer, _ in rows(section(page("docs/decisions/0001-rooms-and-layers.md"), "## The decision"))
    ]
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["id"] == "layers")
    assert stated == [re.findall(r"[\w.]+", layer) for layer in layers]


def test_every_room_of_the_gateway_has_a_layer() -> None:
    stated = set(re.findall(r"`(gateway\.\w+)`", page("docs/decisions/0001-rooms-and-layers.md")))
    here = {
        f"gateway.{path.stem}"
        for path in (ROOT / "gateway").iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or list(path.glob("*.py")))
    }
    assert here - stated == set()
    assert here & ABSENT_ROOMS == set(), "a room that is said to be absent is here: say so no longer"


def test_dependencies_in_the_decision_are_those_of_the_project() -> None:
    def names(heading: str) -> set[str]:
        return {row[0] for row in rows(section(page("docs/decisions/0002-dependencies.md"), heading))}

    project = tomllib.loads(page("pyproject.toml"))["project"]

    def required(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=~!\[ ]", each)[0] for each in requirements}

    assert names("## At run time") == required(project["dependencies"])
    assert names("## For development") == required(project["optional-dependencies"]["dev"])


def test_glossary_is_sorted_and_its_words_are_used() -> None:
    table = rows(page("docs/glossary.md"))
    terms = [term.lower() for term, *_ in table]
    assert terms == sorted(terms)
    places = [*(ROOT / "gateway").rglob("*.py"), *(ROOT / "protos" / "mutualrecognition").rglob("*.proto")]
    text = "\n".join(file.read_text("utf-8") for file in places).lower()
    words = {word for *_, where in table for word in re.findall(r"`(\w+)`", where)}
    assert {word for word in words if word not in text} == set()


def test_example_record_keeps_its_rules_once_the_gateway_has_completed_it() -> None:
    record = ParseDict(json.loads(page("docs/examples/record.json")), Record())
    header = record.header
    assert (header.record_id, header.issuer, header.agreement_id) == ("", "", "")
    header.record_id, header.issuer = "019a4754-3a80-7000-8000-000000000000", "CN"
    header.issued_at.FromJsonString("2026-11-03T03:00:00Z")
    protovalidate.validate(record)


def test_example_agreement_is_one() -> None:
    agreement = parse_agreement(page("docs/examples/agreement-cn-nl.toml"))
    assert agreement.terms.parties == ("CN", "NL")
