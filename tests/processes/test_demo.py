"""The demo as a newcomer runs it: it ends well and cleans up, and it names what a partner does wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DEMO = [sys.executable, "-m", "gateway", "demo", "--json", "--records", "300"]
SECONDS = 400


def play(tmp_path: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [*DEMO, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.stdout, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def left_over(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.iterdir() if path.name.startswith("gateway-demo")]


def test_it_ends_well_keeps_evidence_and_cleans_up(tmp_path: Path) -> None:
    code, told = play(tmp_path, "--out", str(tmp_path / "out"))
    steps = {each["step"]: each for each in told if "step" in each}
    assert code == 0, [each for each in told if each.get("ok") is False]
    assert {
        "serving",
        "everyday",
        "urgent",
        "bulk",
        "refusal",
        "withheld",
        "comparison",
        "proven",
        "changed-bit",
    } <= set(steps)
    assert steps["refusal"]["reason"] == "NO_AGREEMENT"
    assert [each["there"] for each in told if each.get("partner") in ("NL", "US")] == [["equipment CNYTN-XRAY-2"], []]
    bundles = sorted((tmp_path / "out").glob("*.zip"))
    assert len(bundles) == steps["kept"]["bundles"] >= 10
    verified = subprocess.run(
        [
            sys.executable,
            "-m",
            "gateway",
            "evidence",
            "verify",
            "--json",
            "--trust",
            str(tmp_path / "out" / "roots.txt"),
            *list(map(str, bundles)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    outcomes = [json.loads(line) for line in verified.stdout.splitlines()]
    assert {each["outcome"] for each in outcomes} == {"PROVEN"}
    assert len({each["record_id"] for each in outcomes}) == len(bundles)
    assert left_over(tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("node", "fault", "named"),
    [
        ("CN", "leak-field", "LEAK at "),
        ("CN", "corrupt-record", "CHANGED at "),
        ("US", "withhold-receipts", "RECEIPT_WITHHELD at US"),
    ],
)
def test_it_names_what_a_partner_does_wrong(tmp_path: Path, node: str, fault: str, named: str) -> None:
    code, told = play(tmp_path, "--program", f"{node}=python -m mock_partners serve --behaviour {fault}")
    findings = [each["text"] for each in told if each.get("step") == "finding"]
    assert code == 1
    assert any(text.startswith(named) for text in findings), findings
    assert left_over(tmp_path) == []


@pytest.mark.long
def test_it_cleans_up_when_it_is_stopped(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout is not None
        processes: list[int] = []
        for line in demo.stdout:
            told = json.loads(line)
            if told.get("step") == "serving":
                processes = told["processes"]
                demo.send_signal(signal.SIGTERM)
        demo.wait(SECONDS)
    assert demo.returncode == 130
    assert len(processes) == 3
    assert not [pid for pid in processes if Path(f"/proc/{pid}").exists()]
    assert left_over(tmp_path) == []
