"""Real nodes for tests: homes made on the spot, processes or nodes in this process, and clients with credentials."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format

from certs.authority import Authority, Credential
from gateway.cli import trust_door
from gateway.cli.addresses import free_addresses
from gateway.cli.agreement_files import sign
from gateway.cli.founding import Plan, found
from gateway.config import Environment, NationalAuthentication
from gateway.trust.descriptors import Descriptor
from mock_partners.traffic.generator import Traffic
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub

ROOT = Path(__file__).parents[1]
AGREEMENT = ROOT / "docs" / "examples" / "agreement-cn-nl.toml"
SECONDS = 150
"""No single thing takes so long, however much else the machine does; what reaches it would never come."""
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Home:
    """A node as ``gateway init`` lays it out."""

    administration: str
    path: Path
    peer: str
    national: str
    operations: str
    descriptor: Descriptor

    @property
    def authority(self) -> Authority:
        """Who issues the gateway's certificates."""
        return Authority.read(self.path / "ca" / "gateway")

    @property
    def national_authority(self) -> Authority:
        """Who issues national certificates."""
        return Authority.read(self.path / "ca" / "national")


def make_home(
    place: Path,
    administration: str,
    *,
    endpoints: Sequence[str] | None = None,
    authentication: NationalAuthentication = NationalAuthentication.CERTIFICATE,
    begins: datetime | None = None,
) -> Home:
    """Found a node on free ports; partners are to dial ``endpoints``, its peer port if left out.

    Its keys and certificates are valid from ``begins`` on, from now if left out.
    """
    peer, at_home, operator = free_addresses(3)
    name = administration.lower()
    plan = Plan(
        administration=administration,
        domain=f"customs.{name}.example",
        name=f"Customs of {administration}",
        contact=f"duty officer, customs.{name}.example",
        environment=Environment.DEVELOPMENT,
        authentication=authentication,
        peer=peer,
        national=at_home,
        operations=operator,
        endpoints=[peer] if endpoints is None else endpoints,
        anchors=(),
        post_quantum=False,
        begins=begins,
    )
    descriptor = found(place / name, plan)
    return Home(administration, place / name, peer, at_home, operator, descriptor)


def introduce(one: Home, other: Home, *, agreement: bytes | None = None) -> None:
    """Make two nodes that do not run partners. Not to be called where an event loop runs."""
    note = sign(other.path, sign(one.path, agreement or AGREEMENT.read_bytes()))
    for home, partner in ((one, other), (other, one)):
        add_descriptor(home, partner)
        trust_door.add_agreement(home.path, note)


def add_descriptor(home: Home, partner: Home) -> None:
    """Let ``home`` know ``partner``, without any agreement."""
    trust_door.add_partner(home.path, (partner.path / "descriptor.note").read_bytes(), partner.descriptor.digest)


