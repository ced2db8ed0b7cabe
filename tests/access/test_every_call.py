"""Every method of every port, called by every kind of caller over real TLS; what is due comes from the access table.

A row of the test is one caller at one port, who calls everything there is. Methods come from the service descriptors,
so that a new one is called here before anybody thought of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import grpc
import pytest
from cryptography import x509
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from certs.authority import Authority, Credential
from certs.hostile import HOSTILE, naming
from certs.signing import Statement
from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.config import NationalAuthentication
from gateway.errors import ConfigurationInvalid
from gateway.rpc.access import ACCESS, Role, require_rows
from gateway.rpc.status import reason_in
from gateway.stores.sqlite.store import open_store
from mutualrecognition.federation.v1 import link_pb2
from mutualrecognition.national.v1 import consignments_service_pb2, operators_service_pb2, records_service_pb2
from mutualrecognition.operations.v1 import links_service_pb2
from tests import nodes

NATIONAL = (records_service_pb2, operators_service_pb2, consignments_service_pb2)
PORTS = {
    "peer": (link_pb2, health_pb2),
    "national": (*NATIONAL, health_pb2, reflection_pb2),
    "operations": (links_service_pb2, health_pb2),
    "token": (*NATIONAL, health_pb2, reflection_pb2),
}
NATIONAL_ROLES = (Role.SUBMIT, Role.READ, Role.OFFICER, Role.OPERATE)
WATCH = "/mutualrecognition.national.v1.RecordsService/WatchRecords"
WATCH_OPERATORS = "/mutualrecognition.national.v1.OperatorsService/WatchOperators"
FIRST_MESSAGE = {
    WATCH: records_service_pb2.WatchRecordsRequest(from_now=True).SerializeToString(),
    WATCH_OPERATORS: operators_service_pb2.WatchOperatorsRequest(from_now=True).SerializeToString(),
}

ADMITTED = "admitted"
NOT_SERVED = "UNIMPLEMENTED"
NO_CONNECTION = "no connection"
STRANGER = "UNAUTHENTICATED without a word"
CLIENT_UNKNOWN = "UNAUTHENTICATED CLIENT_UNKNOWN"
NOT_PERMITTED = "PERMISSION_DENIED CALLER_NOT_PERMITTED"
SUSPENDED = "PERMISSION_DENIED LINK_SUSPENDED"
MISNAMED = "PERMISSION_DENIED IDENTITY_MISMATCH"


def methods_of(*modules: object) -> set[str]:
    return {
        f"/{service.full_name}/{method}"
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods_by_name
    }


SERVED = {port: methods_of(*modules) for port, modules in PORTS.items()}
EVERY_METHOD = sorted(set().union(*SERVED.values()))


@dataclass(frozen=True)
class World:
    """CN, whose partners are NL and US (suspended); JP, whom it does not know and whose own clients show tokens."""

    cn: nodes.Home
    nl: nodes.Home
    us: nodes.Home
    jp: nodes.Home
    node: nodes.NodeProcess
    tokens: Mapping[str, str]

    def address(self, port: str) -> str:
        return self.jp.national if port == "token" else getattr(self.cn, port)

    def root(self, port: str) -> Authority:
        home = self.jp if port == "token" else self.cn
        return home.authority if port == "peer" else home.national_authority


@dataclass(frozen=True)
class Caller:
    """One kind of caller: what it shows, and what becomes of it; ``role`` where it gets as far as the table."""

    shows: Callable[[World], Credential | str | None]
    due: str = ADMITTED
    role: Role | None = None

    def expected(self, port: str) -> dict[str, str]:
        return {method: self._expected(port, method) for method in EVERY_METHOD}

    def _expected(self, port: str, method: str) -> str:
        if self.due == NO_CONNECTION:
            return NO_CONNECTION
        if method not in SERVED[port]:
            return NOT_SERVED
        if self.role is None:
            return self.due
        return ADMITTED if self.role in ACCESS[method] else NOT_PERMITTED


def gateway_named(world: World) -> Credential:
    """A leaf of CN's national authority that names a gateway."""
    return naming(world.cn.descriptor.domain, issued_by=world.cn.national_authority)


