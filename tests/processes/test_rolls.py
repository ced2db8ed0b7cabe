"""Keys follow one another while records flow: no process starts anew, nothing is lost, and an old key ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from click.testing import CliRunner

from certs.authority import Credential
from gateway.cli.main import cli
from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.rpc.status import reason_in
from gateway.signers.roles import ROOT, load_signers
from gateway.stores.sqlite.store import open_store
from gateway.trust.descriptors import parse_descriptor, sign_descriptor
from gateway.trust.documents import read_document
from gateway.trust.names import root_key_name
from gateway.trust.revision import Revision
from mutualrecognition.federation.v1 import link_pb2 as federation
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.forked import ForkedNode, forked
from tests.processes.hostile_peer import HostilePeer

OVERLAP_SECONDS = 3


async def gateway(*words: str) -> dict[str, Any]:
    """Run a command that prints one JSON object."""
    done = await asyncio.to_thread(CliRunner().invoke, cli, list(words))
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


async def roll(home: nodes.Home, role: str) -> dict[str, Any]:
    return await gateway("keys", "roll", role, "--overlap", f"{OVERLAP_SECONDS}s", "--home", str(home.path), "--json")


class Traffic:
    """Both administrations issue records, a few at a time, until told to stop; every one must be accepted."""

    def __init__(self, *homes: nodes.Home) -> None:
        self.issued: dict[str, list[str]] = {home.administration: [] for home in homes}
        self._homes = homes
        self._stop = asyncio.Event()

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            for home in self._homes:
                tasks.create_task(self._issue(home))
            yield
            self._stop.set()

    async def passed(self, home: nodes.Home, count: int) -> None:
        """Wait until so many more were issued and receipted."""
        wanted = len(self.issued[home.administration]) + count
        partner = next(each.administration for each in self._homes if each is not home)
        await nodes.link_until(home, partner, lambda link: link.issued.receipted >= wanted)

    async def _issue(self, home: nodes.Home) -> None:
        seed = 0
        while not self._stop.is_set():
            seed += 1
            given = nodes.submissions(home.administration, 5, seed=seed)
            for each in given:
                each.request_id = f"{each.request_id}-{seed}"
            self.issued[home.administration] += await nodes.submit(home, given)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[nodes.Home, nodes.Home]:
    return nodes.pair(tmp_path)


@pytest.fixture
def running(pair: tuple[nodes.Home, nodes.Home]) -> Iterator[list[ForkedNode]]:
    with forked(*pair) as processes:
        yield processes


async def all_arrived(traffic: Traffic, *homes: nodes.Home) -> None:
    """Every record is at its partner, once, in order, and accepted."""
    for home, partner in (homes, homes[::-1]):
        await nodes.link_until(home, partner.administration, nodes.is_settled)
        there = sorted(await nodes.stored(partner, national.DIRECTION_RECEIVED), key=lambda each: each.sequence)
        mine = [each for each in there if each.record.header.issuer == home.administration]
        assert [each.record.header.record_id for each in mine] == traffic.issued[home.administration]
        assert {each.standing for each in mine} == {national.STANDING_ACCEPTED}


async def as_it_stands(peer: HostilePeer) -> None:
    """Let a peer whose frames are made by hand go on where its node has stopped."""
    own, partner = peer.own, peer.partner
    store = await open_store(own.path / "gateway.db", randomness=SystemRandomness(), clock=SystemClock())
    try:
        at = await store.logs.positions(
            partner.administration, issued_origin=peer.issued.origin, held_origin=peer.held.origin
        )
    finally:
        await store.close()
    for log, stored in ((peer.issued, at.issued), (peer.held, at.held)):
        log.tree, log.note = stored.tree, stored.note


@pytest.mark.parametrize("role", ["log", pytest.param("receipt", marks=pytest.mark.long)])
async def test_a_key_is_rolled_while_records_flow(
    role: str, pair: tuple[nodes.Home, nodes.Home], running: list[ForkedNode]
) -> None:
    cn, nl = pair
    before = [node.pid for node in running]
    old = HostilePeer(cn, nl)
    traffic = Traffic(cn, nl)
    async with traffic.flowing():
        await traffic.passed(cn, 10)
        rolled = await roll(cn, role)
        await nodes.until(lambda: descriptor_held(nl, cn), lambda version: version == 2)
        for home in (cn, nl):
            await traffic.passed(home, 10)
        await nodes.until(now, lambda time: time > rolled["old_until"])
        for home in (cn, nl):
            await traffic.passed(home, 10)
    await all_arrived(traffic, cn, nl)
    assert [node.pid for node in running] == before
    assert all(node.running for node in running)
    running[0].terminate()
    assert running[0].wait() == 0
    await as_it_stands(old)
    await must_be_refused(role, old)
    new = HostilePeer(cn, nl)
    await as_it_stands(new)
    for signers in (new.log_signers, new.receipt_signers):
        assert isinstance(signers, tuple)
    new.log_signers, new.receipt_signers = new.log_signers[-1:], new.receipt_signers[-1:]
    async with new.greeted() as session:
        await session.deliver(new.record().SerializeToString())


async def stranger(cn: nodes.Home, nl: nodes.Home, credential: Credential) -> grpc.StatusCode:
    """Call NL with a certificate of CN's."""
    name = f"gateway.{nl.descriptor.domain}"
    async with nodes.channel(nl.peer, root=nl.authority, credential=credential, name=name) as channel:
        call = FederationServiceStub(channel).Link(timeout=nodes.SECONDS)
        with suppress(grpc.aio.AioRpcError):
            await call.read()
        call.cancel()
        return await call.code()


