"""A node that lost its own log of a link fetches it from the partner, which holds it, and goes on in a new one.

With the node stopped: its store is opened here, and the partner is called with the node's certificate. What comes back
waits in a file without a name until its root is the one that this node has signed; only then is it stored.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import grpc

from gateway.config import Config
from gateway.errors import Absent, FrameMalformed, Passing
from gateway.exchange.returned import ReturnedHead, ReturnedLog, read_entry, read_head, returned_entry
from gateway.ports.histories import Histories, OwnLog, Renewal, ReturnedEntry
from gateway.rpc.call_names import naming
from gateway.rpc.dialer import Line
from gateway.rpc.status import reason_in
from gateway.stores.sqlite.checking.course import Progress
from gateway.trust.book import TrustBook
from gateway.trust.names import origin
from gateway.upkeep.opening import opened
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub

CALL_SECONDS: Final = 60.0
OPERATOR: Final = "local command"
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of it: the newest log, how many entries of all came back, how many rows that changed, and the new log.

    ``renewal`` is None where nothing was lost, so that the log goes on as it is.
    """

    origin: str
    returned: int
    changed: int
    renewal: Renewal | None


async def recover(config: Config, home: Path, partner: str, *, reason: str, progress: Progress) -> Recovered:
    """Fetch this node's log to ``partner`` back, and close and renew it where anything of it was lost.

    Raises:
        StoreInUse: the node runs; stop it first.
        Absent: there is no such partner, it has no address, or it holds nothing of this node's.
        Passing: it cannot be reached.
        UntrustedEvidence: what it gives is not what this node has signed; nothing was stored.
    """
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(opened(config, home))
        book = node.book
        if partner not in book.partners:
            raise Absent(f"There is no partner {partner!r} in this store: add its descriptor and agreement first.")
        line = node.dialer.line(partner)
        if line is None:
            raise Absent(f"{partner} has no address: it only dials, and cannot be asked.")
        recovery = _Recovery(node.histories, book, partner, _Partner(partner, await stack.enter_async_context(line)))
        return await recovery.run(home, reason, progress)


class _Partner:
    """The partner, asked for entries."""

    def __init__(self, name: str, line: Line) -> None:
        self._name = name
        self._door = FederationServiceStub(line.channel)
        self._naming = naming(line.name)

    async def entries(self, log: str, first: int) -> pb.GetEntriesResponse | None:
        """Ask for entries; None where the partner has no such log.

        Raises:
            Passing: it cannot be reached, or refuses.
        """
        request = pb.GetEntriesRequest(origin=log, first=first)
        try:
            call: Any = self._door.GetEntries(request, timeout=CALL_SECONDS, wait_for_ready=True, metadata=self._naming)
            answer: pb.GetEntriesResponse = await call
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            reason, sentence = reason_in(error)
            raise Passing(f"{self._name} gives nothing: {reason or error.code().name} {sentence}".strip()) from None
        return answer


@dataclass(frozen=True, slots=True)
class _Recovery:
    histories: Histories
    book: TrustBook
    partner: str
    asked: _Partner

    async def run(self, home: Path, reason: str, progress: Progress) -> Recovered:
        own = await self.histories.own_log(self.partner, first_origin=self._origin(1))
        held, changed = await self._take_back_all(own, home, progress)
        if not held and not own.restored_at:
            raise Absent(f"{self.partner} holds nothing of {own.origin}: there is nothing to take back.")
        now = await self.histories.own_log(self.partner, first_origin=self._origin(1))
        returned = held.get(now.origin, 0)
        renewal = None
        if own.restored_at or now.origin != own.origin or returned > own.tree.size:
            renewal = await self.histories.renew(
                self.partner,
                held_by_partner=returned,
                next_origin=self._origin(now.generation + 1),
                actor=OPERATOR,
                reason=reason,
            )
        return Recovered(now.origin, sum(held.values()), changed, renewal)

    async def _take_back_all(self, own: OwnLog, home: Path, progress: Progress) -> tuple[dict[str, int], int]:
        """Take every generation back that the partner holds: a lost store does not know in which it was.

        Gives how much the partner holds of each, and how many rows changed.
        """
        held: dict[str, int] = {}
        changed = generation = 0
        while True:
            generation += 1
            log = self._origin(generation)
            answer = await self.asked.entries(log, 0)
            if answer is None:
                if generation > own.generation:
                    return held, changed
            elif answer.checkpoint:
                head = self._read_head(log, answer.checkpoint)
                held[log] = head.checkpoint.size
                changed += await self._take_back(log, head, home, progress)

    async def _take_back(self, log: str, head: ReturnedHead, home: Path, progress: Progress) -> int:
        await self.histories.open_generation(self.partner, log)
        with tempfile.TemporaryFile(dir=home) as spool:
            await self._fetch(log, head, spool, progress)
            changed = await self._store(log, spool, progress)
        await self.histories.keep_receipt(
            self.partner, log, size=head.checkpoint.size, note=head.note, receipt_time=head.receipt_time
        )
        return changed

    def _origin(self, generation: int) -> str:
        return origin(self.book.descriptor_of(self.book.own).domain, self.partner, generation)

    def _read_head(self, log: str, unverified: bytes) -> ReturnedHead:
        own, partner = self.book.descriptor_of(self.book.own), self.book.descriptor_of(self.partner)
        return read_head(unverified, log, own=own, partner=partner)

    async def _fetch(self, log: str, head: ReturnedHead, spool: BinaryIO, progress: Progress) -> None:
        returned = ReturnedLog(head)
        while not returned.complete:
            answer = await self.asked.entries(log, returned.size)
            if answer is None:
                raise FrameMalformed(f"{self.partner} gave part of {log}, and no longer has it.")
            wanted = answer.entries[: head.checkpoint.size - returned.size]
            returned.add(wanted)
            _write(spool, pb.GetEntriesResponse(entries=wanted))
            progress("fetched", returned.size, head.checkpoint.size)
        returned.require_root()

    async def _store(self, log: str, spool: BinaryIO, progress: Progress) -> int:
        changed = index = 0
        spool.seek(0)
        for part in _parts(spool):
            entries: list[ReturnedEntry] = []
            for unverified in part.entries:
                entries.append(returned_entry(index, read_entry(unverified)))
                index += 1
            changed += await self.histories.take_back(self.partner, log, entries)
            progress("stored", index, index)
        return changed


def _write(spool: BinaryIO, part: pb.GetEntriesResponse) -> None:
    data = part.SerializeToString()
    spool.write(_LENGTH.pack(len(data)))
    spool.write(data)


def _parts(spool: BinaryIO) -> Iterator[pb.GetEntriesResponse]:
    while length := spool.read(_LENGTH.size):
        yield pb.GetEntriesResponse.FromString(spool.read(*_LENGTH.unpack(length)))