def two_clients(world: World) -> Credential:
    authority = world.cn.national_authority
    good = authority.issue_client("client-submit").certificate
    names = (*good.extensions.get_extension_for_class(x509.SubjectAlternativeName).value,) * 2
    usages = tuple(good.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    said = Statement(good.subject, good.not_valid_before_utc, good.not_valid_after_utc, names, usages)
    return authority.credential(said)


def expired_client(world: World) -> Credential:
    return world.cn.national_authority.issue_client("client-submit", at=datetime.now(UTC) - timedelta(days=100))


def of_hostile(profile: str) -> Callable[[World], Credential]:
    return lambda world: HOSTILE[profile].make(world.nl.authority)


def with_role(role: Role) -> Caller:
    return Caller(lambda w: w.cn.national_authority.issue_client(f"client-{role}"), role=role)


AT_PEER = {
    "no certificate": Caller(lambda _: None, NO_CONNECTION),
    "partner": Caller(lambda w: w.nl.authority.issue_gateway(), role=Role.PARTNER),
    "partner's other gateway": Caller(lambda w: w.nl.authority.issue_gateway("east"), role=Role.PARTNER),
    "suspended partner": Caller(lambda w: w.us.authority.issue_gateway(), SUSPENDED),
    "partner by another partner's authority": Caller(
        lambda w: naming(w.nl.descriptor.domain, issued_by=w.us.authority), STRANGER
    ),
    "CN itself": Caller(lambda w: w.cn.authority.issue_gateway(), STRANGER),
    "CN by a partner's authority": Caller(lambda w: naming(w.cn.descriptor.domain, issued_by=w.nl.authority), STRANGER),
    "unknown administration": Caller(lambda w: w.jp.authority.issue_gateway(), NO_CONNECTION),
    "unknown administration by a partner's authority": Caller(
        lambda w: naming(w.jp.descriptor.domain, issued_by=w.nl.authority), STRANGER
    ),
    "national client": Caller(lambda w: w.cn.national_authority.issue_client("client-operate"), NO_CONNECTION),
    "partner's national client": Caller(lambda w: w.nl.national_authority.issue_client("local"), NO_CONNECTION),
    "self-signed": Caller(of_hostile("self-signed"), NO_CONNECTION),
    "expired": Caller(of_hostile("expired"), NO_CONNECTION),
    "not yet valid": Caller(of_hostile("not-yet-valid"), NO_CONNECTION),
    "server only": Caller(of_hostile("server-only"), NO_CONNECTION),
    "client only": Caller(of_hostile("client-only"), STRANGER),
    "authority as leaf": Caller(of_hostile("authority-as-leaf"), NO_CONNECTION),
    "two URIs": Caller(of_hostile("two-uris"), STRANGER),
    "no URI": Caller(of_hostile("no-uri"), STRANGER),
    "common name only": Caller(of_hostile("common-name-only"), STRANGER),
    "not a gateway": Caller(of_hostile("not-a-gateway"), STRANGER),
    "path too long": Caller(of_hostile("path-too-long"), STRANGER),
    "two hosts": Caller(of_hostile("two-hosts"), MISNAMED),
    "other host": Caller(of_hostile("other-host"), MISNAMED),
}
AT_HOME = {
    "no certificate": Caller(lambda _: None, NO_CONNECTION),
    **{f"client with the role {role}": with_role(role) for role in NATIONAL_ROLES},
    "client without registration": Caller(lambda w: w.cn.national_authority.issue_client("nobody"), CLIENT_UNKNOWN),
    "expired client": Caller(expired_client, NO_CONNECTION),
    "client of another administration": Caller(
        lambda w: w.nl.national_authority.issue_client("client-submit"), NO_CONNECTION
    ),
    "partner": Caller(lambda w: w.nl.authority.issue_gateway(), NO_CONNECTION),
    "own gateway": Caller(lambda w: w.cn.authority.issue_gateway(), NO_CONNECTION),
    "national server": Caller(lambda w: w.cn.national_authority.issue_server(), NO_CONNECTION),
    "self-signed": Caller(of_hostile("self-signed"), NO_CONNECTION),
    "gateway by the national authority": Caller(gateway_named, CLIENT_UNKNOWN),
    "two URIs": Caller(two_clients, CLIENT_UNKNOWN),
    "authority as leaf": Caller(lambda w: HOSTILE["authority-as-leaf"].make(w.cn.national_authority), NO_CONNECTION),
    "client with a token instead": Caller(lambda w: w.tokens["token-operate"], NO_CONNECTION),
}
WITH_TOKEN = {
    "no token": Caller(lambda _: None, CLIENT_UNKNOWN),
    "bad token": Caller(lambda _: "no-such-token", CLIENT_UNKNOWN),
    "empty token": Caller(lambda _: "", CLIENT_UNKNOWN),
    "token's digest": Caller(lambda w: sha256(w.tokens["token-operate"].encode()).hexdigest(), CLIENT_UNKNOWN),
    "certificate instead of a token": Caller(
        lambda w: w.jp.national_authority.issue_client("token-operate"), CLIENT_UNKNOWN
    ),
    **{
        f"token with the role {role}": Caller(lambda w, role=role: w.tokens[f"token-{role}"], role=role)
        for role in NATIONAL_ROLES
    },
}
ROWS = [
    (port, name, caller)
    for port, callers in (("peer", AT_PEER), ("national", AT_HOME), ("operations", AT_HOME), ("token", WITH_TOKEN))
    for name, caller in callers.items()
]


def register(home: nodes.Home, names: Mapping[str, str], *, tokens: bool) -> None:
    with (home.path / "clients.toml").open("a", encoding="utf-8") as file:
        for name, token in names.items():
            digest = f'token_sha256 = "{sha256(token.encode()).hexdigest()}"\n' if tokens else ""
            role = name.partition("-")[2]
            file.write(f'\n[[client]]\nname = "{name}"\nroles = ["{role}"]\n{digest}')


async def suspend(home: nodes.Home, partner: nodes.Home) -> None:
    store = await open_store(home.path / "gateway.db", randomness=SystemRandomness(), clock=SystemClock(), reserve=1)
    try:
        await store.logs.suspend(partner.administration, reason="LOG_FORK", detail="as a test has it", actor="test")
    finally:
        await store.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("access")
    cn, nl, us = (nodes.make_home(place, each) for each in ("CN", "NL", "US"))
    jp = nodes.make_home(place, "JP", authentication=NationalAuthentication.TOKEN)
    nodes.introduce(cn, nl)
    nodes.add_descriptor(cn, us)
    asyncio.run(suspend(cn, us))
    tokens = {f"token-{role}": f"secret of {role}".replace(" ", "-") for role in NATIONAL_ROLES}
    register(cn, {f"client-{role}": "" for role in NATIONAL_ROLES}, tokens=False)
    register(jp, tokens, tokens=True)
    with nodes.serving(cn, jp) as (node, _):
        yield World(cn, nl, us, jp, node, tokens)


async def call(channel: grpc.aio.Channel, method: str) -> str:
    """Call with one message, which is a call of any kind on the wire, and say what became of it."""
    invocation = channel.unary_stream(method)(FIRST_MESSAGE.get(method, b""), timeout=nodes.SECONDS)
    try:
        async for _ in invocation:
            invocation.cancel()
            return ADMITTED
    except grpc.aio.AioRpcError as error:
        return outcome(error)
    return ADMITTED


def outcome(error: grpc.aio.AioRpcError) -> str:
    reason, sentence = reason_in(error)
    code = error.code()
    if code is grpc.StatusCode.UNAVAILABLE and not reason:
        return NO_CONNECTION
    if code is grpc.StatusCode.UNAUTHENTICATED and not reason and not sentence and not detailed(error):
        return STRANGER
    if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        return f"{code.name} {reason}"
    if code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND):
        return ADMITTED
    return NOT_SERVED if code is grpc.StatusCode.UNIMPLEMENTED else f"{code.name}: {sentence}"


