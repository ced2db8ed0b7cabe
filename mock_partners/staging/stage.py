"""The stage: the nodes of one scenario, and what happens to them besides what is stated."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from mock_partners.behaviours import Trace, live
from mock_partners.staging.clock import StageClock
from mock_partners.staging.dressed import Dressed
from mock_partners.staging.key_change import end_log_keys
from mock_partners.staging.lines import Lines
from mock_partners.staging.nodes import CALL_SECONDS, Nodes, NothingCame, until
from mutualrecognition.operations.v1 import keys_service_pb2 as operations_keys
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.operations.v1 import partners_service_pb2 as operations_partners
from mutualrecognition.operations.v1.keys_service_pb2_grpc import KeysServiceStub
from mutualrecognition.operations.v1.links_service_pb2_grpc import TrustServiceStub
from mutualrecognition.operations.v1.partners_service_pb2_grpc import PartnersServiceStub


class Stage(Nodes):
    """The nodes of one scenario on one clock, which moves as the scenario says."""

    def __init__(self, cast: Sequence[Dressed], clock: StageClock, trace: Trace, *, lines: Lines | None = None) -> None:
        dressed = {each.home.administration: each.collaborators for each in cast}
        super().__init__([each.home for each in cast], clock=clock, collaborators=dressed, lines=lines)
        self.clock = clock
        self.trace = trace
        self._cast = {each.home.administration: each for each in cast}
        self._living: dict[str, asyncio.Task[None]] = {}

    async def descriptor_digests(self) -> frozenset[bytes]:
        """Ask each administration itself for the digest of its newest descriptor, as somebody from outside would."""
        asked = [self.links(each).GetNode(operations.GetNodeRequest(), timeout=CALL_SECONDS) for each in self._running]
        return frozenset([(await each).descriptor_digest for each in asked])

    async def start(self, administration: str) -> None:
        """Open a node, with what it does by itself."""
        await super().start(administration)
        cast = self._cast[administration]
        if cast.behaviours and not cast.later:
            self._living[administration] = asyncio.create_task(live(cast.behaviours, self._node(administration)))

    async def stop(self, administration: str) -> None:
        """Close a node; what it holds stays."""
        if living := self._living.pop(administration, None):
            living.cancel()
        await super().stop(administration)

    async def misbehave(self, administration: str) -> None:
        """Have a node misbehave from now on; what it does by itself, if it is on, is done when this returns."""
        self.trace.deed(administration, "misbehaves")
        for each in self._cast[administration].behaviours:
            each.begin()
            if administration in self._running:
                await each.act(self._node(administration))

    def behave(self, administration: str) -> None:
        """Have a node behave again."""
        for each in self._cast[administration].behaviours:
            each.end()
        self.trace.deed(administration, "behaves again")

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
        rows = await self.rows(administration)
        return [link.partner for link in rows if link.state == operations.LINK_STATE_OPEN]

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
                trust = TrustServiceStub(self.operator(partner))
                request = operations.AddPartnerRequest(descriptor=note, digest=descriptor.digest)
                await trust.AddPartner(request, timeout=CALL_SECONDS)
            return
        keys = KeysServiceStub(self.operator(administration))
        await keys.PublishDescriptor(operations_keys.PublishDescriptorRequest(descriptor=note), timeout=CALL_SECONDS)
        for partner in {link.partner for link in await self.rows(administration)} & self.running:
            await until(
                lambda partner=partner: self._version_held(partner, administration),  # type: ignore[misc]
                lambda version: version == descriptor.version,
                f"the new descriptor of {administration} at {partner}",
            )
        await self.wait_for_links(administration)

    async def suspend(self, administration: str, partner: str, reason: str) -> None:
        """Have the operator of a node suspend a partner, and wait until the link says so."""
        partners = PartnersServiceStub(self.operator(administration))
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
        trust = TrustServiceStub(self.operator(administration))
        request = operations.SuspendAgreementRequest(id=agreement, reason=reason, at_once=True)
        await trust.SuspendAgreement(request, timeout=CALL_SECONDS)

    async def resume(self, administration: str, partner: str, reason: str) -> None:
        """Have the operator of a node resume a link, and wait until it is open."""
        request = operations.ResumeLinkRequest(partner=partner, reason=reason)
        await self.links(administration).ResumeLink(request, timeout=CALL_SECONDS)
        await self.wait_for_links(administration)

    async def _version_held(self, at: str, of: str) -> int:
        trust = TrustServiceStub(self.operator(at))
        answer = await trust.ListDocuments(operations.ListDocumentsRequest(), timeout=CALL_SECONDS)
        wanted = operations.DOCUMENT_TYPE_DESCRIPTOR
        return max((each.version for each in answer.documents if (each.type, each.id) == (wanted, of)), default=0)
