"""The stage: the nodes of one scenario, open in this process, and the ports by which their own systems call them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import grpc

from gateway.app import Collaborators, open_node, open_trust
from gateway.cli.agreement_files import sign
from mock_partners.staging.clock import StageClock
from mock_partners.staging.homes import Home
from mock_partners.staging.key_change import end_log_keys
from mock_partners.staging.lines import Lines
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import keys_service_pb2 as operations_keys
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.operations.v1 import partners_service_pb2 as operations_partners
from mutualrecognition.operations.v1.audit_service_pb2_grpc import AuditServiceStub
from mutualrecognition.operations.v1.keys_service_pb2_grpc import KeysServiceStub
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub, TrustServiceStub
from mutualrecognition.operations.v1.partners_service_pb2_grpc import PartnersServiceStub

if TYPE_CHECKING:  # the stubs' asynchronous halves exist for the type checker alone
    from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceAsyncStub
    from mutualrecognition.operations.v1.audit_service_pb2_grpc import AuditServiceAsyncStub
    from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceAsyncStub

CALL_SECONDS: Final = 30
"""Longer than anything takes on a machine under load; whoever reaches it has failed."""

_LOOK_SECONDS: Final = 0.01
_OPTIONS: Final = [
    ("grpc.ssl_target_name_override", "localhost"),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 5 * 1024 * 1024),
]

Seen = TypeVar("Seen")


class NothingCame(Exception):
    """What was waited for did not come about."""


@dataclass(frozen=True, slots=True)
class _Running:
    national: grpc.aio.Channel
    operations: grpc.aio.Channel
    closing: AsyncExitStack


class Stage:
    """The nodes of one scenario on one clock. ``collaborators`` are those of a node that is not honest.

    ``lines`` are there in a play that cuts them.
    """

    def __init__(
        self,
        homes: Sequence[Home],
        clock: StageClock,
        *,
        collaborators: Mapping[str, Collaborators] | None = None,
        lines: Lines | None = None,
    ) -> None:
        self.clock = clock
        self._homes = {home.administration: home for home in homes}
        self._collaborators = collaborators or {}
        self._lines = lines
        self._running: dict[str, _Running] = {}

    @property
    def running(self) -> frozenset[str]:
        """Whose nodes are on."""
        return frozenset(self._running)

    async def introduce(self, parties: Sequence[str], agreement: str) -> None:
        """Make administrations partners under an agreement that all of them sign; their nodes are off."""
        homes = [self._homes[party] for party in parties]
        note = agreement.encode()
        for home in homes:
            note = sign(home.path, note, anyway=True)
        for home in homes:
            async with open_trust(home.settings, home.path, clock=self.clock) as keeper:
                known = keeper.book.partners
                for partner in homes:
                    if partner is not home and partner.administration not in known:
                        await keeper.add_descriptor(partner.note, digest=partner.descriptor.digest, by="scenario")
                await keeper.add_agreement(note, by="scenario")

    async def start(self, administration: str) -> None:
        """Open a node."""
        home = self._homes[administration]
        async with AsyncExitStack() as stack:
            node = await stack.enter_async_context(
                open_node(
                    self._lines.behind(home) if self._lines else home.settings,
                    home.path,
                    clock=self.clock,
                    collaborators=self._collaborators.get(administration, Collaborators()),
                )
            )
            national = await stack.enter_async_context(_channel(home, node.national_port))
            operator = await stack.enter_async_context(_channel(home, node.operations_port))
            if self._lines is not None:
                await self._lines.lay(home, node.peer_port or 0)
            self._running[administration] = _Running(national, operator, stack.pop_all())

    async def stop(self, administration: str) -> None:
        """Close a node; what it holds stays."""
        if self._lines is not None:
            await self._lines.take_up(administration)
        await self._running.pop(administration).closing.aclose()

    async def cut(self) -> None:
        """Cut every line between nodes, and wait until all of them have noticed."""
        assert self._lines is not None
        await self._lines.cut()
        for administration in self._running:
            await until(
                lambda administration=administration: self._open_links(administration),  # type: ignore[misc]
                lambda found: not found,
                f"the end of the links of {administration}",
            )

    async def mend(self) -> None:
        """Mend every line, and wait until every link is open."""
        assert self._lines is not None
        await self._lines.mend()
        for administration in self._running:
            await self.wait_for_links(administration)

    async def _open_links(self, administration: str) -> list[str]:
        answer = await self.links(administration).ListLinks(operations.ListLinksRequest(), timeout=CALL_SECONDS)
        return [link.partner for link in answer.links if link.state == operations.LINK_STATE_OPEN]

    def copy(self, administration: str) -> None:
        """Keep a copy of a node's store; the node is off."""
        for file in self._store_files(administration):
            shutil.copy2(file, file.with_name(f"kept-{file.name}"))

    def put_back(self, administration: str) -> None:
        """Put the copy in the store's place: what came since is gone; the node is off."""
        for file in self._store_files(administration):
            file.unlink()
        home = self._homes[administration]
        for kept in home.path.glob(f"kept-{home.settings.store.path}*"):
            kept.rename(kept.with_name(kept.name.removeprefix("kept-")))

    def _store_files(self, administration: str) -> list[Path]:
        if administration in self._running:
            raise NothingCame(f"The node of {administration} is on: its store is in use.")
        home = self._homes[administration]
        return list(home.path.glob(f"{home.settings.store.path}*"))

    async def close(self) -> None:
        """Close every node that is open."""
        for administration in list(self._running):
            await self.stop(administration)

    async def end_log_keys(self, administration: str, since: int) -> None:
        """End an administration's log keys in the past, and wait until every partner that is on knows.

        While its node is off, the descriptor that says so is brought to the partners by hand.

        Raises:
            NothingCame: one does not hear of it.
        """
        home = self._homes[administration]
        descriptor, note = end_log_keys(home, since=since, now=self.clock.now())
        if administration not in self._running:
            (home.path / home.settings.files.descriptor).write_bytes(note)
            for partner in self._running:
                trust = TrustServiceStub(self._node(partner).operations)
                request = operations.AddPartnerRequest(descriptor=note, digest=descriptor.digest)
                await trust.AddPartner(request, timeout=CALL_SECONDS)
            return
        keys = KeysServiceStub(self._node(administration).operations)
        await keys.PublishDescriptor(operations_keys.PublishDescriptorRequest(descriptor=note), timeout=CALL_SECONDS)
        links = await self.links(administration).ListLinks(operations.ListLinksRequest(), timeout=CALL_SECONDS)
        for partner in {link.partner for link in links.links} & self.running:
            await until(
                lambda partner=partner: self._version_held(partner, administration),  # type: ignore[misc]
                lambda version: version == descriptor.version,
                f"the new descriptor of {administration} at {partner}",
            )
        await self.wait_for_links(administration)

    async def suspend(self, administration: str, partner: str, reason: str) -> None:
        """Have the operator of a node suspend a partner, and wait until the link says so."""
        partners = PartnersServiceStub(self._node(administration).operations)
        await partners.SuspendPartner(
            operations_partners.SuspendPartnerRequest(administration=partner, reason=reason), timeout=CALL_SECONDS
        )
        suspended = operations.LINK_STATE_SUSPENDED
        await until(
            lambda: self.link(administration, partner),
            lambda link: link.state == suspended,
            f"the suspension of {partner}",
        )

    async def suspend_agreement(self, administration: str, agreement: str, reason: str) -> None:
        """Have the operator of a node suspend an agreement without waiting for its notice."""
        trust = TrustServiceStub(self._node(administration).operations)
        request = operations.SuspendAgreementRequest(id=agreement, reason=reason, at_once=True)
        await trust.SuspendAgreement(request, timeout=CALL_SECONDS)

    async def resume(self, administration: str, partner: str, reason: str) -> None:
        """Have the operator of a node resume a link, and wait until it is open."""
        request = operations.ResumeLinkRequest(partner=partner, reason=reason)
        await self.links(administration).ResumeLink(request, timeout=CALL_SECONDS)
        await self.wait_for_links(administration)

    async def _version_held(self, at: str, of: str) -> int:
        trust = TrustServiceStub(self._node(at).operations)
        answer = await trust.ListDocuments(operations.ListDocumentsRequest(), timeout=CALL_SECONDS)
        wanted = operations.DOCUMENT_TYPE_DESCRIPTOR
        return max((each.version for each in answer.documents if (each.type, each.id) == (wanted, of)), default=0)

    async def wait_for_links(self, administration: str) -> None:
        """Wait until every link of a node with a partner that is on is open, or suspended.

        Raises:
            NothingCame: one stays closed.
        """
        settled = {operations.LINK_STATE_OPEN, operations.LINK_STATE_SUSPENDED}

        async def closed() -> list[str]:
            answer = await self.links(administration).ListLinks(operations.ListLinksRequest(), timeout=CALL_SECONDS)
            here = [link for link in answer.links if link.partner in self._running]
            return [link.partner for link in here if link.state not in settled]

        await until(closed, lambda found: not found, f"the links of {administration}")

    def national(self, administration: str) -> grpc.aio.Channel:
        """Give the national port of a node that is on.

        Raises:
            NothingCame: it is off.
        """
        return self._node(administration).national

    def records(self, administration: str) -> RecordsServiceAsyncStub:
        """Give its records service."""
        return RecordsServiceStub(self.national(administration))

    def links(self, administration: str) -> LinksServiceAsyncStub:
        """Give its links service, for the operator."""
        return LinksServiceStub(self._node(administration).operations)

    def audit(self, administration: str) -> AuditServiceAsyncStub:
        """Give its audit service, for the operator."""
        return AuditServiceStub(self._node(administration).operations)

    async def link(self, administration: str, partner: str) -> operations.Link:
        """Give one row of its links.

        Raises:
            NothingCame: they are no partners.
        """
        answer = await self.links(administration).ListLinks(operations.ListLinksRequest(), timeout=CALL_SECONDS)
        for link in answer.links:
            if link.partner == partner:
                return link
        raise NothingCame(f"{administration} has no link with {partner}.")

    def _node(self, administration: str) -> _Running:
        if administration not in self._running:
            raise NothingCame(f"The node of {administration} is off.")
        return self._running[administration]


async def until(look: Callable[[], Awaitable[Seen]], holds: Callable[[Seen], bool], what: str) -> Seen:
    """Look again and again until what is seen ``holds``.

    Raises:
        NothingCame: it does not within half a minute.
    """
    seen: Seen | None = None
    try:
        async with asyncio.timeout(CALL_SECONDS):
            while True:
                seen = await look()
                if holds(seen):
                    return seen
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise NothingCame(f"{what} did not come about within {CALL_SECONDS} s; last seen: {seen}") from None


@asynccontextmanager
async def _channel(home: Home, port: int) -> AsyncIterator[grpc.aio.Channel]:
    directory = home.path / "clients" / "local"
    credentials = grpc.ssl_channel_credentials(
        (directory / "ca.pem").read_bytes(),
        (directory / "client.key").read_bytes(),
        (directory / "client.pem").read_bytes(),
    )
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options=_OPTIONS) as channel:
        yield channel
