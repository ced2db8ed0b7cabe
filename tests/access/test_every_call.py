"""Every method of every port, called by every kind of caller over real TLS; what is due comes from the access table.

A row of the test is one caller at one port, who calls everything there is. Methods come from the table: none can be
served that is not in it, so a new one is called here before anybody thought of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import grpc
import pytest
from cryptography import x509
from google.rpc.status_pb2 import Status

from certs.authority import Authority, Credential
from certs.hostile import HOSTILE, naming
from certs.signing import Statement
from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.config import NationalAuthentication
from gateway.errors import ConfigurationInvalid
from gateway.rpc.access import ACCESS, Role, require_rows
from gateway.rpc.status import reason_in
from gateway.stores.sqlite.store import open_store
from mutualrecognition.national.v1 import (
    alerts_service_pb2,
    operators_service_pb2,
    recalls_service_pb2,
    recognition_service_pb2,
    records_service_pb2,
    requests_service_pb2,
)
from tests import nodes
from tests.forked import ForkedNode, forked

HEALTH, REFLECTION = "grpc.health.v1", "grpc.reflection.v1alpha"
PACKAGES = {
    "peer": ("mutualrecognition.federation.v1", HEALTH),
    "national": ("mutualrecognition.national.v1", HEALTH, REFLECTION),
    "operations": ("mutualrecognition.operations.v1", HEALTH),
    "token": ("mutualrecognition.national.v1", HEALTH, REFLECTION),
}
NATIONAL_ROLES = (Role.SUBMIT, Role.READ, Role.OFFICER, Role.OPERATE, Role.POSTED)
WATCH = "/mutualrecognition.national.v1.RecordsService/WatchRecords"
WATCH_OPERATORS = "/mutualrecognition.national.v1.OperatorsService/WatchOperators"
WATCH_REQUESTS = "/mutualrecognition.national.v1.RequestsService/WatchRequests"
WATCH_DECISIONS = "/mutualrecognition.national.v1.RecognitionService/WatchDecisions"
WATCH_ALERTS = "/mutualrecognition.national.v1.AlertsService/WatchAlerts"
WATCH_RECALLS = "/mutualrecognition.national.v1.RecallsService/WatchRecalls"
FIRST_MESSAGE = {
    WATCH: records_service_pb2.WatchRecordsRequest(from_now=True).SerializeToString(),
    WATCH_OPERATORS: operators_service_pb2.WatchOperatorsRequest(from_now=True).SerializeToString(),
    WATCH_REQUESTS: requests_service_pb2.WatchRequestsRequest(from_now=True).SerializeToString(),
    WATCH_DECISIONS: recognition_service_pb2.WatchDecisionsRequest(from_now=True).SerializeToString(),
    WATCH_ALERTS: alerts_service_pb2.WatchAlertsRequest(from_now=True).SerializeToString(),
    WATCH_RECALLS: recalls_service_pb2.WatchRecallsRequest(from_now=True).SerializeToString(),
}

ADMITTED = "admitted"
NOT_SERVED = "UNIMPLEMENTED"
NO_CONNECTION = "no connection"
STRANGER = "UNAUTHENTICATED without a word"
CLIENT_UNKNOWN = "UNAUTHENTICATED CLIENT_UNKNOWN"
NOT_PERMITTED = "PERMISSION_DENIED CALLER_NOT_PERMITTED"
SUSPENDED = "PERMISSION_DENIED LINK_SUSPENDED"
MISNAMED = "PERMISSION_DENIED IDENTITY_MISMATCH"


def methods_of(packages: Sequence[str]) -> set[str]:
    return {method for method in ACCESS if method[1:].rpartition("/")[0].rpartition(".")[0] in packages}


SERVED = {port: methods_of(packages) for port, packages in PACKAGES.items()}
EVERY_METHOD = sorted(ACCESS)


@dataclass(frozen=True)
class World:
    """CN with its partners NL, US (held by a fork), GB (suspended by its operator) and EU (no agreement).

    JP is unknown to CN; its clients show tokens.
    """

    cn: nodes.Home
    nl: nodes.Home
    us: nodes.Home
    gb: nodes.Home
    eu: nodes.Home
    jp: nodes.Home
    node: ForkedNode
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
        if self.role is None:
            return self.due  # also where there is no such method: who is no caller does not hear that
        if method not in SERVED[port]:
            return NOT_SERVED
        refused = SUSPENDED if self.role is Role.HELD_PARTNER else NOT_PERMITTED
        return ADMITTED if self.role in ACCESS[method] else refused


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
    return Caller(lambda w: client_of(w, role), role=role)


AT_PEER = {
    "no certificate": Caller(lambda _: None, NO_CONNECTION),
    "partner": Caller(lambda w: w.nl.authority.issue_gateway(), role=Role.PARTNER),
    "partner's other gateway": Caller(lambda w: w.nl.authority.issue_gateway("east"), role=Role.PARTNER),
    "partner held by a fork": Caller(lambda w: w.us.authority.issue_gateway(), role=Role.HELD_PARTNER),
    "suspended partner": Caller(lambda w: w.gb.authority.issue_gateway(), SUSPENDED),
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
    "partner without an agreement": Caller(lambda w: w.eu.authority.issue_gateway(), role=Role.PARTNER),
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
            posted = 'administration = "US"\n' if role == Role.POSTED else ""
            file.write(f'\n[[client]]\nname = "{name}"\nroles = ["{role}"]\n{digest}{posted}')


async def suspend(home: nodes.Home, partner: nodes.Home, reason: str) -> None:
    store = await open_store(home.path / "gateway.db", randomness=SystemRandomness(), clock=SystemClock(), reserve=1)
    try:
        await store.logs.suspend(partner.administration, reason=reason, detail="as a test has it", actor="test")
    finally:
        await store.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("access")
    cn, nl, us, gb, eu = (nodes.make_home(place, each) for each in ("CN", "NL", "US", "GB", "EU"))
    jp = nodes.make_home(place, "JP", authentication=NationalAuthentication.TOKEN)
    nodes.introduce(cn, nl)
    nodes.add_descriptor(cn, us)
    nodes.add_descriptor(cn, gb)
    nodes.add_descriptor(cn, eu)
    asyncio.run(suspend(cn, us, "LOG_FORK"))
    asyncio.run(suspend(cn, gb, "ROOT_MISMATCH"))
    tokens = {f"token-{role}": f"secret of {role}".replace(" ", "-") for role in NATIONAL_ROLES}
    register(cn, {f"client-{role}": "" for role in NATIONAL_ROLES}, tokens=False)
    register(jp, tokens, tokens=True)
    with forked(cn, jp) as (node, _):
        yield World(cn, nl, us, gb, eu, jp, node, tokens)


async def call(channel: grpc.aio.Channel, method: str, *, metadata: Sequence[tuple[str, str]] = ()) -> str:
    """Call with one message, which is a call of any kind on the wire, and say what became of it."""
    invocation = channel.unary_stream(method)(FIRST_MESSAGE.get(method, b""), timeout=nodes.SECONDS, metadata=metadata)
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


def test_every_row_is_of_a_port() -> None:
    assert set().union(*SERVED.values()) == ACCESS.keys()
    require_rows(EVERY_METHOD)


FORGED = (
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-client-cert", "By=spiffe://customs.cn.example/client/client-operate"),
    ("x-ssl-client-verify", "SUCCESS"),
    ("x-ssl-client-s-dn", "CN=client-operate"),
    ("forwarded", "for=127.0.0.1;proto=https"),
)
"""What proxies tell those behind them; here there is no proxy, so whoever sends it made it up."""


@pytest.mark.parametrize("port", ["peer", "national", "operations"])
async def test_forged_headers_have_no_effect(port: str, world: World) -> None:
    caller = AT_PEER["partner by another partner's authority"] if port == "peer" else AT_HOME["two URIs"]
    name = f"gateway.{world.cn.descriptor.domain}" if port == "peer" else "localhost"
    own = world.nl.authority.issue_gateway() if port == "peer" else client_of(world, Role.READ)
    for credential, due in ((caller.shows(world), caller.due), (own, None)):
        assert isinstance(credential, Credential)
        async with nodes.channel(world.address(port), root=world.root(port), credential=credential, name=name) as made:
            for method in sorted(SERVED[port]):
                became = await call(made, method, metadata=FORGED)
                role = Role.PARTNER if port == "peer" else Role.READ
                assert became == (due or (ADMITTED if role in ACCESS[method] else NOT_PERMITTED)), method


def client_of(world: World, role: Role) -> Credential:
    return world.cn.national_authority.issue_client(f"client-{role}")


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
