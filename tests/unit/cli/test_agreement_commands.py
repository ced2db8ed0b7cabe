"""Whoever signs an agreement is told what this version cannot keep of it; whoever adds a signed one is warned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli

ROOT = Path(__file__).parents[3]
AGREEMENT = ROOT / "docs" / "examples" / "agreement-cn-nl.toml"


def gateway(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    text = (ROOT / "docs" / "examples" / "agreement-cn-nl.toml").read_text("utf-8")
    assert 'kind = "screening_result"' in text
    file = tmp_path / "strange.toml"
    file.write_text(text.replace('kind = "screening_result"', 'kind = "gossip"'), "utf-8")
    return file


def test_signing_is_refused_with_the_place_and_can_be_insisted_on(strange: Path, tmp_path: Path) -> None:
    homes = nl, cn = tmp_path / "nl", tmp_path / "cn"
    digests = {home: json.loads(gateway("init", home, "--json").output)["digest"] for home in homes}
    refused = gateway("agreement", "sign", strange, "--home", nl, "--out", tmp_path / "note", "--json")
    assert refused.exit_code == 1
    told = json.loads(refused.output)
    assert told["reason"] == "DOCUMENT_INVALID"
    assert {each["rule"] for each in told["violations"]} == {"flow.kind_unknown"}
    assert all("[[flows]] table " in each["message"] and "(line " in each["message"] for each in told["violations"])
    assert not (tmp_path / "note").exists()
    assert gateway("introduce", nl, cn, "--agreement", strange).exit_code == 1
    note = tmp_path / "note"
    assert gateway("agreement", "sign", strange, "--home", nl, "--out", note, "--anyway").exit_code == 0
    assert gateway("agreement", "sign", note, "--home", cn, "--out", note).exit_code == 1
    assert gateway("agreement", "sign", note, "--home", cn, "--out", note, "--anyway").exit_code == 0
    for home, other in ((nl, cn), (cn, nl)):
        words = ("--digest", digests[other], "--home", home)
        assert gateway("partner", "add", other / "descriptor.note", *words).exit_code == 0
    added = gateway("agreement", "add", note, "--home", nl, "--json")
    assert added.exit_code == 0
    assert {each["rule"] for each in json.loads(added.output)["warnings"]} == {"flow.kind_unknown"}
    shown = gateway("agreement", "add", note, "--home", cn)
    assert shown.exit_code == 0
    assert "knows no record of kind gossip" in shown.output


def test_a_root_key_that_is_kept_apart_signs_without_a_home(tmp_path: Path) -> None:
    vault, home, note, both = (tmp_path / name for name in ("vault", "cn", "one.note", "both.note"))
    vault.mkdir()
    assert gateway("init", home, "--root-dir", vault).exit_code == 0
    assert gateway("init", tmp_path / "nl").exit_code == 0
    without = gateway("agreement", "sign", AGREEMENT, "--home", home, "--out", note)
    assert without.exit_code == 1
    assert "--root-dir says where" in without.output
    assert gateway("agreement", "sign", AGREEMENT, "--home", tmp_path / "nl", "--out", note).exit_code == 0
    alone = ["--root-dir", vault, "--domain", "customs.cn.example", "--home", tmp_path, "--out", both]
    assert gateway("agreement", "sign", note, *alone).exit_code == 0
    words = json.loads(gateway("descriptor", "show", "--home", home, "--json").output)["words"]
    adding = ["partner", "add", home / "descriptor.note", "--home", tmp_path / "nl", "--words", words]
    assert gateway(*adding).exit_code == 0
    assert gateway("agreement", "add", both, "--home", tmp_path / "nl").exit_code == 0
    assert gateway("agreement", "sign", note, "--domain", "customs.cn.example", "--out", both).exit_code == 2
