"""A command loads what it needs: to start is most of what a call costs on an old machine. Modules are counted, not time."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.called_node import CalledNode, ask_node, called_node
from gateway.cli.decision_table import OF_BASES
from gateway.errors import ConfigurationInvalid, StoreInUse
from gateway.recognition.rules import RULES
from gateway.stores.store_lock import lock_beside

SETTINGS = (
    'administration = "NL"\ndomain = "customs.nl.example"\nname = "Customs"\n'
    '[national]\nlisten = "127.0.0.1:1"\n[operations]\nlisten = "127.0.0.1:2"\n'
)
CALLING = (
    "links", "inbox", "request list", "alert list", "consignment show MSKU3841906", "reliance list", "watch", "incident list",
    "partner list", "audit list", "documents list", "decision list",
)  # fmt: skip
HEAVY = {"pydantic", "apsw", "structlog", "jinja2", "gateway.config", "gateway.app", "gateway.rpc.guard"}
SHOW = """
import json, sys
from click.testing import CliRunner
from gateway.cli.main import cli
told = [CliRunner().invoke(cli, line.split()).output for line in sys.argv[1:]]
print(json.dumps([told, sorted(sys.modules)]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node that does not run, and credentials that would do nowhere."""
    (tmp_path / "gateway.toml").write_text(SETTINGS)
    client = tmp_path / "clients" / "local"
    client.mkdir(parents=True)
    for name in ("ca.pem", "client.key", "client.pem"):
        (client / name).write_text("x")
    return tmp_path


def test_a_command_that_calls_a_node_loads_nothing_that_only_a_node_needs(home: Path) -> None:
    commands = [f"{each} --home {home}" for each in CALLING]
    with (home / "gateway.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as the process of a node that runs
        done = subprocess.run([sys.executable, "-c", SHOW, *commands], capture_output=True, text=True, check=True)
    told, modules = json.loads(done.stdout)
    assert all("UNAVAILABLE" in each for each in told), told
    assert "grpc" in modules
    assert not set(modules) & HEAVY


def test_the_table_of_a_decision_names_the_rules_of_the_registry() -> None:
    assert {rule.number: rule.name for rule in RULES if rule.of_claim or rule.of_basis} == OF_BASES


def test_the_usual_settings_are_read_without_the_tree(home: Path) -> None:
    assert called_node(home) == CalledNode(
        "NL", "127.0.0.1:1", "127.0.0.1:2", by_token=False, store=home / "gateway.db"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("GATEWAY_NATIONAL__LISTEN", "127.0.0.1:3"), ("gateway_national", '{"listen": "127.0.0.1:3"}')],
)
def test_the_environment_has_its_say(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert called_node(home).national == "127.0.0.1:3"


@pytest.mark.parametrize(
    ("stands", "instead", "told"),
    [
        ('listen = "127.0.0.1:1"', "listen = 1", r"national\.listen"),
        ('listen = "127.0.0.1:2"', 'listen = "127.0.0.1"', r"operations\.listen: write it as HOST:PORT"),
        ('"NL"', '"Netherlands"', "administration"),
        ("[national]\n", '[national]\nauthentication = "password"\n', r"national\.authentication"),
        ("[operations]", "[operation]", "operations: is missing"),
        ("[national]", "national]", "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_by_the_tree(home: Path, stands: str, instead: str, told: str) -> None:
    (home / "gateway.toml").write_text(SETTINGS.replace(stands, instead))
    with pytest.raises(ConfigurationInvalid, match=told):
        called_node(home)


def test_a_home_without_settings_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="'gateway init' makes one"):
        called_node(tmp_path)


def test_a_node_that_does_not_run_is_not_called(home: Path) -> None:
    assert ask_node(home, running=lambda: "called", stopped=lambda: "its store") == "its store"
    lock_beside(home / "gateway.db").touch()
    assert ask_node(home, running=lambda: "called", stopped=lambda: "its store") == "its store"


def test_a_node_that_runs_is_called(home: Path) -> None:
    with lock_beside(home / "gateway.db").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert ask_node(home, running=lambda: "called", stopped=lambda: "its store") == "called"


def test_a_node_that_is_started_meanwhile_is_called(home: Path) -> None:
    def stopped() -> str:
        raise StoreInUse("It runs.")

    assert ask_node(home, running=lambda: "called", stopped=stopped) == "called"
