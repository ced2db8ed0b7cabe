"""The operator's page on keys says what works: the commands of each section, as they stand, on a node of its own."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from gateway.cli.main import cli
from tests import nodes
from tests.forked import forked

PAGE = (nodes.ROOT / "docs" / "operations" / "keys.md").read_text("utf-8")
SECTIONS = {
    title: [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
RUNNING = "Suspending and revoking a partner"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, nodes.Home]:
    place = tmp_path_factory.mktemp("founded")
    _, nl = nodes.pair(place)
    return place, nl


@pytest.mark.parametrize("title", [title for title, commands in SECTIONS.items() if commands])
def test_the_commands_of_a_section(
    title: str, founded: tuple[Path, nodes.Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, nl = founded
    for home in ("nl", "cn"):
        shutil.copytree(place / home, tmp_path / home)
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        stack.enter_context(structlog.testing.capture_logs())
        if title == RUNNING:
            stack.enter_context(forked(replace(nl, path=tmp_path / "nl")))
        for command in SECTIONS[title]:
            words = shlex.split(command)
            if words[0] != "gateway":
                subprocess.run(words, check=True)
                continue
            done = CliRunner().invoke(cli, words[1:])
            assert done.exit_code == 0, (command, done.output)


def test_the_page_has_commands() -> None:
    assert sum(map(len, SECTIONS.values())) > 15
