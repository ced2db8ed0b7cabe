"""A command loads what it needs: to start is most of what a call costs on an old machine. Modules are counted, not time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.called_node import CalledNode, called_node
from gateway.errors import ConfigurationInvalid

SETTINGS = (
    'administration = "NL"\ndomain = "customs.nl.example"\nname = "Customs"\n'
    '[national]\nlisten = "127.0.0.1:1"\n[operations]\nlisten = "127.0.0.1:2"\n'
)
CALLING = (
    "links", "inbox", "request list", "alert list", "consignment show MSKU3841906", "reliance list", "watch", "incident list",
)  # fmt: skip
HEAVY = {
    "pydantic",
    "cryptography",
    "apsw",
    "structlog",
    "jinja2",
    "gateway.config",
    "gateway.app",
    "gateway.rpc.guard",
}
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


def loaded_by(*commands: str) -> tuple[list[str], set[str]]:
    command = [sys.executable, "-c", SHOW, *commands]
    told, modules = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return told, set(modules)


def test_help_loads_no_rpc() -> None:
    (told,), modules = loaded_by("--help")
    assert "Commands:" in told
    assert not modules & (HEAVY | {"grpc", "google.protobuf", "rich", "asyncio"})


def test_a_command_that_calls_a_node_loads_nothing_that_only_a_node_needs(home: Path) -> None:
    told, modules = loaded_by(*(f"{each} --home {home}" for each in CALLING))
    assert all("UNAVAILABLE" in each for each in told), told
    assert "grpc" in modules
    assert not modules & HEAVY


def test_the_usual_settings_are_read_without_the_tree(home: Path) -> None:
    assert called_node(home) == CalledNode("NL", "127.0.0.1:1", "127.0.0.1:2", by_token=False)


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
