"""A partner that is a nuisance: it has the right certificate and keys, speaks by hand, and does one thing without end.

Each nuisance is a function of ``NUISANCES``. They run in a process of their own, which gets the processors that nobody
else wants: a partner abroad does not use this machine's. So on a machine with much other work they are feeble.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any, Final

import grpc
from google.protobuf import json_format

from gateway.clocks.system import SystemRandomness
from gateway.exchange.limits import MAX_FRAME_BYTES
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.tree import CompactRange
from gateway.records.templates import example
from gateway.trust.agreements import Agreement
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub
from mutualrecognition.records.v1.record_pb2 import Record
from tests import nodes
from tests.processes.hostile_peer import HostilePeer, Session

ENTRY_BYTES: Final = 16 + 16
"""What an entry has besides its record."""
NOTE_BYTES: Final = 2 * 1024
"""What a batch has besides its entries, at most."""
WINDOW: Final = 4
CONNECTIONS: Final = 4
STREAMS: Final = 50
KNOCKING: Final = 8
"""Connections that are begun at once."""
AGAIN_SECONDS: Final = 0.05
LARGE: Final = 240_000
_ID_BYTES: Final = 36
_FILLING: Final = 1600
"""Bytes of a record that is noise."""

Nuisance = Callable[["Nuisant"], Awaitable[None]]


class Nuisant:
    """The partner XA, which calls NL: its id is the higher one, so it says Hello first."""

    def __init__(self, own: nodes.Home, victim: nodes.Home, agreement: Agreement) -> None:
        self.peer = HostilePeer(own, victim)
        self._own, self._victim, self._agreement = own, victim, agreement
        self._trees = {0: CompactRange()}
        self._most = pb.Limits(batch_records=1, batch_bytes=MAX_FRAME_BYTES)

    def records(self, kind: str) -> Iterator[bytes]:
        """Give valid records without end, each with an id of its own."""
        return self.records_like(json_format.Parse(example(kind), Record()))

    def records_like(self, record: Record) -> Iterator[bytes]:
        """Give records that differ from this one in their ids alone."""
        header = record.header
        header.issuer, header.record_id = self._own.administration, SystemRandomness().record_id()
        header.issued_at.seconds = int(time.time())
        header.agreement_id, header.agreement_version = self._agreement.terms.id, 1
        serialized = record.SerializeToString()
        at = serialized.index(record.header.record_id.encode())
        head, tail = serialized[:at], serialized[at + _ID_BYTES :]
        randomness = SystemRandomness()
        while True:
            yield head + randomness.record_id().encode() + tail

    @asynccontextmanager
    async def greeted(self) -> AsyncIterator[Session]:
        """An open session."""
        own, victim = self._own.descriptor, self._victim.descriptor
        terms = self._agreement.terms
        as_if_heard = pb.Hello(
            descriptor=pb.DocumentVersion(version=victim.version, digest=victim.digest),
            descriptor_held=pb.DocumentVersion(version=own.version, digest=own.digest),
            agreements=[pb.AgreementVersion(id=terms.id, version=1, digest=self._agreement.digest)],
            limits=pb.Limits(batch_records=1000, batch_bytes=900 * 1024, window_batches=8, window_bytes=4 << 20),
        )
        async with self.peer.connected() as session:
            await session.say(self.peer.hello(as_if_heard))
            theirs = await session.heard_hello()
            self._most = theirs.limits
            self._go_on_from(theirs.held)
            yield session

    async def pour(self, frames: Iterator[pb.LinkFrame]) -> None:
        """Send batches as fast as receipts come back; the window is kept full."""
        async with self.greeted() as session:
            sent: list[pb.LinkFrame] = []
            for frame in frames:
                await session.say(frame)
                self.grown(frame)
                sent.append(frame)
                if len(sent) == WINDOW:
                    receipt = (await session.heard("receipt")).receipt
                    self.peer.issued.note = sent.pop(0).batch.checkpoint + receipt.lines

    def grown(self, frame: pb.LinkFrame) -> None:
        """Note that a batch was sent: the next one goes on from it, receipted or not."""
        leaves = [leaf_hash(sha256(each.salt + each.record).digest()) for each in frame.batch.entries]
        tree, _ = self.peer.issued.tree.append_all(leaves)
        self.peer.issued.tree = self._trees[tree.size] = tree

    def _go_on_from(self, held: pb.LogPosition) -> None:
        """Take the log up again where the victim has it."""
        note = held.checkpoint
        size = parse_checkpoint(parse_note(note, CHECKPOINT_LIMITS).text).size if note else 0
        self.peer.issued.note, self.peer.issued.tree = note, self._trees[size]

    def batches(self, records: Iterator[bytes]) -> Iterator[pb.LinkFrame]:
        """Give batches as large as the victim takes them, without end."""
        size = len(next(records)) + ENTRY_BYTES
        while True:
            fitting = (self._most.batch_bytes - NOTE_BYTES) // size
            yield self.peer.batch(*islice(records, max(1, min(self._most.batch_records, fitting))))


async def maximum_frames(nuisant: Nuisant) -> None:
    """Valid records in batches as large as they may be."""
    await nuisant.pour(nuisant.batches(nuisant.records("inspection_outcome")))


async def invalid_records(nuisant: Nuisant) -> None:
    """Batches of bytes that no record has: each is quarantined, and answered by judgements."""
    noise = os.urandom(_FILLING)
    await nuisant.pour(nuisant.batches(noise + os.urandom(16) for _ in cycle([None])))


async def heavy_records(nuisant: Nuisant) -> None:
    """Records as large as they may be, of a kind that takes long to judge; each is quarantined."""
    record = json_format.Parse(example("control_request"), Record())
    record.control_request.methods_wanted.extend(record.control_request.methods_wanted[:1] * LARGE)
    await nuisant.pour(nuisant.batches(nuisant.records_like(record)))


async def poison(nuisant: Nuisant) -> None:
    """Valid records, every tenth of them one that cannot be read."""
    good, bad = nuisant.records("screening_result"), (os.urandom(64) for _ in cycle([None]))
    mixed = (next(bad) if number % 10 == 0 else next(good) for number in iter(_count().__next__, None))
    await nuisant.pour(nuisant.batches(mixed))


async def alerts_only(nuisant: Nuisant) -> None:
    """Alerts, which are urgent to everybody."""
    await nuisant.pour(nuisant.batches(nuisant.records("alert")))


async def signs_anew(nuisant: Nuisant) -> None:
    """Batches without entries: each signs the present size anew, and asks for a receipt."""

    def anew() -> Iterator[pb.LinkFrame]:
        tree = nuisant.peer.issued.tree
        while True:
            checkpoint = Checkpoint(nuisant.peer.issued.origin, tree.size, tree.root())
            note = sign_checkpoint(checkpoint, nuisant.peer.log_signers, int(time.time()))
            yield pb.LinkFrame(batch=pb.Batch(first=tree.size, checkpoint=note))

    if not nuisant.peer.issued.tree.size:
        async with nuisant.greeted() as session:
            await session.deliver(next(nuisant.records("screening_result")))
    await nuisant.pour(anew())


async def heartbeats(nuisant: Nuisant) -> None:
    """Heartbeats, as fast as the line takes them."""
    async with nuisant.greeted() as session:
        while True:
            await session.say(pb.LinkFrame(heartbeat=pb.Heartbeat(time=int(time.time()))))


async def reads_nothing(nuisant: Nuisant) -> None:
    """Opens a session and takes no frame, though records wait for it."""
    async with nuisant.greeted():
        await asyncio.sleep(3600)


async def no_receipts(nuisant: Nuisant) -> None:
    """Takes every frame, and signs for none."""
    async with nuisant.greeted() as session:
        await session.heard("goodbye", receipt=False)


async def many_streams(nuisant: Nuisant) -> None:
    """Calls as many methods at once as the connections carry, and begins again."""

    async def call(stub: Any) -> None:  # noqa: ANN401  the generated stub is untyped
        with suppress(grpc.aio.AioRpcError):
            async for _ in stub.Link(iter(()), timeout=1):
                pass
        with suppress(grpc.aio.AioRpcError):
            await stub.GetDocuments(pb.GetDocumentsRequest(), timeout=1)

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(_keep_calling(nuisant, call, STREAMS))


async def many_connections(nuisant: Nuisant) -> None:
    """A new connection for every call: each is a handshake."""

    async def connect() -> None:
        while True:
            with suppress(grpc.aio.AioRpcError):
                async with nuisant.peer.connected() as session:
                    await session.say(pb.LinkFrame(heartbeat=pb.Heartbeat(time=1)))
                    await session.ended()

    async with asyncio.TaskGroup() as group:
        for _ in range(KNOCKING):
            group.create_task(connect())


async def strangers(nuisant: Nuisant) -> None:
    """Nobody's certificate at all: handshakes without end, each given up when the node has done its part."""
    address, _, port = nuisant.peer.partner.peer.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])

    async def knock() -> None:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(address, int(port), ssl=context)
                writer.transport.abort()

    async with asyncio.TaskGroup() as group:
        for _ in range(KNOCKING):
            group.create_task(knock())