def set_settings(home: Home, text: str) -> None:
    """Add lines to a node's settings."""
    with (home.path / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


def pair(place: Path) -> tuple[Home, Home]:
    """Give CN and NL, partners under the agreement that the project ships."""
    cn, nl = make_home(place, "CN"), make_home(place, "NL")
    introduce(cn, nl)
    return cn, nl


class NodeProcess:
    """``python -m gateway serve`` on one home; may be killed and started again. Its log adds up in one file."""

    def __init__(
        self, home: Home, *, wrapper: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it; ``wrapper`` stands before the command, such as a tracer, and ``environment`` is added."""
        self.home = home
        self._wrapper, self._environment = wrapper, environment or {}
        self._log = home.path.with_name(f"{home.path.name}.log")
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [
                    *self._wrapper,
                    *(sys.executable, "-m", "gateway", "serve", "--json", "--log-form", "json", str(self.home.path)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                env={
                    **{name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")},
                    **self._environment,
                },
                start_new_session=bool(self._wrapper),
            )

    def wait_ready(self) -> dict[str, Any]:
        """Wait for the line that says that it serves."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.log_text()
        ready: dict[str, Any] = json.loads(line)
        return ready

    def kill_and_start(self) -> None:
        """Kill -9, and start again at once; does not wait until it serves."""
        self.kill()
        self._process = self._start()

    def start_plainly(self) -> None:
        """Start again after its end, without wrapper and environment."""
        self.kill()
        self._wrapper, self._environment = (), {}
        self._process = self._start()

    def kill(self) -> None:
        if self._wrapper:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # the node, whose wrapper may not take it along
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def terminate(self) -> None:
        """Ask it to stop, as a supervisor does."""
        self._process.send_signal(signal.SIGTERM)

    def freeze(self) -> None:
        """Stop it as a machine that hangs: connections stay, nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def wait(self, seconds: float = SECONDS) -> int:
        """Give its exit code."""
        return self._process.wait(seconds)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def log_text(self) -> str:
        """Give what it wrote to standard error, all starts together."""
        return self._log.read_text("utf-8")

    def logged(self) -> list[dict[str, Any]]:
        """Give its log, all starts together."""
        lines = self.log_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


@contextmanager
def serving(*homes: Home) -> Iterator[list[NodeProcess]]:
    """Run nodes as processes; none outlives the context."""
    nodes = [NodeProcess(home) for home in homes]
    try:
        for node in nodes:
            node.wait_ready()
        yield nodes
    finally:
        for node in nodes:
            if node.running:
                node.terminate()
        for node in nodes:
            try:
                node.wait(15)
            except subprocess.TimeoutExpired:
                node.kill()


@asynccontextmanager
async def channel(
    address: str,
    *,
    root: Authority,
    credential: Credential | None = None,
    name: str = "localhost",
    token: str | None = None,
) -> AsyncIterator[grpc.aio.Channel]:
    """Call a port with any credential, or none; each channel has connections of its own.

    It dials again soon. How long one attempt may take is left to gRPC (``min_reconnect_backoff_ms`` would say it): on a
    busy machine a handshake takes its time, and one that is given up looks like one that was refused.
    """
    chain, key = (credential.chain_pem, credential.key_pem) if credential else (None, None)
    credentials = grpc.ssl_channel_credentials(root.anchor_pem, key, chain)
    if token is not None:
        credentials = grpc.composite_channel_credentials(credentials, grpc.access_token_call_credentials(token))
    options = [
        ("grpc.ssl_target_name_override", name),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_receive_message_length", 8 * 1024 * 1024),
        ("grpc.initial_reconnect_backoff_ms", 50),
        ("grpc.max_reconnect_backoff_ms", 200),
    ]
    async with grpc.aio.secure_channel(address, credentials, options) as opened:
        yield opened


def local(home: Home) -> Credential:
    return Credential.read(home.path / "clients" / "local", "client")


@asynccontextmanager
async def records_of(home: Home) -> AsyncIterator[RecordsServiceStub]:
    """The national port, as the client ``local``: submit, read, officer, operate."""
    async with channel(home.national, root=home.national_authority, credential=local(home)) as opened:
        yield RecordsServiceStub(opened)


@asynccontextmanager
async def links_of(home: Home) -> AsyncIterator[LinksServiceStub]:
    """The operations port, as the client ``local``."""
    async with channel(home.operations, root=home.national_authority, credential=local(home)) as opened:
        yield LinksServiceStub(opened)


def submissions(
    issuer: str, count: int, *, seed: int = 1, priority: national.Priority.ValueType = national.PRIORITY_NORMAL
) -> list[national.Submission]:
    """Give made-up submissions that the shipped agreement covers; the same for the same seed."""
    made = Traffic(seed, issuers=[issuer]).submissions(count)
    found = [json_format.ParseDict(each, national.Submission()) for each in made]
    for each in found:
        each.priority = priority
    return found


async def submit(home: Home, given: Sequence[national.Submission]) -> list[str]:
    """Submit; gives the record ids. All must be accepted."""
    async with records_of(home) as records:
        answer = await records.SubmitRecords(
            national.SubmitRecordsRequest(submissions=given), timeout=SECONDS, wait_for_ready=True
        )
    refused = [result.refusal for result in answer.results if result.HasField("refusal")]
    assert not refused, refused
    return [result.record_id for result in answer.results]


async def received(
    home: Home, count: int, *, quarantined: bool = False, seconds: float = SECONDS
) -> list[national.StoredRecord]:
    """Watch from the beginning until ``count`` records of partners are there; gives all that came by then."""
    return [each async for each in each_received(home, count, quarantined=quarantined, seconds=seconds)]


async def each_received(
    home: Home, count: int, *, quarantined: bool = False, seconds: float = SECONDS
) -> AsyncIterator[national.StoredRecord]:
    """As ``received``, one by one, for more than should be kept in memory."""
    wanted = national.RecordFilter(direction=national.DIRECTION_RECEIVED, include_quarantined=quarantined)
    given = 0
    async with records_of(home) as records:
        call = records.WatchRecords(national.WatchRecordsRequest(filter=wanted), timeout=seconds, wait_for_ready=True)
        while given < count:
            message = await call.read()
            assert message is not grpc.aio.EOF
            given += len(message.records)
            for each in message.records:
                yield each
        call.cancel()


async def stored(home: Home, direction: national.Direction.ValueType) -> list[national.StoredRecord]:
    """Give all that a node holds of one direction, quarantined ones too."""
    return [each async for each in each_stored(home, direction)]


async def each_stored(home: Home, direction: national.Direction.ValueType) -> AsyncIterator[national.StoredRecord]:
    """As ``stored``, page by page, for more than should be kept in memory."""
    wanted = national.RecordFilter(direction=direction, include_quarantined=True)
    token = ""
    async with records_of(home) as records:
        while True:
            page = await records.ListRecords(
                national.ListRecordsRequest(page_size=1000, page_token=token, filter=wanted), timeout=SECONDS
            )
            for each in page.records:
                yield each
            token = page.next_page_token
            if not token:
                return


async def link_of(home: Home, partner: str) -> operations.Link:
    """Give one row of ListLinks."""
    async with links_of(home) as links:
        answer = await links.ListLinks(operations.ListLinksRequest(), timeout=SECONDS, wait_for_ready=True)
    return next(link for link in answer.links if link.partner == partner)


async def link_until(
    home: Home, partner: str, holds: Callable[[operations.Link], bool], *, seconds: float = SECONDS
) -> operations.Link:
    """Look at a link until ``holds``."""
    return await until(lambda: link_of(home, partner), holds, seconds=seconds)


async def until(look: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], *, seconds: float = SECONDS) -> Any:
    """Look again and again until what is seen ``holds``; a failed call is looked at again."""
    deadline = time.monotonic() + seconds
    seen: Any = None
    while time.monotonic() < deadline:
        try:
            seen = await look()
        except grpc.RpcError as error:
            seen = error
        else:
            if holds(seen):
                return seen
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError(f"It did not come about within {seconds} s; last seen: {seen}")


def is_settled(link: operations.Link) -> bool:
    """Whether everything issued has its receipt."""
    return link.waiting == 0 and link.issued.size == link.issued.receipted
