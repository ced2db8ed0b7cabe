"""Two whole nodes in this process: what waits for an agreement, what is lost and taken again, who is suspended."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

import grpc
import pytest
from click.testing import CliRunner

from certs.authority import Credential
from gateway.app import Node, open_node
from gateway.cli import trust_door
from gateway.cli.agreement_files import sign
from gateway.cli.main import cli
from gateway.config import load
from mutualrecognition.federation.v1 import link_pb2 as federation
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home

FIRST, SECOND = "cn-nl-security", "cn-nl-second"


@pytest.fixture
async def homes(tmp_path: Path) -> tuple[Home, Home]:
    return await asyncio.to_thread(nodes.pair, tmp_path)


def running(home: Home, *, dials: bool = True) -> AbstractAsyncContextManager[Node]:
    config = load(home.path)
    peer = config.peer.model_copy(update={"dial": dials})
    return open_node(config.model_copy(update={"peer": peer}), home.path)


# --- agreements that only one side holds --------------------------------------------------------------------------


def under(agreement: str, count: int, *, seed: int) -> list[national.Submission]:
    made = nodes.submissions("CN", count, seed=seed)
    for number, each in enumerate(made):
        each.request_id = f"{agreement}-{seed}-{number}"
        each.record.header.agreement_id = agreement
    return made


def ids(records: Sequence[national.StoredRecord], agreement: str) -> list[str]:
    return [each.record.header.record_id for each in records if each.record.header.agreement_id == agreement]


async def test_records_wait_for_the_agreement_that_the_partner_lacks(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    text = nodes.AGREEMENT.read_text("utf-8").replace(FIRST, SECOND)
    note = sign(nl.path, sign(cn.path, text.encode()))
    await asyncio.to_thread(trust_door.add_agreement, cn.path, note)
    async with running(cn), running(nl):
        waiting = await nodes.submit(cn, under(SECOND, 20, seed=1))
        going = await nodes.submit(cn, under(FIRST, 20, seed=2))
        waiting += await nodes.submit(cn, under(SECOND, 10, seed=3))
        there = await nodes.received(nl, 20)
        assert (ids(there, FIRST), ids(there, SECOND)) == (going, [])
        link = await nodes.link_until(cn, "NL", lambda link: link.issued.receipted == 20)
        assert (link.state, link.waiting, link.issued.size) == (operations.LINK_STATE_OPEN, 30, 20)
        await asyncio.to_thread(trust_door.add_agreement, nl.path, note)  # it runs: TrustService
        after = await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size == 50)
        assert after.session != link.session
        there = sorted(await nodes.stored(nl, national.DIRECTION_RECEIVED), key=lambda each: each.sequence)
        assert (ids(there, FIRST), ids(there, SECOND)) == (going, waiting)
        assert {each.standing for each in there} == {national.STANDING_ACCEPTED}


# --- entries taken again ------------------------------------------------------------------------------------------


async def test_a_partner_that_loses_its_history_is_helped_three_times_a_day(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    store, copy = nl.path / "gateway.db", nl.path / "copy.db"
    shutil.copyfile(store, copy)
    async with running(cn):
        async with running(nl):
            sent = await nodes.submit(cn, nodes.submissions("CN", 40))
            await nodes.link_until(cn, "NL", nodes.is_settled)
        for _ in range(3):
            shutil.copyfile(copy, store)
            async with running(nl):
                again = await nodes.received(nl, len(sent))
                assert [each.record.header.record_id for each in again] == sent
        shutil.copyfile(copy, store)
        async with running(nl):
            link = await nodes.link_until(nl, "CN", lambda link: link.last_reason == "OVERLOADED")
            assert link.held.size == 0


# --- suspension ---------------------------------------------------------------------------------------------------


async def offend(cn: Home, nl: Home) -> grpc.StatusCode:
    """Call CN with NL's certificate and send a batch before Hello; gives the status with which CN ends the call."""
    credential = Credential.read(nl.path / "tls", "gateway")
    name = "gateway.customs.cn.example"
    async with nodes.channel(cn.peer, root=cn.authority, credential=credential, name=name) as channel:
        call = FederationServiceStub(channel).Link(wait_for_ready=True, timeout=nodes.SECONDS)
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):  # the call may be refused before that
            await call.write(federation.LinkFrame(batch=federation.Batch(first=7)))
            while await call.read() is not grpc.aio.EOF:
                pass
        return await call.code()


async def test_three_offences_suspend_a_link_until_its_operator_resumes_it(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    async with running(cn):
        for number in range(3):
            assert (await nodes.link_of(cn, "NL")).state != operations.LINK_STATE_SUSPENDED, number
            assert await offend(cn, nl) is grpc.StatusCode.INVALID_ARGUMENT
        link = await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_SUSPENDED)
        assert link.last_reason == "MALFORMED"
        assert "before Hello" in link.last_detail
        assert await offend(cn, nl) is grpc.StatusCode.PERMISSION_DENIED
    async with running(cn), running(nl, dials=False):  # CN knows it still, and does not dial
        assert (await nodes.link_of(cn, "NL")).state == operations.LINK_STATE_SUSPENDED
        words = ["links", "--home", str(cn.path), "--resume", "NL", "--reason", "NL has mended its gateway"]
        done = await asyncio.to_thread(CliRunner().invoke, cli, words)
        assert done.exit_code == 0, done.output
        await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        sent = await nodes.submit(nl, nodes.submissions("NL", 3))
        assert [each.record.header.record_id for each in await nodes.received(cn, 3)] == sent