async def absent(_: Nuisant) -> None:
    """Is not there at all."""
    await asyncio.sleep(3600)


async def busy_at_home(nuisant: Nuisant) -> None:
    """Makes batches as large as they may be, and sends none: what it costs the others is the machine's doing."""
    for _ in nuisant.batches(nuisant.records("inspection_outcome")):
        await asyncio.sleep(0)


# What fills the quarantine comes last of its sort: beyond its bound nothing more is taken, and nothing is measured.
NUISANCES: Final[dict[str, Nuisance]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        busy_at_home,
        reads_nothing,
        no_receipts,
        maximum_frames,
        poison,
        heavy_records,
        invalid_records,
        alerts_only,
        signs_anew,
        heartbeats,
        many_streams,
        many_connections,
        strangers,
        absent,
    )
}


def run(own: nodes.Home, victim: nodes.Home, agreement: Agreement, orders: Connection) -> None:
    """Be the nuisance whose name comes, until the next one comes; an empty name is none."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    asyncio.run(_follow(Nuisant(own, victim, agreement), orders))


async def _follow(nuisant: Nuisant, orders: Connection) -> None:
    being: asyncio.Task[None] | None = None
    while True:
        name = await asyncio.to_thread(orders.recv)
        if being is not None:
            being.cancel()
            await asyncio.gather(being, return_exceptions=True)
        being = asyncio.create_task(_go_on(NUISANCES[name], nuisant)) if name else None
        orders.send(name)


async def _go_on(nuisance: Nuisance, nuisant: Nuisant) -> None:
    """Begin again whenever a session ends."""
    while True:
        with suppress(grpc.RpcError, AssertionError, asyncio.InvalidStateError, ExceptionGroup):
            await nuisance(nuisant)
        await asyncio.sleep(AGAIN_SECONDS)


async def _keep_calling(nuisant: Nuisant, call: Callable[[Any], Awaitable[None]], streams: int) -> None:
    own, partner = nuisant.peer.own, nuisant.peer.partner
    name = f"gateway.{partner.descriptor.domain}"
    credential = own.authority.issue_gateway()
    async with nodes.channel(partner.peer, root=partner.authority, credential=credential, name=name) as channel:
        stub = FederationServiceStub(channel)
        while True:
            await asyncio.gather(*(call(stub) for _ in range(streams)))


def _count() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1
