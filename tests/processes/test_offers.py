"""An agreement on its way between the officers of two whole nodes."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from gateway.app import Node, open_node
from gateway.cli.agreement_files import sign
from gateway.cli.main import cli
from gateway.config import load
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home


@pytest.fixture(autouse=True)
def log() -> Any:
    with structlog.testing.capture_logs() as lines:
        yield lines


def running(home: Home) -> AbstractAsyncContextManager[Node]:
    return open_node(load(home.path), home.path)


async def told(home: Home, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, cli, [*words, "--home", str(home.path), "--json"])


async def gateway(home: Home, *words: str) -> list[dict[str, Any]]:
    done = await told(home, *words)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


async def test_an_agreement_is_offered_signed_and_taken(tmp_path: Path) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    text = nodes.AGREEMENT.read_text("utf-8").replace("cn-nl-security", "cn-nl-second")
    one, both = tmp_path / "one.note", tmp_path / "both.note"
    one.write_bytes(sign(cn.path, text.encode()))
    async with running(cn), running(nl):
        await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        assert await gateway(cn, "documents", "offer", str(one), "--to", "NL") == [{"partner": "NL", "in_force": False}]
        (waits,) = await gateway(nl, "documents", "list", "--out", str(tmp_path / "offered"))
        assert (waits["partner"], waits["id"], waits["signed_by"]) == ("CN", "cn-nl-second", ["CN"])
        early = await told(nl, "documents", "accept", waits["digest"])
        assert early.exit_code == 1
        assert "NL has not signed" in early.output
        both.write_bytes(sign(nl.path, (tmp_path / "offered" / "cn-nl-second-1.note").read_bytes()))
        await gateway(nl, "agreement", "add", str(both))
        assert await gateway(nl, "documents", "list") == [], "it has come into force by another way"
        await gateway(nl, "documents", "offer", str(both), "--to", "CN")
        (answered,) = await gateway(cn, "documents", "list")
        assert answered["signed_by"] == ["CN", "NL"]
        await gateway(cn, "documents", "accept", answered["digest"])
        held = [each["id"] for each in await gateway(cn, "agreement", "list")]
        assert sorted(held) == ["cn-nl-second", "cn-nl-security"]
        assert await gateway(cn, "documents", "offer", str(both), "--to", "NL") == [{"partner": "NL", "in_force": True}]


async def test_an_offer_that_is_not_the_partners_to_make_is_refused_and_one_that_is_may_be(tmp_path: Path) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    text = nodes.AGREEMENT.read_text("utf-8").replace("cn-nl-security", "cn-nl-third")
    own, unsigned = tmp_path / "own.note", tmp_path / "unsigned.note"
    own.write_bytes(sign(cn.path, text.encode()))
    unsigned.write_bytes(sign(nl.path, text.encode()))
    async with running(cn), running(nl):
        await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        refused = await told(cn, "documents", "offer", str(unsigned), "--to", "NL")
        assert refused.exit_code == 1
        assert "CN has not signed" in refused.output
        await gateway(cn, "documents", "offer", str(own), "--to", "NL")
        (waits,) = await gateway(nl, "documents", "list")
        await gateway(nl, "documents", "refuse", waits["digest"], "--reason", "article 3 was not agreed")
        assert await gateway(nl, "documents", "list") == []
