"""``./run mock up`` as people start it: it says how to call its members, and ends cleanly when it is told to."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mock_partners.command import cli
from mock_partners.network import crew, plan
from mock_partners.network.plan import Plan
from mock_partners.network.running import opened
from tests.nodes import ROOT, SECONDS

UP = (sys.executable, "-m", "mock_partners", "up", "--members", "NL,CN", "--rate", "40", "--profile", "small")


class Silent:
    def phase(self, sentence: str) -> None:
        assert sentence


def run_printed(command: str) -> str:
    words = shlex.split(command)
    assert words[:2] == ["./run", "gateway"]
    program = [sys.executable, "-m", "gateway", *words[2:]]
    done = subprocess.run(program, check=False, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_the_commands_that_it_prints_work_and_a_signal_ends_it_with_nothing_lost(tmp_path: Path) -> None:
    place = tmp_path / "network"
    with subprocess.Popen([*UP, "--place", str(place)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said, commands = [], []
            for line in process.stdout:
                said.append(line)
                if line.startswith("  ./run gateway"):
                    commands.append(line.strip())
                if " 0/s" in line or "(0/s)" in line:
                    break
            assert len(commands) == 4, said
            assert "NL → CN" in run_printed(commands[0])
            assert "to CN under" in run_printed(commands[1])
            described = json.loads((place / "network.json").read_text("utf-8"))["members"]
            assert [each["member"] for each in described] == ["NL", "CN"]
            assert all(Path(each[name]).is_file() for each in described for name in ("authority", "key"))
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, rest
    assert "all arrived and signed for, 0 lost" in rest


@pytest.mark.long
async def test_workers_share_a_network_and_every_vessel_is_decided_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "IN_ONE_PROCESS", 1)
    assert plan.IN_ONE_PROCESS == 12
    made = Plan(
        members=("NL", "CN", "XA"), place=str(tmp_path), rate=200.0, profile="island", vessels=1, topology="star"
    )
    async with opened(made, Silent()) as network:
        await network.trade()
        await network.traded()
        verdict = await network.settle()
        seen = await network.look()
    assert verdict.holds
    assert verdict.stated == sum(each.held for each in seen.directions) > 0
    assert seen.tally.incidents == []
    assert seen.tally.done["vessels"] == 4
    assert seen.tally.outcomes.total() >= 4
    assert {(each.issuer, each.receiver) for each in seen.directions} == {
        *(("NL", "CN"), ("CN", "NL"), ("NL", "XA"), ("XA", "NL"))
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--members", "NL,CN", "--topology", "ring"), "'ring' is not a topology"),
        (("--members", "NL"), "two members"),
        (("--members", "NL,CN", "--csv", "absent.csv"), "absent.csv cannot be read"),
    ],
)
def test_a_network_that_cannot_be_ends_with_2_and_a_sentence(words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(cli, ["up", *words])
    assert done.exit_code == 2
    assert said in done.output
