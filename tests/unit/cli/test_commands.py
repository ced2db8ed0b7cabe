"""Every command answers --help with examples and without loading the gateway; refusals are told in plain words."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import COMMANDS, cli
from gateway.config import load

ROOT = Path(__file__).parents[3]
AGREEMENT = ROOT / "docs" / "examples" / "agreement-cn-nl.toml"


def gateway(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def every_command() -> list[list[str]]:
    found: list[list[str]] = [[]]
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        inner = list(command.commands) if isinstance(command, click.Group) else []
        found += [[name], *([name, each] for each in inner)]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_help_has_examples(words: list[str]) -> None:
    command: click.Command = cli
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word) or pytest.fail(word)
    shown = gateway(*words, "--help")
    assert shown.exit_code == 0
    if not isinstance(command, click.Group):
        assert "Examples:" in shown.output
        assert any(option.name == "as_json" for option in command.params) or words == ["serve"]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from gateway.cli.main import cli, COMMANDS\n"
        "for name in COMMANDS: assert CliRunner().invoke(cli, [name, '--help']).exit_code == 0\n"
        "print([m for m in ('grpc', 'google.protobuf', 'pydantic', 'cryptography', 'rich', 'apsw') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    place = tmp_path_factory.mktemp("homes")
    for name in ("nl", "cn"):
        assert gateway("init", place / name).exit_code == 0
    return place / "nl", place / "cn"


def test_init_keeps_keys_from_others(homes: tuple[Path, Path]) -> None:
    keys = [path for home in homes for path in home.rglob("*.key")]
    assert len(keys) == 2 * (4 + 2 + 2 + 1)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert {stat.S_IMODE(home.stat().st_mode) for home in homes} == {0o700}


def test_init_writes_settings_that_can_be_read(homes: tuple[Path, Path]) -> None:
    nl, cn = map(load, homes)
    assert (nl.administration, nl.domain, nl.environment) == ("NL", "customs.nl.example", "development")
    assert nl.peer.listen != cn.peer.listen


def test_init_changes_nothing_that_is_there(homes: tuple[Path, Path]) -> None:
    before = {path: path.read_bytes() for path in homes[0].rglob("*") if path.is_file()}
    refused = gateway("init", homes[0])
    assert refused.exit_code == 1
    assert "CONFIGURATION_INVALID" in refused.output
    assert {path: path.read_bytes() for path in homes[0].rglob("*") if path.is_file()} == before
    assert not [path for path in homes[0].parent.iterdir() if path.name.startswith(".")]


def test_partners_are_introduced_offline(homes: tuple[Path, Path]) -> None:
    done = gateway("introduce", *homes, "--agreement", AGREEMENT, "--json")
    assert done.exit_code == 0
    digests = json.loads(done.output)["descriptors"]
    listed = [json.loads(gateway("partner", "list", "--home", home, "--json").output) for home in homes]
    assert [each["digest"] for each in listed] == [digests["CN"], digests["NL"]]
    agreements = [json.loads(gateway("agreement", "list", "--home", home, "--json").output) for home in homes]
    assert agreements[0] == agreements[1]
    assert gateway("agreement", "show", "cn-nl-security", "--home", homes[0]).exit_code == 0


def test_the_same_step_by_step_with_the_digest_compared(tmp_path: Path) -> None:
    nl, cn, note = tmp_path / "nl", tmp_path / "cn", tmp_path / "agreement.note"
    digests = {home: json.loads(gateway("init", home, "--json").output)["digest"] for home in (nl, cn)}
    wrong = gateway("partner", "add", cn / "descriptor.note", "--digest", digests[nl], "--home", nl)
    assert wrong.exit_code == 1
    assert "DOCUMENT_INVALID" in wrong.output
    for home, other in ((nl, cn), (cn, nl)):
        added = gateway("partner", "add", other / "descriptor.note", "--digest", digests[other], "--home", home)
        assert added.exit_code == 0
    assert gateway("agreement", "sign", AGREEMENT, "--home", nl, "--out", note).exit_code == 0
    assert gateway("agreement", "add", note, "--home", nl).exit_code == 1
    assert gateway("agreement", "sign", note, "--home", cn, "--out", note).exit_code == 0
    for home in (nl, cn):
        assert gateway("agreement", "add", note, "--home", home).exit_code == 0


def test_production_takes_no_shortcut(homes: tuple[Path, Path], tmp_path: Path) -> None:
    node = tmp_path / "fr"
    anchor = homes[0] / "ca" / "gateway" / "ca.pem"
    words = ("--environment", "production", "--domain", "customs.fr.example", "--anchor", anchor)
    assert gateway("init", node, "--environment", "production").exit_code == 2
    assert gateway("init", node, *words).exit_code == 0
    assert not (node / "ca").exists()
    assert "local" not in (node / "clients.toml").read_text("utf-8")
    refused = gateway("introduce", node, homes[1], "--agreement", AGREEMENT)
    assert refused.exit_code == 1
    assert "production" in refused.output


def test_a_node_that_is_away_is_said_to_be(homes: tuple[Path, Path]) -> None:
    refused = gateway("links", "--home", homes[0], "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.output)["reason"] == "UNAVAILABLE"


def test_no_home_is_said_to_be_none(tmp_path: Path) -> None:
    refused = gateway("watch", "--home", tmp_path)
    assert refused.exit_code == 1
    assert "gateway init" in refused.output


def test_garbage_is_no_evidence(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(b"PK garbage")
    refused = gateway("evidence", "verify", file, "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.output)["reason"] == "EVIDENCE_INVALID"


def test_the_root_key_goes_where_it_is_said_and_the_node_has_none(tmp_path: Path) -> None:
    home, vault = tmp_path / "nl", tmp_path / "vault"
    assert gateway("init", home, "--root-dir", vault).exit_code == 0
    assert [path.name for path in vault.iterdir()] == ["root.ed25519.key"]
    assert not list((home / "keys").glob("root*"))
    made = json.loads(gateway("descriptor", "next", "--name", "Another", "--home", home, "--json").output)
    assert (made["version"], made["published"]) == (2, False)
    note = tmp_path / "2.note"
    signed = gateway("descriptor", "sign", made["unsigned"], "--root-dir", vault, "--out", note, "--json")
    assert json.loads(signed.output)["signatures"] == 1
    assert gateway("descriptor", "publish", note, "--home", home).exit_code == 0
    assert json.loads(gateway("descriptor", "show", "--home", home, "--json").output)["version"] == 2
    again = gateway("init", tmp_path / "nl2", "--administration", "NL", "--root-dir", vault)
    assert again.exit_code == 1
    assert "KEY_FILE_UNSAFE" in again.output
    assert not (tmp_path / "nl2").exists()


def test_production_refuses_keys_of_a_demo(tmp_path: Path) -> None:
    home = tmp_path / "nl"
    assert gateway("init", home, "--environment", "demo").exit_code == 0
    settings = home / "gateway.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('environment = "demo"', 'environment = "production"'), "utf-8"
    )
    keys = set((home / "keys").iterdir())
    for words in (
        ["serve", home],
        ["agreement", "sign", AGREEMENT, "--home", home, "--out", tmp_path / "signed.note"],
        ["keys", "roll", "log", "--home", home],
        ["descriptor", "next", "--name", "Another name", "--home", home],
    ):
        refused = gateway(*words)
        assert refused.exit_code == 1, words
        assert "made for development or a demo" in refused.output
    assert set((home / "keys").iterdir()) == keys
    assert not (tmp_path / "signed.note").exists()
