"""A partner with the right certificate and keys who makes its frames by hand: it can send what no gateway would."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

import grpc

from gateway.clocks.system import SystemRandomness
from gateway.linklog.checkpoints import Checkpoint, cosign, parse_checkpoint, sign_checkpoint
from gateway.linklog.hashing import leaf_hash
from gateway.linklog.keys import Signer
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.tree import CompactRange
from gateway.rpc.status import reason_in
from gateway.signers.roles import LOG, RECEIPT, load_signers
from gateway.trust.names import log_key_name, origin, receipt_key_name
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub
from mutualrecognition.records.v1.record_pb2 import Record
from tests import nodes


@dataclass
class Log:
    """One of the link's two logs as this peer holds it; ``note`` bears both signatures."""

    origin: str
    tree: CompactRange = field(default_factory=CompactRange)
    note: bytes = b""


@dataclass(frozen=True)
class End:
    """How a session ended: the Goodbye that came, and the status of the call."""

    goodbye: pb.Goodbye
    code: grpc.StatusCode
    status_reason: str
    correlation_id: str


class HostilePeer:
    """Keeps both logs, so that it can be honest wherever a test wants it to."""

    def __init__(self, own: nodes.Home, partner: nodes.Home) -> None:
        self.own = own
        self.partner = partner
        domain = own.descriptor.domain
        self.log_signers: Sequence[Signer] = load_signers(own.path / "keys", LOG, log_key_name(domain))
        self.receipt_signers: Sequence[Signer] = load_signers(own.path / "keys", RECEIPT, receipt_key_name(domain))
        self.issued = Log(origin(domain, partner.administration, 1))
        self.held = Log(origin(partner.descriptor.domain, own.administration, 1))

    def record(self, seed: int = 1, *, kind: str = "screening_result") -> Record:
        """A record as the agreement has it: valid, covered, with the released fields alone."""
        made = nodes.submissions(self.own.administration, 40, seed=seed)
        record = next(each.record for each in made if each.record.WhichOneof("body") == kind)
        header = record.header
        header.record_id = SystemRandomness().record_id()
        header.issuer = self.own.administration
        header.issued_at.seconds = int(time.time())
        header.agreement_id, header.agreement_version = "cn-nl-security", 1
        return record

    def batch(self, *records: bytes, log: str = "") -> pb.LinkFrame:
        """The log's next entries, correctly signed; the log goes on only with ``receipted``."""
        entries = [pb.Entry(salt=os.urandom(16), record=record) for record in records]
        leaves = [leaf_hash(sha256(each.salt + each.record).digest()) for each in entries]
        after, _ = self.issued.tree.append_all(leaves)
        checkpoint = Checkpoint(log or self.issued.origin, after.size, after.root())
        note = sign_checkpoint(checkpoint, self.log_signers, int(time.time()))
        return pb.LinkFrame(batch=pb.Batch(first=self.issued.tree.size, entries=entries, checkpoint=note))

    def receipted(self, sent: pb.LinkFrame, receipt: pb.Receipt) -> None:
        """Note that a batch is in the log."""
        batch = sent.batch
        leaves = [leaf_hash(sha256(each.salt + each.record).digest()) for each in batch.entries]
        self.issued.tree, _ = self.issued.tree.append_all(leaves)
        self.issued.note = batch.checkpoint + receipt.lines
        assert receipt.size == self.issued.tree.size

    def hello(self, theirs: pb.Hello) -> pb.LinkFrame:
        """The Hello that fits theirs: what they hold of me is what I am."""
        hello = pb.Hello(
            versions=[1],
            to=self.partner.administration,
            session=os.urandom(16),
            time=int(time.time()),
            descriptor=theirs.descriptor_held,
            descriptor_held=theirs.descriptor,
            agreements=theirs.agreements,
            issued=pb.LogPosition(origin=self.issued.origin, checkpoint=self.issued.note),
            held=pb.LogPosition(origin=self.held.origin, checkpoint=self.held.note),
            limits=theirs.limits,
        )
        setattr(hello, "from", self.own.administration)
        return pb.LinkFrame(hello=hello)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Session]:
        """A stream to the partner's peer port; nothing is said yet."""
        name = f"gateway.{self.partner.descriptor.domain}"
        credential = self.own.authority.issue_gateway()
        async with nodes.channel(
            self.partner.peer, root=self.partner.authority, credential=credential, name=name
        ) as channel:
            yield Session(self, FederationServiceStub(channel).Link(timeout=nodes.SECONDS))

    @asynccontextmanager
    async def greeted(self) -> AsyncIterator[Session]:
        """An open session."""
        async with self.connected() as session:
            await session.say(self.hello(await session.heard_hello()))
            yield session


class Session:
    """One stream. What the partner sends meanwhile is receipted, honestly."""

    def __init__(self, peer: HostilePeer, call: grpc.aio.StreamStreamCall) -> None:
        self._peer = peer
        self._call = call
        self._names: list[bytes] = []

    async def say(self, frame: pb.LinkFrame) -> None:
        if frame.HasField("hello"):
            self._names.append(frame.hello.session)
        await self._call.write(frame)

    async def heard_hello(self) -> pb.Hello:
        frame = await self._call.read()
        assert frame.HasField("hello"), frame
        self._names.append(frame.hello.session)
        return frame.hello

    async def heard(self, kind: str, *, receipt: bool = True) -> pb.LinkFrame:
        """Read until a frame of this kind comes; batches on the way, and this one, are receipted."""
        while True:
            frame = await self._call.read()
            assert frame is not grpc.aio.EOF, f"the stream ended before any {kind}"
            found = frame.WhichOneof("frame")
            if found == "batch" and receipt:
                await self._receipt(frame.batch)
            if found == kind:
                return frame

    async def deliver(self, *records: bytes) -> int:
        """Send entries as an honest peer would; gives the index of the first."""
        first = self._peer.issued.tree.size
        frame = self._peer.batch(*records)
        await self.say(frame)
        self._peer.receipted(frame, (await self.heard("receipt")).receipt)
        return first

    async def ended(self) -> End:
        """Read to the end."""
        goodbye, reason = pb.Goodbye(), ""
        try:
            while (frame := await self._call.read()) is not grpc.aio.EOF:
                if frame.HasField("goodbye"):
                    goodbye = frame.goodbye
        except grpc.aio.AioRpcError as error:
            reason, _ = reason_in(error)
        return End(goodbye, await self._call.code(), reason, self.correlation_id)

    @property
    def correlation_id(self) -> str:
        """Both ends' bytes; the partner, whose id is the higher, said Hello first."""
        return b"".join(self._names).hex()

    async def _receipt(self, batch: pb.Batch) -> None:
        held = self._peer.held
        leaves = [leaf_hash(sha256(each.salt + each.record).digest()) for each in batch.entries]
        held.tree, _ = held.tree.append_all(leaves)
        lines = self.lines(batch)
        held.note = batch.checkpoint + lines
        await self.say(pb.LinkFrame(receipt=pb.Receipt(size=held.tree.size, lines=lines)))

    def lines(self, batch: pb.Batch, *, seconds: int = 0) -> bytes:
        """The receipt lines that are due for a batch."""
        checkpoint = parse_checkpoint(parse_note(batch.checkpoint, CHECKPOINT_LIMITS).text)
        return cosign(checkpoint, self._peer.receipt_signers, int(time.time()) + seconds)


def changed(data: bytes, at: int) -> bytes:
    """One bit of one byte is another."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
