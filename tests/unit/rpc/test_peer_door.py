"""How many connections the peer port takes, by whomever: real TLS, since it is gRPC that counts them."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from certs.authority import Authority
from gateway.rpc import servers
from gateway.rpc.open_calls import OpenCalls, Shares
from gateway.rpc.refusal_log import RefusalLog
from gateway.rpc.servers import Door, TlsIdentity, open_door, server_credentials

AUTHORITY = Authority.create("customs.nl.example")
OPTION = "grpc.max_allowed_incoming_connections"


def door() -> Door:
    credential = AUTHORITY.issue_gateway()
    identity = TlsIdentity(credential.key_pem, credential.chain_pem)
    return Door(
        name="peer",
        address="127.0.0.1:0",
        identify=cast("Any", None),
        add=lambda _: None,
        credentials=server_credentials(lambda: identity, lambda: [AUTHORITY.anchor_der]),
        message_bytes=servers.PEER_MESSAGE_BYTES,
        refusals=cast("RefusalLog", None),
        calls=OpenCalls(),
        shares=Shares(lambda: 0.0),
    )


def client(place: Path) -> ssl.SSLContext:
    credential = AUTHORITY.issue_gateway()
    (place / "client.pem").write_bytes(credential.key_pem + credential.chain_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(place / "client.pem")
    context.set_alpn_protocols(["h2"])
    return context


async def is_taken(port: int, context: ssl.SSLContext, stack: AsyncExitStack) -> bool:
    """Connect, for as long as the stack is open, and say whether the server has begun to speak."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        stack.callback(writer.transport.abort)
        return bool(await reader.read(9))
    except OSError:
        return False


async def test_beyond_so_many_connections_new_ones_are_cut_off_and_those_that_are_there_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (OPTION, servers.CONNECTIONS_AT_MOST) in door().options
    monkeypatch.setattr(servers, "_SHARED", [(OPTION, 3)])
    server, port = await open_door(door())
    try:
        context = client(tmp_path)
        async with AsyncExitStack() as stack:
            assert [await is_taken(port, context, stack) for _ in range(5)] == [True] * 3 + [False] * 2
        async with AsyncExitStack() as stack:
            tried = count()
            while not await is_taken(port, context, stack):  # as soon as gRPC has seen that they are gone
                assert next(tried) < 10_000
    finally:
        await server.stop(None)