@pytest.mark.parametrize("what", ["tls-ca", pytest.param("tls-leaf", marks=pytest.mark.long)])
async def test_a_certificate_or_its_authority_is_rolled_while_records_flow(
    what: str, pair: tuple[nodes.Home, nodes.Home], running: list[ForkedNode]
) -> None:
    cn, nl = pair
    before, traffic = [node.pid for node in running], Traffic(cn, nl)
    old = Credential.read(cn.path / "tls", "gateway")
    async with traffic.flowing():
        await traffic.passed(cn, 10)
        rolled = await roll(cn, what)
        for home in (cn, nl):
            await traffic.passed(home, 10)
        last = rolled["descriptors"][-1]["version"]
        await nodes.until(lambda: descriptor_held(nl, cn), lambda version: version == last)
        for home in (cn, nl):
            await traffic.passed(home, 10)
        assert await stranger(cn, nl, old) in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE)
        assert await stranger(cn, nl, Credential.read(cn.path / "tls", "gateway-2")) is grpc.StatusCode.CANCELLED
    await all_arrived(traffic, cn, nl)
    assert [node.pid for node in running] == before


async def test_the_root_key_is_rolled_while_records_flow(
    pair: tuple[nodes.Home, nodes.Home], running: list[ForkedNode]
) -> None:
    cn, nl = pair
    before, traffic = [node.pid for node in running], Traffic(cn, nl)
    async with traffic.flowing():
        await traffic.passed(cn, 5)
        rolled = await roll(cn, "root")
        last = rolled["descriptors"][-1]["version"]
        await nodes.until(lambda: descriptor_held(nl, cn), lambda version: version == last == 3)
        await gateway("descriptor", "next", "--contact", "a new desk", "--home", str(cn.path), "--json")
        await nodes.until(lambda: descriptor_held(nl, cn), lambda version: version == 4)
        for home in (cn, nl):
            await traffic.passed(home, 5)
    await all_arrived(traffic, cn, nl)
    assert [node.pid for node in running] == before
    note = await offered_by_the_old_root(cn)
    reason, sentence = await offer(cn, nl, note)
    assert reason == "DOCUMENT_INVALID"
    assert "0 of the 1 root signatures" in sentence


async def offered_by_the_old_root(cn: nodes.Home) -> bytes:
    """The next version of CN's descriptor, signed with the key that has ended."""
    newest = parse_descriptor(read_document((cn.path / "descriptor.note").read_bytes()).text)
    after = Revision(name="Another").after(newest, issued=int(time.time()))
    old, _ = load_signers(cn.path / "keys", ROOT, root_key_name(newest.domain))
    return sign_descriptor(after, [old])


async def offer(cn: nodes.Home, nl: nodes.Home, note: bytes) -> tuple[str, str]:
    """Offer NL a document as CN, and give the reason and the sentence of the refusal."""
    credential, name = Credential.read(cn.path / "tls", "gateway"), f"gateway.{nl.descriptor.domain}"
    async with nodes.channel(nl.peer, root=nl.authority, credential=credential, name=name) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await FederationServiceStub(channel).OfferDocument(
                federation.OfferDocumentRequest(note=note), timeout=nodes.SECONDS
            )
    return reason_in(refusal.value)


async def must_be_refused(role: str, peer: HostilePeer) -> None:
    """NL takes no batch and no receipt that the old key has signed."""
    async with peer.greeted() as session:
        if role == "log":
            await session.say(peer.batch(peer.record().SerializeToString()))
        else:
            await nodes.submit(peer.partner, nodes.submissions("NL", 1, seed=999))
            await session.heard("batch")
        assert (await session.ended()).goodbye.reason == "KEY_NOT_VALID"


async def test_a_partner_that_was_away_during_two_rolls_catches_up(
    pair: tuple[nodes.Home, nodes.Home], running: list[ForkedNode]
) -> None:
    cn, nl = pair
    there = await nodes.submit(cn, nodes.submissions("CN", 5))
    await nodes.link_until(cn, "NL", nodes.is_settled)
    running[1].kill()
    for _ in range(2):
        await roll(cn, "log")
    await roll(cn, "receipt")
    there += await nodes.submit(cn, nodes.submissions("CN", 5, seed=2))
    running[1].kill_and_start()
    running[1].wait_ready()
    link = await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size == 10)
    assert link.state == operations.LINK_STATE_OPEN
    assert await descriptor_held(nl, cn) == 4
    assert [each.record.header.record_id for each in await nodes.received(nl, 10)] == there


async def now() -> float:
    return time.time()


async def descriptor_held(home: nodes.Home, partner: nodes.Home) -> int:
    """Which version of the partner's descriptor a running node holds."""
    listed = await gateway("partner", "show", partner.administration, "--home", str(home.path), "--json")
    return int(listed["version"])
