"""What a dialer believes of a server: the leaf that it has looked at and checked, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256

import grpc
import pytest

from certs.authority import Authority, Credential
from certs.hostile import HOSTILE, naming
from gateway.clocks.system import SystemClock
from gateway.errors import GatewayError, IdentityMismatch, Passing, UnknownPeer
from gateway.rpc.dialer import Dialer, Line
from gateway.rpc.identity import PeerCheck
from gateway.rpc.servers import TlsIdentity
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import parse_descriptor, sign_descriptor
from gateway.trust.documents import read_document
from tests.unit.exchange.trusted_world import descriptor_note, domain, signer

METHOD = "/tests.Doorbell/Ring"


def book_with(address: str, authority: Authority, *, denied: tuple[bytes, ...] = ()) -> TrustBook:
    """CN's book, with NL at an address, under an authority."""
    plain = parse_descriptor(read_document(descriptor_note("NL")).text)
    nl = replace(plain, endpoints=(address,), anchors=(authority.anchor_der,), denied=denied)
    return (
        TrustBook("CN")
        .with_descriptor(descriptor_note("CN"))
        .with_descriptor(sign_descriptor(nl, [signer("NL", "root")]))
    )


def dialer_of(book: Callable[[], TrustBook], own: Credential) -> Dialer:
    identity = TlsIdentity(own.key_pem, own.chain_pem)
    return Dialer(book=book, peers=PeerCheck(book=book, clock=SystemClock()), identity=lambda _: identity)


@asynccontextmanager
async def serving(credential: Credential, client: Authority) -> AsyncIterator[str]:
    """A server with this certificate; gives its address."""
    server = grpc.aio.server()

    async def ring(_: bytes, __: grpc.aio.ServicerContext) -> bytes:
        return b"yes"

    handlers = {"Ring": grpc.unary_unary_rpc_method_handler(ring)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tests.Doorbell", handlers),))
    credentials = grpc.ssl_server_credentials(
        [(credential.key_pem, credential.chain_pem)], client.anchor_pem, require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def rung(line: Line) -> bytes:
    return await line.channel.unary_unary(METHOD)(b"", timeout=20)


@pytest.fixture
def nl() -> Authority:
    return Authority.create(domain("NL"))


@pytest.fixture
def cn() -> Authority:
    return Authority.create(domain("CN"))


@pytest.mark.parametrize("intermediate", [False, True])
async def test_the_partners_gateway_is_called(cn: Authority, intermediate: bool) -> None:
    nl = Authority.create(domain("NL"), intermediate=intermediate)
    async with serving(nl.issue_gateway(), cn) as address:
        book = book_with(address, nl)
        opened = dialer_of(lambda: book, cn.issue_gateway()).line("NL")
        assert opened is not None
        async with opened as line:
            assert await rung(line) == b"yes"
            assert line.still_trusted() is None


async def test_a_withdrawn_certificate_is_not_called_and_not_believed_any_longer(nl: Authority, cn: Authority) -> None:
    leaf = nl.issue_gateway()
    async with serving(leaf, cn) as address:
        books = [book_with(address, nl)]
        dialer = dialer_of(lambda: books[-1], cn.issue_gateway())
        opened = dialer.line("NL")
        assert opened is not None
        async with opened as line:
            books.append(book_with(address, nl, denied=(sha256(leaf.der).digest(),)))
            refusal = line.still_trusted()
            assert isinstance(refusal, UnknownPeer)
            assert "withdrawn" in refusal.sentence
        again = dialer.line("NL")
        assert again is not None
        with pytest.raises(UnknownPeer, match="withdrawn"):
            await again.__aenter__()


async def test_a_server_with_two_faces_is_not_called(nl: Authority, cn: Authority) -> None:
    """It shows the look the true gateway and takes the call itself, with a leaf that was withdrawn."""
    stolen = nl.issue_gateway()
    async with (
        serving(nl.issue_gateway(), cn) as true,
        serving(stolen, cn) as false,
        taking_turns(true, false) as address,
    ):
        book = book_with(address, nl, denied=(sha256(stolen.der).digest(),))
        opened = dialer_of(lambda: book, cn.issue_gateway()).line("NL")
        assert opened is not None
        async with opened as line:
            with pytest.raises(grpc.aio.AioRpcError) as failure:
                await rung(line)
            assert failure.value.code() is grpc.StatusCode.UNAVAILABLE


@asynccontextmanager
async def taking_turns(first: str, then: str) -> AsyncIterator[str]:
    """Hand the first connection to one address, all others to another."""
    targets = iter([first])
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = next(targets, then).split(":")
        there, back = await asyncio.open_connection(host, int(port))
        tasks.update(asyncio.create_task(carry(*pair)) for pair in ((reader, back), (there, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("profile", [name for name in HOSTILE if name != "authority-as-leaf"])
async def test_no_hostile_certificate_is_called(profile: str, nl: Authority, cn: Authority) -> None:
    """An authority as a leaf is left out: gRPC does not serve with one."""
    async with serving(HOSTILE[profile].make(nl), cn) as address:
        book = book_with(address, nl)
        opened = dialer_of(lambda: book, cn.issue_gateway()).line("NL")
        assert opened is not None
        with pytest.raises((UnknownPeer, IdentityMismatch)):
            await opened.__aenter__()


async def test_another_authoritys_server_is_not_called(nl: Authority, cn: Authority) -> None:
    async with serving(naming(domain("NL"), issued_by=cn), cn) as address:
        book = book_with(address, nl)
        opened = dialer_of(lambda: book, cn.issue_gateway()).line("NL")
        assert opened is not None
        with pytest.raises(UnknownPeer, match="No anchor"):
            await opened.__aenter__()


async def test_nobody_there_is_said(nl: Authority, cn: Authority) -> None:
    async with serving(nl.issue_gateway(), cn) as address:
        pass
    book = book_with(address, nl)
    opened = dialer_of(lambda: book, cn.issue_gateway()).line("NL")
    assert opened is not None
    with pytest.raises(Passing, match="cannot be reached") as said:
        await opened.__aenter__()
    assert isinstance(said.value, GatewayError)


async def test_a_server_without_tls_is_said(nl: Authority, cn: Authority) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        book = book_with(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", nl)
        opened = dialer_of(lambda: book, cn.issue_gateway()).line("NL")
        assert opened is not None
        with pytest.raises(Passing, match=r"does not fit|cannot be reached"):
            await opened.__aenter__()
