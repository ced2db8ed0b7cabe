"""The page on networks: its commands run as they stand, and print what it says; its options are those that there are."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from gateway.cli.demo.declarations import COLUMNS
from mock_partners.network.command import up
from mock_partners.network.profiles import PROFILES
from mock_partners.network.topology import pairs_of
from tests.docs.pages import ROOT
from tests.nodes import SECONDS

PAGE = (ROOT / "docs" / "mock-networks.md").read_text("utf-8")


@pytest.mark.long
def test_the_command_that_the_page_begins_with_ends_as_it_says() -> None:
    (command,) = re.findall(r"<!-- run: up -->\n\n```sh\n\./run mock (.*)\n```", PAGE)
    program = [sys.executable, "-m", "mock_partners", *command.split()]
    done = subprocess.run(program, check=False, cwd=ROOT, capture_output=True, text=True, timeout=2 * SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    (said,) = re.findall(r"^✓ … records stated.*$", PAGE, re.MULTILINE)
    assert re.search(re.escape(said).replace("…", ".+"), done.stdout), done.stdout


def test_every_option_topology_profile_and_column_of_the_page_is_there_and_none_is_missing() -> None:
    options = {name for option in up.params for name in option.opts}
    assert set(re.findall(r"`(--[a-z-]+)", PAGE)) <= options | {"--place"}
    assert options - set(re.findall(r"(--[a-z-]+)", PAGE)) == set()
    for topology in re.findall(r"`--topology ([a-z0-9:-]+)`", PAGE):
        assert pairs_of(topology, [f"A{letter}" for letter in "ABCDEFGHIJ"])
    assert set(PROFILES) <= set(re.findall(r"`([a-z]+)`", PAGE))
    (columns,) = re.findall(r"\| column \|.*?\n\n", PAGE, re.DOTALL)
    assert set(re.findall(r"`([A-Z][A-Za-z0-9 ]+)`", columns)) == set(COLUMNS)
