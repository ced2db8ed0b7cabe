"""The commands of docs/reliance.md, read from the page and run as they stand over two served nodes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import nodes
from tests.nodes import ROOT, Home

RECORD = ROOT / "docs" / "examples" / "record.json"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKED = ("--container", "MSKU3841906", "--ucr", "6CN1234567890PO44712", "--require", "EXPLOSIVES_IED:NII")

pytestmark = pytest.mark.long


class Officer:
    """Somebody at a terminal, beside the homes of both nodes; knows what the last commands have shown."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.known: dict[str, str] = {}

    def types(self, line: str) -> str:
        command = line.replace("./run gateway", f"{sys.executable} -m gateway")
        environment = {**os.environ, **self.known, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, shell=True, cwd=self._place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def looks_up(self, name: str, command: str, field: str) -> None:
        found = json.loads(self.types(f"./run gateway {command} --home nl --json"))
        self.known[name] = found[0][field]


def served(place: Path) -> tuple[Home, Home]:
    cn, nl = nodes.pair(place)
    assert (cn.path.name.lower(), nl.path.name.lower()) == ("cn", "nl")
    return cn, nl


def test_every_command_runs(tmp_path: Path) -> None:
    cn, nl = served(tmp_path)
    with nodes.serving(nl, cn):
        officer = Officer(tmp_path)
        officer.types(f"./run gateway submit {RECORD} --home cn")
        officer.types("./run gateway watch --count 1 --home nl")
        officer.types(f"./run gateway decide {' '.join(ASKED)} --home nl")
        officer.looks_up("DECISION", "reliance list", "decision_id")
        declare = "./run gateway recall declare CN-2026-6 --device CN-YTN-XR-07 --cause EQUIPMENT_FAULT"
        officer.types(f"{declare} --home cn")
        officer.types("./run gateway recall watch --count 1 --home nl")
        officer.known["RECALL"] = "CN-2026-6"
        shown = []
        for block in BLOCK.findall((ROOT / "docs" / "reliance.md").read_text("utf-8")):
            for line in block.splitlines():
                if "$SUSPENSION" in line:
                    officer.looks_up("SUSPENSION", "reliance suspensions", "suspension_id")
                shown.append(officer.types(line))
    assert len(shown) > 8
    assert (tmp_path / "2026.html").read_text("utf-8").startswith("<!doctype html>")