def detailed(error: grpc.aio.AioRpcError) -> bool:
    """Whether anything besides the code is told."""
    statuses = [Status.FromString(value) for _, value in error.trailing_metadata() or ()]
    return any(status.message or status.details for status in statuses)


@pytest.mark.parametrize(
    ("port", "caller"), [(port, caller) for port, _, caller in ROWS], ids=[f"{p}: {n}" for p, n, _ in ROWS]
)
async def test_every_method(port: str, caller: Caller, world: World) -> None:
    shown = caller.shows(world)
    token = shown if isinstance(shown, str) else None
    credential = shown if isinstance(shown, Credential) else None
    name = f"gateway.{world.cn.descriptor.domain}" if port == "peer" else "localhost"
    async with nodes.channel(
        world.address(port), root=world.root(port), credential=credential, name=name, token=token
    ) as channel:
        became = {method: await call(channel, method) for method in EVERY_METHOD}
    assert became == caller.expected(port)


def test_the_table_has_every_method_and_no_other() -> None:
    assert set(EVERY_METHOD) == ACCESS.keys()
    require_rows(EVERY_METHOD)


def test_a_method_without_a_row_is_not_served() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"/new\.Service/Method"):
        require_rows([*EVERY_METHOD, "/new.Service/Method"])


def test_every_role_has_something_to_do() -> None:
    assert set().union(*ACCESS.values()) == set(Role)


async def test_what_a_stranger_is_not_told_the_log_has(world: World) -> None:
    forged = naming(world.nl.descriptor.domain, issued_by=world.us.authority)
    name = f"gateway.{world.cn.descriptor.domain}"
    async with nodes.channel(world.cn.peer, root=world.cn.authority, credential=forged, name=name) as channel:
        assert await call(channel, "/mutualrecognition.federation.v1.FederationService/Link") == STRANGER
    refused = [line for line in world.node.logged() if line.get("reason") == "UNKNOWN_PEER"]
    assert {line["sentence"] for line in refused} >= {
        f"No anchor of {world.nl.descriptor.domain} vouches for the certificate."
    }
    assert all(line["correlation_id"] for line in refused)
