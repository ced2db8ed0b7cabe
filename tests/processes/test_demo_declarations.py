"""The demo with a file of import declarations: every good row arrives, every bad one is named with line and column."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.test_declarations import REAL, table

SECONDS = 500


def play(file: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    words = [sys.executable, "-m", "gateway", "demo", "--json", "--declarations", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=SECONDS)
    told: dict[str, list[dict[str, Any]]] = {}
    for line in done.stdout.splitlines():
        each = json.loads(line)
        told.setdefault(each.get("step", ""), []).append(each)
    return done.returncode, told


@pytest.mark.long
def test_good_rows_arrive_and_bad_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "declarations.csv"
    file.write_text(
        table(*[{"Mode of Transport": mode} for mode in ("10", "40", "50") * 20], {"HS6 Code": "x"}), "utf-8"
    )
    code, told = play(file)
    assert code == 1
    (arrived,) = told["declarations"]
    assert (arrived["rows"], arrived["records"], arrived["ok"]) == (60, 120, True)
    (refused,) = told["row-refused"]
    assert (refused["line"], refused["column"]) == (62, "HS6 Code")
    assert [each["text"].partition(" at ")[0] for each in told["finding"]] == ["ROWS_REFUSED"]


@pytest.mark.long
def test_all_rows_of_the_published_file_go_through_the_nodes() -> None:
    if not REAL.exists():
        pytest.skip(f"there is no {REAL}, the published file of inspected declarations")
    code, told = play(REAL)
    assert code == 0, told.get("finding")
    (arrived,) = told["declarations"]
    assert (arrived["rows"], arrived["records"]) == (37_385, 74_770)
