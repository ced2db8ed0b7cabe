"""A partner is added by words and by two officers, with the commands that people type."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app import open_node
from gateway.cli.addresses import free_addresses
from gateway.cli.main import cli
from gateway.config import load
from gateway.trust.documents import read_digest
from gateway.trust.words import spoken

COMMON = ("--peer", "--national", "--operations")


def gateway(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=typed)


def founded(place: Path, name: str, *more: str) -> Path:
    listens = [part for pair in zip(COMMON, free_addresses(3), strict=True) for part in pair]
    assert gateway("init", place / name, *listens, *more).exit_code == 0
    return place / name


def exported(home: Path) -> tuple[Path, str]:
    """Give the file that is sent, and the words that are read out."""
    file = home.with_suffix(".note")
    told = json.loads(gateway("descriptor", "export", file, "--home", home, "--json").output)
    assert told["words"] == spoken(read_digest(told["digest"]))
    return file, told["words"]


def test_words_that_are_asked_for(tmp_path: Path) -> None:
    nl, cn = founded(tmp_path, "nl"), founded(tmp_path, "cn")
    file, words = exported(cn)
    shown = gateway("partner", "add", file, "--home", nl, typed=f"{words}\n")
    assert shown.exit_code == 0, shown.output
    assert "customs.cn.example" in shown.output
    assert words not in shown.output.replace(f": {words}\n", ""), "who sees the words does not ask for them"
    assert "✓ CN is a partner." in shown.output


@pytest.mark.parametrize(
    ("change", "reason"),
    [(lambda words: words[5:], "WORDS_MISHEARD"), (lambda _: spoken(bytes(32)), "WORDS_OF_ANOTHER")],
    ids=["one left out", "another document's"],
)
def test_wrong_words(change: object, reason: str, tmp_path: Path) -> None:
    nl, cn = founded(tmp_path, "nl"), founded(tmp_path, "cn")
    file, words = exported(cn)
    assert callable(change)
    refused = gateway("partner", "add", file, "--home", nl, "--words", change(words))
    assert refused.exit_code == 1
    assert f"✗ {reason}: " in refused.output
    assert "Nothing was changed." in refused.output
    assert gateway("partner", "list", "--home", nl).output == ""


async def test_two_officers(tmp_path: Path) -> None:
    nl = await asyncio.to_thread(founded, tmp_path, "nl", "--officer", "anna", "--officer", "bert")
    cn = await asyncio.to_thread(founded, tmp_path, "cn")
    file, words = await asyncio.to_thread(exported, cn)
    add = ("partner", "add", file, "--home", nl, "--words", words)
    refused = await asyncio.to_thread(gateway, *add)
    assert "FOUR_EYES_NEEDED" in refused.output, "the store alone does not do"
    async with open_node(load(nl), nl):
        refused = await asyncio.to_thread(gateway, *add)
        assert "CALLER_NOT_PERMITTED" in refused.output, "local is no officer"
        done = await asyncio.to_thread(gateway, *add, "--client", "anna")
        assert "… CN as a partner is proposed" in done.output
        done = await asyncio.to_thread(gateway, "proposals", "list", "--home", nl, "--client", "bert")
        assert "descriptor CN version 1, proposed by anna" in done.output
        approve = ("proposals", "approve", "1", "--home", nl, "--words", words, "--client")
        refused = await asyncio.to_thread(gateway, *approve, "anna")
        assert "SAME_OFFICER" in refused.output
        assert await asyncio.to_thread(partners, nl) == []
        done = await asyncio.to_thread(gateway, *approve, "bert")
        assert "anna proposed it, you approved it" in done.output, done.output
        assert await asyncio.to_thread(partners, nl) == ["CN"]
        done = await asyncio.to_thread(gateway, "proposals", "list", "--home", nl, "--client", "anna")
        assert "proposed by" not in done.output


def partners(home: Path) -> list[str]:
    shown = gateway("partner", "list", "--home", home, "--json")
    return [json.loads(line)["administration"] for line in shown.output.splitlines() if line.startswith("{")]
