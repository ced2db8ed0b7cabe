"""Nodes that are open in this process, on one clock, and the ports by which their systems and operators call them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import grpc

from gateway.app import Collaborators, open_node
from gateway.at_rest import open_trust
from gateway.linklog.keys import Signer
from gateway.ports.world import Clock
from gateway.signers.roles import ROOT, load_signers
from gateway.trust import agreements
from gateway.trust.names import root_key_name
from mock_partners.staging.homes import Home
from mock_partners.staging.lines import Lines
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.operations.v1.audit_service_pb2_grpc import AuditServiceStub
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub

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
    administration: str
    national: grpc.aio.Channel
    operations: grpc.aio.Channel
    closing: AsyncExitStack

    def channel(self) -> grpc.aio.Channel:
        """Give the national door, as behaviours reach it."""
        return self.national

    def operations_channel(self) -> grpc.aio.Channel:
        """Give the operator's door, as behaviours reach it."""
        return self.operations


class Nodes:
    """The nodes of some homes; ``clock`` None is the machine's.

    ``collaborators`` are those of a node that is not honest. ``lines`` are there where all of them are cut at once.
    """

    def __init__(
        self,
        homes: Sequence[Home],
        *,
        clock: Clock | None = None,
        collaborators: Mapping[str, Collaborators] | None = None,
        lines: Lines | None = None,
    ) -> None:
        self._homes = {home.administration: home for home in homes}
        self._clock = clock
        self._collaborators = collaborators or {}
        self._lines = lines
        self._running: dict[str, _Running] = {}
        self._notes: dict[str, bytes] = {}

    @property
    def running(self) -> frozenset[str]:
        """Whose nodes are on."""
        return frozenset(self._running)

    async def introduce(
        self, agreed: Iterable[tuple[Sequence[str], str]], *, at: Collection[str] | None = None
    ) -> None:
        """Make administrations partners under agreements that all their parties sign; their nodes are off.

        ``at`` names the parties to whom it is told here, all if left out: others hear of it from somebody else, who
        signs the very same.
        """
        notes: dict[str, list[bytes]] = {}
        partners: dict[str, set[str]] = {}
        for parties, text in agreed:
            note = self._signed(parties, text)
            for party in (party for party in parties if at is None or party in at):
                notes.setdefault(party, []).append(note)
                partners.setdefault(party, set()).update(parties)
        for party, its_notes in notes.items():
            home = self._homes[party]
            async with open_trust(home.settings, home.path, clock=self._clock) as keeper:
                for partner in sorted(partners[party] - {party, *keeper.book.known}):
                    other = self._homes[partner]
                    await keeper.add_descriptor(other.note, digest=other.descriptor.digest, by="scenario")
                for note in its_notes:
                    await keeper.add_agreement(note, by="scenario")

    def _signed(self, parties: Sequence[str], text: str) -> bytes:
        if text in self._notes:
            return self._notes[text]
        first, *others = (self._homes[party] for party in parties)
        note = agreements.sign(text, _roots(first), first.settings.domain)
        for each in others:
            note = agreements.countersign(note, _roots(each), each.settings.domain)
        self._notes[text] = note
        return note

    async def start(self, administration: str) -> None:
        """Open a node."""
        home = self._homes[administration]
        async with AsyncExitStack() as stack:
            node = await stack.enter_async_context(
                open_node(
                    self._lines.behind(home) if self._lines else home.settings,
                    home.path,
                    clock=self._clock,
                    collaborators=self._collaborators.get(administration, Collaborators()),
                )
            )
            national = await stack.enter_async_context(_channel(home, node.national_port))
            operator = await stack.enter_async_context(_channel(home, node.operations_port))
            if self._lines is not None:
                await self._lines.lay(home, node.peer_port or 0)
            self._running[administration] = _Running(administration, national, operator, stack.pop_all())

    async def stop(self, administration: str) -> None:
        """Close a node; what it holds stays."""
        if self._lines is not None:
            await self._lines.take_up(administration)
        await self._running.pop(administration).closing.aclose()

    async def close(self) -> None:
        """Close every node that is open."""
        for administration in list(self._running):
            await self.stop(administration)

    async def wait_for_links(self, administration: str) -> None:
        """Wait until every link of a node with a partner that is on is open, or suspended.

        Raises:
            NothingCame: one stays closed.
        """
        settled = {operations.LINK_STATE_OPEN, operations.LINK_STATE_SUSPENDED}

        async def closed() -> list[str]:
            here = [link for link in await self.rows(administration) if link.partner in self._running]
            return [link.partner for link in here if link.state not in settled]

        await until(closed, lambda found: not found, f"the links of {administration}")

    def national(self, administration: str) -> grpc.aio.Channel:
        """Give the national port of a node that is on.

        Raises:
            NothingCame: it is off.
        """
        return self._node(administration).national

    def operator(self, administration: str) -> grpc.aio.Channel:
        """Give the operator's port of a node that is on.

        Raises:
            NothingCame: it is off.
        """
        return self._node(administration).operations

    def records(self, administration: str) -> RecordsServiceAsyncStub:
        """Give its records service."""
        return RecordsServiceStub(self.national(administration))

    def links(self, administration: str) -> LinksServiceAsyncStub:
        """Give its links service, for the operator."""
        return LinksServiceStub(self.operator(administration))

    def audit(self, administration: str) -> AuditServiceAsyncStub:
        """Give its audit service, for the operator."""
        return AuditServiceStub(self.operator(administration))

    async def rows(self, administration: str, *, seconds: float = CALL_SECONDS) -> list[operations.Link]:
        """Give its links as they are now; it may take so many seconds to say so."""
        answer = await self.links(administration).ListLinks(operations.ListLinksRequest(), timeout=seconds)
        return list(answer.links)

    async def link(self, administration: str, partner: str) -> operations.Link:
        """Give one row of its links.

        Raises:
            NothingCame: they are no partners.
        """
        for link in await self.rows(administration):
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


def _roots(home: Home) -> Sequence[Signer]:
    return load_signers(home.path / home.settings.files.keys, ROOT, root_key_name(home.settings.domain))


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
