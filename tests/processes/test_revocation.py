"""Who loses trust is out at once, on streams and connections that are open: partners, national clients, certificates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog
from click.testing import CliRunner

from certs.authority import Credential
from gateway.app import Node, open_node
from gateway.cli.main import cli
from gateway.config import load
from gateway.rpc.status import reason_in
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home


@pytest.fixture
async def homes(tmp_path: Path) -> tuple[Home, Home]:
    return await asyncio.to_thread(nodes.pair, tmp_path)


@pytest.fixture(autouse=True)
def log() -> Any:
    with structlog.testing.capture_logs() as lines:
        yield lines


def running(home: Home) -> AbstractAsyncContextManager[Node]:
    return open_node(load(home.path), home.path)


async def gateway(*words: str) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, cli, list(words))
    assert done.exit_code == 0, done.output
    return done.output


async def state_of(home: Home, partner: str) -> str:
    listed = json.loads(await gateway("partner", "list", "--home", str(home.path), "--json"))
    assert listed["administration"] == partner
    return str(listed["state"])


async def is_open(home: Home, partner: str) -> operations.Link:
    return await nodes.link_until(home, partner, lambda link: link.state == operations.LINK_STATE_OPEN)


async def test_a_suspended_partner_is_told_and_goes_on_when_it_is_resumed(
    homes: tuple[Home, Home], log: list[dict[str, Any]]
) -> None:
    cn, nl = homes
    async with running(cn), running(nl):
        session = (await is_open(nl, "CN")).session
        assert await state_of(nl, "CN") == "active"
        await gateway("partner", "suspend", "CN", "--reason", "their scanner is broken", "--home", str(nl.path))
        there = await nodes.link_until(cn, "NL", lambda link: link.last_reason == "LINK_SUSPENDED")
        assert "their scanner is broken" in there.last_detail
        again = "suspended here by its operator: their scanner is broken. The two operators must"
        await nodes.link_until(cn, "NL", lambda link: again in link.last_detail)
        refusals = await gateway("audit", "list", "--action", "refuse", "--home", str(nl.path), "--json")
        assert {json.loads(line)["actor"] for line in refusals.splitlines()} == {"CN"}, "known, and no stranger"
        assert await state_of(nl, "CN") == "suspended"
        waiting = await nodes.submit(cn, nodes.submissions("CN", 3))
        assert (await nodes.link_of(nl, "CN")).held.size == 0
        await gateway("partner", "resume", "CN", "--reason", "they have mended it", "--home", str(nl.path))
        assert [each.record.header.record_id for each in await nodes.received(nl, 3)] == waiting
        assert await state_of(nl, "CN") == "active"
    ended = [line for line in log if line.get("correlation_id") == session and line["event"] == "link session ended"]
    assert {(line["reason"], line["by_peer"]) for line in ended} == {
        ("LINK_SUSPENDED", True),
        ("LINK_SUSPENDED", False),
    }


async def test_a_revoked_partner_is_a_stranger_and_what_it_signed_stays(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(cn))
        async with running(nl):
            (record_id,) = await nodes.submit(cn, nodes.submissions("CN", 1))
            await nodes.received(nl, 1)
            words = ["partner", "revoke", "CN", "--reason", "the treaty is terminated", "--home", str(nl.path)]
            await gateway(*words)
            await nodes.link_until(cn, "NL", lambda link: link.last_reason == "UNAVAILABLE")
            assert await state_of(nl, "CN") == "revoked"
            async with nodes.records_of(nl) as records:
                answer = await records.SubmitRecords(
                    national.SubmitRecordsRequest(submissions=nodes.submissions("NL", 1)), timeout=nodes.SECONDS
                )
                assert answer.results[0].refusal.reason == "NO_AGREEMENT"
                bundle = await records.ExportEvidence(
                    national.ExportEvidenceRequest(record_id=record_id), timeout=nodes.SECONDS
                )
                assert bundle.bundle
        async with running(nl):  # it is remembered
            assert await state_of(nl, "CN") == "revoked"
            assert await called_with(cn, nl) in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE)
            note, digest = cn.path / "descriptor.note", cn.descriptor.digest
            await asyncio.to_thread(nodes.trust_door.add_partner, nl.path, note.read_bytes(), digest)
            assert await state_of(nl, "CN") == "suspended"
            await gateway("partner", "resume", "CN", "--reason", "a new treaty", "--home", str(nl.path))
            await is_open(nl, "CN")


async def called_with(own: Home, partner: Home) -> grpc.StatusCode:
    credential = Credential.read(own.path / "tls", "gateway")
    name = f"gateway.{partner.descriptor.domain}"
    async with nodes.channel(partner.peer, root=partner.authority, credential=credential, name=name) as channel:
        call = FederationServiceStub(channel).Link(timeout=nodes.SECONDS)
        with suppress(grpc.aio.AioRpcError):
            await call.read()
        return await call.code()


# --- national clients ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def watching(home: Home, name: str) -> AsyncIterator[grpc.aio.UnaryStreamCall[Any, Any]]:
    """An open watch of a national system."""
    credential = home.national_authority.issue_client(name)
    async with nodes.channel(home.national, root=home.national_authority, credential=credential) as channel:
        call = RecordsServiceStub(channel).WatchRecords(
            national.WatchRecordsRequest(filter=national.RecordFilter(direction=national.DIRECTION_ISSUED)),
            timeout=nodes.SECONDS,
        )
        await call.read()
        yield call


async def read_on(call: grpc.aio.UnaryStreamCall[Any, Any]) -> None:
    while await call.read() is not grpc.aio.EOF:
        pass


def register(home: Home, *clients: str) -> None:
    with (home.path / "clients.toml").open("a", encoding="utf-8") as file:
        file.write("".join(f"\n{client}\n" for client in clients))


@pytest.mark.parametrize("revoked", [True, False], ids=["marked revoked", "struck out"])
async def test_a_client_that_is_struck_out_is_cut_off_and_the_others_go_on(
    revoked: bool, homes: tuple[Home, Home]
) -> None:
    cn, _ = homes
    before = (cn.path / "clients.toml").read_text("utf-8")
    one, other = (f'[[client]]\nname = "{name}"\nroles = ["read"]' for name in ("one", "other"))
    register(cn, one, other)
    async with running(cn):
        await nodes.submit(cn, nodes.submissions("CN", 1))
        async with watching(cn, "one") as cut, watching(cn, "other") as kept:
            (cn.path / "clients.toml").write_text(before, "utf-8")
            register(cn, other, *([f"{one}\nrevoked = true"] if revoked else []))
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await read_on(cut)
            assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED
            reason, sentence = reason_in(ended.value)
            assert (reason, "revoked" in sentence) == ("CLIENT_UNKNOWN", revoked)
            with pytest.raises(grpc.aio.AioRpcError):
                async with watching(cn, "one"):
                    pass
            (record_id,) = await nodes.submit(cn, nodes.submissions("CN", 1, seed=5))
            seen = await kept.read()
            assert [each.record.header.record_id for each in seen.records] == [record_id]


async def test_one_certificate_of_a_client_is_withdrawn_and_another_is_not(homes: tuple[Home, Home]) -> None:
    cn, _ = homes
    stolen, good = (cn.national_authority.issue_client("one") for _ in range(2))
    digest = sha256(stolen.der).hexdigest()
    register(cn, f'[[client]]\nname = "one"\nroles = ["read"]\ndenied_certificates = ["{digest}"]')
    async with running(cn):
        for credential, code in ((stolen, grpc.StatusCode.UNAUTHENTICATED), (good, grpc.StatusCode.OK)):
            async with nodes.channel(cn.national, root=cn.national_authority, credential=credential) as channel:
                call = RecordsServiceStub(channel).ListRecords(national.ListRecordsRequest(), timeout=nodes.SECONDS)
                assert await call.code() is code


# --- a partner's share --------------------------------------------------------------------------------------------


async def test_a_partner_does_not_get_all_connections(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    async with running(nl), AsyncExitStack() as stack:
        credential, name = Credential.read(cn.path / "tls", "gateway"), f"gateway.{nl.descriptor.domain}"
        calls = []
        for _ in range(5):
            channel = await stack.enter_async_context(
                nodes.channel(nl.peer, root=nl.authority, credential=credential, name=name)
            )
            call = FederationServiceStub(channel).Link(timeout=nodes.SECONDS)
            with suppress(grpc.aio.AioRpcError):
                await call.read()  # NL says Hello first
            calls.append(call)
        assert [call.done() for call in calls] == [False] * 4 + [True]
        assert await calls[4].code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        for call in calls:
            call.cancel()
