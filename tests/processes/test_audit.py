"""The audit log of whole nodes: who did what stands in it, it is proven offline, and nothing goes on without it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import apsw
import grpc
import pytest
from click.testing import CliRunner, Result

from gateway.app import open_node
from gateway.cli.audit_door import read_entries
from gateway.cli.main import cli
from gateway.config import load
from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home

SHUT = "CREATE TRIGGER shut BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room for words'); END"


def gateway(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def by_hand(home: Home, sql: str) -> None:
    connection = apsw.Connection(str(home.path / "gateway.db"))
    connection.set_busy_timeout(10_000)
    connection.execute(sql)
    connection.close()


@pytest.fixture
async def homes(tmp_path: Path) -> tuple[Home, Home]:
    return await asyncio.to_thread(nodes.pair, tmp_path)


async def test_nothing_is_exchanged_while_it_is_shut(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    async with open_node(load(cn.path), cn.path), open_node(load(nl.path), nl.path):
        first = await nodes.submit(cn, nodes.submissions("CN", 5))
        await nodes.received(nl, 5)
        await asyncio.to_thread(by_hand, nl, SHUT)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await nodes.submit(nl, nodes.submissions("NL", 1))
        assert reason_in(refused.value)[0] == "AUDIT_FAILED"
        second = await nodes.submit(cn, nodes.submissions("CN", 5, seed=2))
        link = await nodes.link_until(nl, "CN", lambda link: link.last_reason not in ("", "SHUTDOWN"))
        assert "audit log cannot be written" in link.last_detail
        link = await nodes.link_of(cn, "NL")
        assert link.issued.receipted == 5, "nothing is receipted whose audit entry is missing"
        await asyncio.to_thread(by_hand, nl, "DROP TRIGGER shut")
        await nodes.link_until(cn, "NL", nodes.is_settled)
        there = await nodes.stored(nl, national.DIRECTION_RECEIVED)
        assert sorted(each.record.header.record_id for each in there) == sorted(first + second)


async def test_who_did_what_is_proven_offline(homes: tuple[Home, Home], tmp_path: Path) -> None:
    cn, nl = homes
    key = gateway("audit", "key", "--home", nl.path).output.strip()
    async with open_node(load(nl.path), nl.path):
        async with nodes.links_of(nl) as links:
            await links.ResumeLink(operations.ResumeLinkRequest(partner="CN", reason="compared"), timeout=nodes.SECONDS)
        stranger = cn.authority.issue_gateway()
        async with nodes.channel(nl.operations, root=nl.national_authority, credential=stranger) as opened:
            with pytest.raises(grpc.aio.AioRpcError):
                await opened.unary_unary("/mutualrecognition.operations.v1.LinksService/GetNode")(
                    b"", timeout=nodes.SECONDS
                )
        unlisted = nl.national_authority.issue_client("unlisted")
        async with nodes.channel(nl.operations, root=nl.national_authority, credential=unlisted) as opened:
            for _ in range(3):
                with pytest.raises(grpc.aio.AioRpcError):
                    await opened.unary_unary("/mutualrecognition.operations.v1.LinksService/GetNode")(
                        b"", timeout=nodes.SECONDS
                    )
        done = await asyncio.to_thread(gateway, "audit", "export", tmp_path / "early", "--home", nl.path)
        assert done.exit_code == 0, done.output
    await asyncio.to_thread(look_offline, nl, key, tmp_path)


def look_offline(nl: Home, key: str, tmp_path: Path) -> None:
    listed = [(each.actor, each.action, each.detail) for each in read_entries(nl.path)]
    assert ("local", "resume", "CN: compared") in listed
    refused = [each for each in listed if each[1] == "refuse"]
    assert {each[0] for each in refused} == {"stranger at ipv4:127.0.0.1"}
    assert "No client is registered as unlisted" in refused[0][2]
    assert refused[1][2].endswith(": 2 more")
    assert gateway("audit", "export", tmp_path / "late", "--home", nl.path).exit_code == 0
    earlier = tmp_path / "early" / "checkpoint.note"
    proven = gateway("audit", "verify", tmp_path / "late", "--key", key, "--earlier", earlier)
    assert (proven.exit_code, proven.output[:8]) == (0, "✓ PROVEN")
    assert gateway("audit", "verify", tmp_path / "late").exit_code == 3
    found = gateway("audit", "verify", "--home", nl.path, "--key", key, "--earlier", earlier, "--json")
    assert json.loads(found.output)["outcome"] == "PROVEN"
    entries = tmp_path / "late" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"compared", b"imagined"))
    assert "EVIDENCE_INVALID" in gateway("audit", "verify", tmp_path / "late", "--key", key).output


async def test_a_row_that_was_changed_in_the_file_is_found(homes: tuple[Home, Home]) -> None:
    _, nl = homes
    await asyncio.to_thread(by_hand, nl, "DROP TRIGGER audit_is_not_changed")
    await asyncio.to_thread(by_hand, nl, "UPDATE audit SET actor = 'nobody' WHERE id = 1")
    found = await asyncio.to_thread(gateway, "audit", "verify", "--home", nl.path)
    assert (found.exit_code, found.output[:18]) == (1, "✗ EVIDENCE_INVALID")
