"""``operations.v1.LinksService``: what the operator sees of the links, and the way to resume one."""

from __future__ import annotations

import resource
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import Absent, Malformed
from gateway.ports.links import LinkLogs, LinkStatus, LogState
from gateway.rpc.concerns import Concern
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.link_state import LinkRuntime
from gateway.rpc.renewals import Renewals
from gateway.trust.book import TrustBook
from mutualrecognition.operations.v1 import links_service_pb2 as pb
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceServicer

_PAGE_BYTES: Final = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What does not change while the node runs."""

    administration: str
    domain: str
    started_at: int


class LinksService(LinksServiceServicer):
    """Shows links; ``runtimes`` gives what only the running process knows of them.

    ``concerns`` is what the node is worried about at this moment.
    """

    def __init__(
        self,
        *,
        node: NodeFacts,
        logs: LinkLogs,
        book: Callable[[], TrustBook],
        runtimes: Callable[[], Mapping[str, LinkRuntime]],
        concerns: Callable[[], Iterable[Concern]],
        resume: Callable[[str, str, str], Awaitable[None]],
        renewals: Renewals,
    ) -> None:
        self._node = node
        self._logs = logs
        self._book = book
        self._runtimes = runtimes
        self._concerns = concerns
        self._resume = resume
        self._renewals = renewals

    async def ListLinks(self, request: pb.ListLinksRequest, context: Context) -> pb.ListLinksResponse:  # noqa: ARG002, N802
        """Show every partner, also one to whom nothing was ever sent."""
        stored = {status.partner: status for status in await self._logs.statuses()}
        runtimes = self._runtimes()
        partners = sorted({*stored, *runtimes, *self._book().partners})
        return pb.ListLinksResponse(
            links=[_link(partner, stored.get(partner), runtimes.get(partner, LinkRuntime())) for partner in partners]
        )

    async def GetNode(self, request: pb.GetNodeRequest, context: Context) -> pb.GetNodeResponse:  # noqa: ARG002, N802
        """Show the node."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return pb.GetNodeResponse(
            administration=self._node.administration,
            domain=self._node.domain,
            version=version("mutual-recognition-gateway"),
            descriptor_digest=self._book().descriptor_of(self._node.administration).digest,
            memory_bytes=_resident_bytes(),
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            started_at=Timestamp(seconds=self._node.started_at),
            concerns=[pb.Concern(sentence=each.sentence, urgent=each.urgent) for each in self._concerns()],
        )

    async def ResumeLink(self, request: pb.ResumeLinkRequest, context: Context) -> pb.ResumeLinkResponse:  # noqa: ARG002, N802
        """Resume a suspended link."""
        if request.partner not in self._book().partners:
            raise Absent(f"There is no partner {request.partner!r}.")
        if not request.reason.strip():
            raise Malformed("A resumption needs a reason; it is kept in the audit log.")
        await self._resume(request.partner, request.reason, CALLER.get().name)
        return pb.ResumeLinkResponse()

    async def AcceptGeneration(  # noqa: N802
        self,
        request: pb.AcceptGenerationRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.AcceptGenerationResponse:
        """Hold the partner's next log."""
        if not request.reason.strip():
            raise Malformed("A new generation needs a reason; it is kept in the audit log.")
        origin = await self._renewals.accept(
            request.partner, request.generation, reason=request.reason, actor=CALLER.get().name
        )
        return pb.AcceptGenerationResponse(origin=origin)


def _link(partner: str, stored: LinkStatus | None, runtime: LinkRuntime) -> pb.Link:
    link = pb.Link(
        partner=partner,
        state=runtime.state,
        session=runtime.session,
        last_reason=runtime.last_reason,
        last_detail=runtime.last_detail,
        agreements_differing=runtime.differing,
        clock_offset_seconds=runtime.clock_offset,
    )
    if runtime.last_heard:
        link.last_heard.seconds = runtime.last_heard
    if stored is None:
        return link
    link.waiting = stored.waiting
    link.issued.CopyFrom(_log(stored.issued, max(runtime.sent, stored.issued.receipted)))
    link.held.CopyFrom(_log(stored.held, stored.held.tree.size))
    if stored.oldest_unreceipted is not None:
        link.oldest_unreceipted.seconds = stored.oldest_unreceipted
    if stored.suspended:
        link.state = pb.LINK_STATE_SUSPENDED
        link.last_reason = stored.suspended
    return link


def _log(state: LogState, delivered: int) -> pb.LogStatus:
    return pb.LogStatus(
        origin=state.origin, size=state.tree.size, delivered=min(delivered, state.tree.size), receipted=state.receipted
    )


def _resident_bytes() -> int:
    """Memory in use now, where the system tells (Linux), else the most that ever was."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_BYTES
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
