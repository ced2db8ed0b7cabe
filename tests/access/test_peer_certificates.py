"""Certificates over real TLS: what gRPC lets in, the check refuses, and the dialer demands the partner's name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
import pytest

from certs.authority import Authority, Credential
from certs.hostile import HOSTILE, naming
from gateway.errors import GatewayError
from gateway.trust.certificates import claimed_domain, verify_gateway_leaf
from tests import nodes

NL, US, CN = "customs.nl.example", "customs.us.example", "customs.cn.example"
METHOD = "/tests.Doorbell/Ring"
PASSES_TLS = [
    "two-uris",
    "two-hosts",
    "other-host",
    "no-uri",
    "not-a-gateway",
    "common-name-only",
    "other-authority",
    "path-too-long",
]


@dataclass(frozen=True)
class World:
    """US listens; its bundle holds the authorities of both partners, as that of any acceptor does."""

    port: int
    us: Authority
    nl: Authority
    cn: Authority


def who(context: grpc.aio.ServicerContext, anchors: dict[str, bytes]) -> str:
    """Do what a peer port does with a connection's certificate."""
    presented = context.auth_context()
    leaf, chain = presented["x509_pem_cert"][0], presented.get("x509_pem_cert_chain", ())
    domain = claimed_domain(leaf)
    proven = verify_gateway_leaf(
        leaf,
        list(chain),
        domain=domain,
        anchors=[anchors[domain]],
        denied=frozenset(),
        at=datetime.now(UTC),
        as_client=True,
    )
    return f"{proven.domain} {proven.instance}"


@pytest.fixture(params=[False, True], ids=["root", "intermediate"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    us, nl, cn = (Authority.create(domain, intermediate=request.param) for domain in (US, NL, CN))
    anchors = {NL: nl.anchor_der, CN: cn.anchor_der}

    async def ring(_: bytes, context: grpc.aio.ServicerContext) -> bytes:
        try:
            return who(context, anchors).encode()
        except GatewayError as refusal:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, refusal.sentence)

    own = us.issue_gateway()
    server = grpc.aio.server()
    handlers = {"Ring": grpc.unary_unary_rpc_method_handler(ring)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tests.Doorbell", handlers),))
    credentials = grpc.ssl_server_credentials(
        [(own.key_pem, own.chain_pem)], nl.anchor_pem + cn.anchor_pem, require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    yield World(port, us, nl, cn)
    await server.stop(None)


async def ring(world: World, credential: Credential, *, anchor: Authority | None = None, name: str = US) -> str:
    credentials = grpc.ssl_channel_credentials(
        (anchor or world.us).anchor_pem, credential.key_pem, credential.chain_pem
    )
    options = [("grpc.ssl_target_name_override", f"gateway.{name}"), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.secure_channel(f"127.0.0.1:{world.port}", credentials, options) as channel:
        return (await channel.unary_unary(METHOD)(b"", timeout=nodes.SECONDS)).decode()


async def test_each_partner_is_known_by_its_own_certificate(world: World) -> None:
    assert await ring(world, world.nl.issue_gateway("east")) == f"{NL} east"
    assert await ring(world, world.cn.issue_gateway("1")) == f"{CN} 1"


async def test_one_partners_authority_cannot_make_the_other(world: World) -> None:
    forged = naming(NL, issued_by=world.cn)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await ring(world, forged)
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refusal.value.details() == f"No anchor of {NL} vouches for the certificate."


@pytest.mark.parametrize("profile", HOSTILE)
async def test_no_hostile_certificate_gets_through(profile: str, world: World) -> None:
    """TLS stops some at the handshake; all it lets through, the check stops."""
    make = HOSTILE[profile].make
    credential = naming(NL, issued_by=world.cn) if profile == "other-authority" else make(world.nl)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await ring(world, credential)
    by_check = refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert by_check or refusal.value.code() is grpc.StatusCode.UNAVAILABLE
    assert by_check or profile not in PASSES_TLS, "TLS refused what the check was to be tried on"


async def test_a_dialer_takes_no_other_servers_name(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await ring(world, world.nl.issue_gateway(), name=CN)
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_dialer_takes_no_other_authoritys_server(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await ring(world, world.nl.issue_gateway(), anchor=world.cn)
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE
