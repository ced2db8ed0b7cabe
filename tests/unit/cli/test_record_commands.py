"""Records are written, checked and explained at the command line; code lists are loaded there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli
from gateway.records import KINDS
from gateway.records.explanation import explain
from gateway.records.templates import example
from gateway.stores.code_files import code_lists

LIST = """# list: locode
# edition: 2026-1
# complete: no
# source: a test
code,meaning,valid_from,valid_until,same_as
NLXYZ,A place,,,
"""
BAD: dict[str, Any] = {
    "header": {"purpose": "PURPOSE_SECURITY_RISK", "subject": {"control_id": "c"}, "colour": 1},
    "inspection_outcome": {
        "control_id": "c",
        "consignment": {"container_numbers": ["CSQU3054384"]},
        "location": {"locode": "NLXYZ"},
        "ended_at": "1970-01-01T00:00:00Z",
        "methods": [{"kind": "METHOD_KIND_DOC", "x": 1}],
    },
}


def gateway(*words: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=given)


def checked(given: str, *words: str | Path) -> list[dict[str, Any]]:
    done = gateway("records", "check", "-", "--json", *words, given=given)
    found = [json.loads(line) for line in done.output.splitlines()]
    assert done.exit_code == any(each["violations"] for each in found)
    return found


def paths(violations: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(each["path"], each["rule"]) for each in violations]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("codes") / "nl"
    assert gateway("init", made).exit_code == 0
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_keeps_all_rules_as_it_is_written(kind: str) -> None:
    written = gateway("records", "new", kind)
    assert written.exit_code == 0
    assert checked(written.output) == [{"place": "the input", "kind": kind, "violations": [], "warnings": []}]
    assert checked(gateway("records", "new", kind, "--json").output)[0]["violations"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_explanation_names_every_field(kind: str) -> None:
    shown = gateway("records", "explain", kind)
    assert shown.exit_code == 0
    assert [row.path for row in explain(kind).fields if row.path.removeprefix(f"{kind}.") not in shown.output] == []
    told = json.loads(gateway("records", "explain", kind, "--json").output)
    assert [row["path"] for row in told["fields"]] == [row.path for row in explain(kind).fields]
    assert "text.control_characters" in shown.output


def test_all_kinds_and_the_header_are_explained() -> None:
    assert set(json.loads(gateway("records", "explain", "--json").output)) == set(KINDS)
    assert "supersedes" in gateway("records", "explain", "header").output
    refused = gateway("records", "explain", "gossip")
    assert refused.exit_code == 1
    assert "KIND_UNKNOWN" in refused.output


def test_every_fault_is_told_with_its_path_and_oddities_beside() -> None:
    (found,) = checked(json.dumps(BAD))
    assert set(paths(found["violations"])) == {
        ("header.colour", "field.unknown"),
        ("inspection_outcome.methods[0].x", "field.unknown"),
        ("inspection_outcome.conclusion", "required"),
        ("inspection_outcome.ended_at", "timestamp.plausible"),
    }
    assert paths(found["warnings"]) == [
        ("inspection_outcome.consignment.container_numbers[0]", "container.check_digit"),
        ("inspection_outcome.location.locode", "code.unknown"),
    ]


def test_objects_lines_arrays_and_submissions() -> None:
    good = json.loads(example("alert"))
    assert [each["place"] for each in checked(json.dumps(good, indent=2))] == ["the input"]
    assert [each["place"] for each in checked(f"{json.dumps(good)}\n\n{json.dumps(good)}\n")] == ["line 1", "line 3"]
    assert [each["place"] for each in checked(json.dumps([good, {"record": good}]))] == ["item 1", "item 2"]


@pytest.mark.parametrize(
    ("line", "path", "rule"),
    [
        ("nonsense", "", "json"),
        ('{"a": 1, "a": 2}', "", "json"),
        ("3", "", "json"),
        ('{"header": 1}', "header", "json"),
        ('{"alert": {"container_numbers": "MSKU3841906"}}', "alert.container_numbers", "json"),
        ('{"alert": {"house_documents": [1]}}', "alert.house_documents", "json"),
        ('{"alert": {"type": "FOO"}}', "alert.type", "json"),
        ('{"alert": {"ack_required_by": "yesterday"}}', "alert.ack_required_by", "json"),
        ('{"alert": null}', "body", "required"),
    ],
)
def test_a_bad_line_stops_nothing(line: str, path: str, rule: str) -> None:
    good = json.dumps(json.loads(example("alert")))
    first, bad, last = checked(f"{good}\n{line}\n{good}\n")
    assert first["violations"] == last["violations"] == []
    assert (path, rule) in paths(bad["violations"])


def test_nothing_to_check_is_a_failure() -> None:
    assert gateway("records", "check", "-", given="\n").exit_code == 1


def test_a_loaded_list_counts_for_its_node_alone(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST, "utf-8")
    loaded = gateway("codes", "load", file, "--home", home)
    assert loaded.exit_code == 0
    assert "1 codes of edition 2026-1" in loaded.output
    listed = {
        each["list"]: each
        for each in map(json.loads, gateway("codes", "list", "--home", home, "--json").output.split("\n")[:-1])
    }
    assert listed["locode"]["from"] == str(home / "codes")
    assert listed["country"]["from"] == "the program"
    assert set(code_lists(home)["locode"].codes) == {"NLXYZ"}
    (there,), (elsewhere,) = checked(json.dumps(BAD), "--home", home), checked(json.dumps(BAD), "--home", tmp_path)
    assert "code.unknown" not in [each["rule"] for each in there["warnings"]]
    assert "code.unknown" in [each["rule"] for each in elsewhere["warnings"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say"),
        (LIST.replace("locode", "colours"), "Nothing is looked up"),
        (LIST.replace("locode", "control_result"), "both sides"),
        (LIST.replace("NLXYZ,A place,,,", "NLXYZ,A place,soon,,"), "Row 1"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_and_changes_nothing(
    home: Path, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text, "utf-8")
    before = {path.name: path.read_bytes() for path in (home / "codes").glob("*")}
    refused = gateway("codes", "load", file, "--home", home)
    assert refused.exit_code == 1
    assert said in refused.output
    assert {path.name: path.read_bytes() for path in (home / "codes").glob("*")} == before


def test_a_broken_file_among_the_loaded_ones_is_named(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "locode.csv").write_text(LIST.replace("locode", "country"), "utf-8")
    refused = gateway("records", "check", "-", "--home", tmp_path, given=example("alert"))
    assert refused.exit_code == 1
    assert "locode.csv" in refused.output
