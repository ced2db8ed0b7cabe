"""The audit log of a node, whether it runs or not: a running one is asked, else its store is opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from gateway.cli.called_node import ask_node
from gateway.cli.client import CALL_SECONDS, operations_channel
from gateway.evidence.audit import AuditEntry
from gateway.exchange.audit_signing import AuditSigning
from gateway.ports.audit import AuditLog
from mutualrecognition.operations.v1 import audit_service_pb2 as pb
from mutualrecognition.operations.v1.audit_service_pb2_grpc import AuditServiceStub

_PAGE: Final = 1000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SignedLog:
    """A whole audit log: its entries, a signed head that covers exactly these, and the key as a vkey."""

    entries: tuple[AuditEntry, ...]
    checkpoint: bytes
    key: str


def read_entries(home: Path, *, last: int = 0) -> list[AuditEntry]:
    """Give the last entries, all when ``last`` is 0, oldest first."""

    async def offline(log: AuditLog, _: AuditSigning) -> list[AuditEntry]:
        first = max((await log.head()).size - last, 0) if last else 0
        return list(await log.entries(first=first, limit=-1))

    def online(stub: AuditServiceStub) -> list[AuditEntry]:
        size = stub.ListAuditEntries(pb.ListAuditEntriesRequest(limit=1), timeout=CALL_SECONDS).size
        return list(_pages(stub, first=max(size - last, 0) if last else 0, until=size))

    return _either(home, offline, online)


def read_signed(home: Path) -> SignedLog:
    """Give the whole log with a fresh signature on its head."""

    async def offline(log: AuditLog, signing: AuditSigning) -> SignedLog:
        checkpoint = await signing.checkpoint()
        return SignedLog(tuple(await log.entries(first=0, limit=-1)), checkpoint, signing.key.vkey)

    def online(stub: AuditServiceStub) -> SignedLog:
        head = stub.GetAuditCheckpoint(pb.GetAuditCheckpointRequest(), timeout=CALL_SECONDS)
        size = int(head.checkpoint.split(b"\n")[1])  # entries that came since are for the next export
        return SignedLog(tuple(_pages(stub, first=0, until=size)), head.checkpoint, head.key)

    return _either(home, offline, online)


def _pages(stub: AuditServiceStub, *, first: int, until: int) -> Iterator[AuditEntry]:
    while first < until:
        request = pb.ListAuditEntriesRequest(first=first, limit=min(_PAGE, until - first))
        page: Sequence[pb.AuditEntry] = stub.ListAuditEntries(request, timeout=CALL_SECONDS).entries
        for each in page:
            yield AuditEntry(each.index, each.at.seconds, each.actor, each.action, each.detail)
        if not page:
            return
        first += len(page)


def _either(
    home: Path,
    offline: Callable[[AuditLog, AuditSigning], Awaitable[Result]],
    online: Callable[[AuditServiceStub], Result],
) -> Result:
    def stopped() -> Result:
        from gateway.cli.stopped_node import with_audit  # noqa: PLC0415  all of a node, where none runs

        return with_audit(home, offline)

    def running() -> Result:
        with operations_channel(home) as channel:
            return online(AuditServiceStub(channel))

    return ask_node(home, running=running, stopped=stopped)
