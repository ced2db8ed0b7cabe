"""The guard over real gRPC: nobody is told anything before it is known who calls, not even by a parser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import grpc
import pytest

from gateway.errors import GatewayError, LinkSuspended, UnknownPeer
from gateway.rpc.access import Role
from gateway.rpc.clients import Caller
from gateway.rpc.guard import Context, Guard, Identify
from gateway.rpc.open_calls import OpenCalls, Shares
from gateway.rpc.refusal_log import RefusalLog
from mutualrecognition.federation.v1.link_pb2_grpc import (
    FederationServiceServicer,
    add_FederationServiceServicer_to_server,
)

CODE = grpc.StatusCode
SERVICE = "/mutualrecognition.federation.v1.FederationService"


class Refusals:
    def __init__(self) -> None:
        self.callers: list[str] = []

    async def note(self, error: GatewayError, *, caller: str, **_: str) -> None:
        self.callers.append(caller)


class Service(FederationServiceServicer):
    async def Link(self, request_iterator: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:  # noqa: N802
        async for frame in request_iterator:
            yield frame


def partner(_: Context) -> Caller:
    return Caller("NL", frozenset({Role.PARTNER}))


def stranger(_: Context) -> Caller:
    raise UnknownPeer("Nobody here knows it.")


def suspended(_: Context) -> Caller:
    refusal = LinkSuspended("The link with NL is suspended here.")
    refusal.caller = "NL"
    raise refusal


@asynccontextmanager
async def guarded(
    identify: Identify, refusals: Refusals | None = None, shares: Shares | None = None
) -> AsyncIterator[grpc.aio.Channel]:
    kept = cast("RefusalLog", refusals or Refusals())
    guard: Any = Guard(identify, kept, OpenCalls(), shares)
    add_FederationServiceServicer_to_server(Service(), guard)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((guard,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


async def said(channel: grpc.aio.Channel, method: str, message: bytes) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await channel.unary_unary(f"{SERVICE}/{method}")(message)
    return refusal.value.code(), refusal.value.details() or ""


@pytest.mark.parametrize("method", ["GetEntries", "Link", "Missing"])
@pytest.mark.parametrize("message", [b"", b"\xff"], ids=["well", "junk"])
async def test_a_stranger_hears_nothing_of_methods_and_parsers(method: str, message: bytes) -> None:
    async with guarded(stranger) as channel:
        assert await said(channel, method, message) == (CODE.UNAUTHENTICATED, "")


async def test_the_audit_log_knows_whom_it_was_when_the_certificate_holds() -> None:
    for identify, known in ((suspended, "NL"), (stranger, "")):
        refusals = Refusals()
        async with guarded(identify, refusals) as channel:
            await said(channel, "GetEntries", b"")
        assert refusals.callers == [known]


@pytest.mark.parametrize("method", ["GetEntries", "Link"])
async def test_what_cannot_be_parsed_is_the_callers_fault(method: str) -> None:
    async with guarded(partner) as channel:
        code, sentence = await said(channel, method, b"\xff")
    assert code is CODE.INVALID_ARGUMENT
    assert "no message of this method" in sentence


async def test_a_caller_hears_that_there_is_no_such_method() -> None:
    async with guarded(partner) as channel:
        assert (await said(channel, "Missing", b""))[0] is CODE.UNIMPLEMENTED


class Paced(Shares):
    """Counts the refusals that had to ask when they may be told."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)
        self.asked: list[str] = []

    def seconds_until_refusal(self, partner: str) -> float:
        self.asked.append(partner)
        return 0.0


@pytest.mark.parametrize(("identify", "name"), [(stranger, ""), (suspended, "NL")])
async def test_refusals_of_callers_are_told_in_their_turn(identify: Identify, name: str) -> None:
    paced = Paced()
    async with guarded(identify, shares=paced) as channel:
        await said(channel, "GetEntries", b"")
        await said(channel, "Link", b"")
    assert paced.asked == [name, name]
