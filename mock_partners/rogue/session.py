"""One session of the rogue's: sections 12 to 15 of docs/protocol.md, honest unless an attack says otherwise."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.rpc import error_details_pb2, status_pb2

from mock_partners.rogue import logs
from mock_partners.rogue.heard import Heard
from mock_partners.rogue.notes import lines_of, text_of, verified
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.records.v1.judgement_pb2 import Verdict
from mutualrecognition.records.v1.record_pb2 import Record

if TYPE_CHECKING:
    from mock_partners.rogue.link import Link

_DETAILS: Final = "grpc-status-details-bin"


class Ended(Exception):
    """The session has ended."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(str(heard))
        self.heard = heard


class Session:
    """One stream. What the partner sends meanwhile is checked and receipted, unless ``receipts`` is False."""

    def __init__(self, link: Link, call: grpc.aio.StreamStreamCall[Any, pb.LinkFrame]) -> None:
        self._link = link
        self._call = call
        self._goodbye = pb.Goodbye()
        self.receipts = True
        self.theirs = pb.Hello()
        self.batches: list[pb.Batch] = []

    # --- saying -----------------------------------------------------------------------------------------------

    async def say(self, frame: pb.LinkFrame | bytes) -> None:
        """Send a frame; that the stream has ended meanwhile shows when the answer is read."""
        try:
            await self._call.write(frame)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            return

    async def send(self, batch: pb.Batch) -> None:
        """Send a batch."""
        await self.say(pb.LinkFrame(batch=batch))

    async def greet(self, hello: pb.Hello | None = None) -> None:
        """Say Hello when it is due, this one or the truth, and hear the other's.

        Raises:
            Ended: the other side did not like it.
        """
        if self._link.speaks_first:
            await self.say(pb.LinkFrame(hello=hello or self._link.hello()))
            await self._hear_hello()
        else:
            await self._hear_hello()
            await self.say(pb.LinkFrame(hello=hello or self._link.hello()))

    async def deliver(self, *records: bytes) -> int:
        """Deliver records, or an honest one; gives the index of the first.

        Raises:
            Ended: no receipt came.
        """
        batch = self._link.batch(*records)
        await self.send(batch)
        await self.receipted(batch)
        return batch.first

    # --- hearing ----------------------------------------------------------------------------------------------

    async def receipted(self, sent: pb.Batch) -> None:
        """Wait for the receipt of a batch, and verify it.

        Raises:
            Ended: none came.
        """
        link = self._link
        while True:
            receipt = (await self.hear("receipt")).receipt
            if receipt.size >= sent.first + len(sent.entries):
                break
        logs.receipted(link.issued, sent, receipt, f"{link.partner.domain}/receipts", link.partner.receipt_keys)

    async def hear(self, kind: str) -> pb.LinkFrame:
        """Read until a frame of this kind comes.

        Raises:
            Ended: the session ended before.
        """
        while True:
            frame = await self._read()
            found = frame.WhichOneof("frame")
            if found == "goodbye":
                self._goodbye = frame.goodbye
            if found == "batch":
                self.batches.append(frame.batch)
                if self.receipts:
                    await self._receipt(frame.batch)
            if found == kind:
                return frame

    async def unreceipted(self) -> pb.Batch:
        """Have the partner send something, which it does because it judges nonsense, and give no receipt for it."""
        self.receipts = False
        await self.deliver(b"unreadable")
        return self.batches[0] if self.batches else (await self.hear("batch")).batch

    async def judged(self, index: int) -> Heard:
        """Wait for what the partner thinks of an entry that it has receipted (section 9).

        Silence says "stored", and judgements come in the order of what they judge. So something unreadable follows:
        when that is judged and this entry is not, it is good to the partner.

        Raises:
            Ended: the session ended before it said so.
        """
        after = await self.deliver(b"unreadable")
        while (beyond := self._judgement_of(after)) is None:
            await self.hear("batch")
        assert beyond.verdict
        return self._judgement_of(index) or Heard(went_on=True)

    def _judgement_of(self, index: int) -> Heard | None:
        for batch in self.batches:
            for entry in batch.entries:
                said = Record.FromString(entry.record).judgement
                covers = any(each.first <= index <= each.last for each in said.ranges)
                if said.origin == self._link.issued.origin and covers:
                    rules = frozenset(each.rule for each in said.violations)
                    return Heard(verdict=Verdict.Name(said.verdict).removeprefix("VERDICT_"), rules=rules)
        return None

    async def goes_on(self) -> Heard:
        """Deliver an honest record: either it is receipted, or the session has ended."""
        try:
            await self.deliver()
        except Ended as end:
            return end.heard
        return Heard(went_on=True)

    async def answered(self, sent: pb.Batch) -> Heard:
        """Send a batch: either it is receipted, or the session has ended."""
        await self.send(sent)
        try:
            await self.receipted(sent)
        except Ended as end:
            return end.heard
        return Heard(went_on=True)

    async def over(self) -> Heard:
        """Read to the very end, whatever comes on the way."""
        try:
            while True:
                await self.hear("")
        except Ended as end:
            return end.heard

    async def _read(self) -> pb.LinkFrame:
        try:
            frame = await self._call.read()
        except grpc.aio.AioRpcError:
            frame = grpc.aio.EOF
        if isinstance(frame, pb.LinkFrame):
            return frame
        raise Ended(heard_in(self._goodbye, await self._call.code(), *await self._status()))

    async def _status(self) -> tuple[str, str]:
        details = str(await self._call.details() or "")
        return reason_of(await self._call.trailing_metadata()), details

    async def _hear_hello(self) -> None:
        self.theirs = (await self.hear("hello")).hello
        link = self._link
        shown = self.theirs.held.checkpoint
        if shown and shown != link.issued.note:  # R-HEL-08: a receipt that was missed
            text = text_of(shown)
            verified(f"{link.partner.domain}/receipts", text, lines_of(shown), link.partner.receipt_keys)
            _, size, _ = logs.parse_checkpoint(text)
            link.issued.note = shown if size == link.issued.size else link.issued.note

    async def _receipt(self, came: pb.Batch) -> None:
        link = self._link
        text = logs.taken(link.held, came, link.partner.log_keys)
        lines = link.identity.receipt.cosignature(f"{link.identity.domain}/receipts", text, link.now())
        link.held.note = came.checkpoint + lines
        await self.say(pb.LinkFrame(receipt=pb.Receipt(size=link.held.size, lines=lines)))


def heard_in(goodbye: pb.Goodbye, code: grpc.StatusCode, reason: str, details: str) -> Heard:
    """Put together how a call ended."""
    return Heard(goodbye.reason, code.name, reason, goodbye.detail or details, told=f"{reason} {details}".strip())


def reason_of(metadata: object) -> str:
    """Give the reason in the details of a status (R-END-02), empty when there are none."""
    for key, value in metadata or ():  # type: ignore[attr-defined]
        if key == _DETAILS and isinstance(value, bytes):
            for packed in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if packed.Unpack(info):
                    return str(info.reason)
    return ""
