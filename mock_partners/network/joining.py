"""One mock partner against somebody's real gateway: its home, what it hands out, and its node with traffic.

The other side is brought in as people bring each other in: it is given a descriptor, whose words are compared, and an
agreement with one signature, to which it adds its own. Until both signatures are there, the mock waits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from gateway.at_rest import open_trust
from gateway.cli.agreement_files import sign, text_in
from gateway.errors import GatewayError
from gateway.trust.agreements import parse_agreement, verify
from gateway.trust.descriptors import Descriptor
from gateway.trust.succession import verify_first
from gateway.trust.words import spoken
from mock_partners.behaviours import Trace
from mock_partners.network.member import Member
from mock_partners.network.misbehaving import Dress, check_behaviours
from mock_partners.network.national_system import NationalSystem, Trade
from mock_partners.network.profiles import PROFILES
from mock_partners.network.quiet import PATIENCE_SECONDS
from mock_partners.network.tally import Tally
from mock_partners.network.topology import NetworkInvalid, check_members
from mock_partners.staging.homes import Home, Homes
from mock_partners.staging.nodes import Nodes
from mutualrecognition.operations.v1 import links_service_pb2 as operations

_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom the mock joins: the address where it is dialled, its descriptor, and the agreement's text or note."""

    administration: str
    against: str
    descriptor: bytes
    agreement: bytes


class Guest:
    """The mock partner of an invitation, with its home under ``place``.

    Raises:
        NetworkInvalid: the descriptor or the agreement does not fit it.
    """

    def __init__(self, invitation: Invitation, place: Path, maker: Homes, behaviours: Sequence[str] = ()) -> None:
        self._invitation = invitation
        self.partner = _described(invitation)
        check_behaviours({invitation.administration: behaviours} if behaviours else {}, [invitation.administration])
        self.home: Home = maker.settle(invitation.administration)
        self._dress = Dress(self.home, behaviours, Trace())
        self.descriptor_file = place / f"{invitation.administration.lower()}.note"
        self.agreement_file = place / "agreement.note"
        self.both_file = place / "agreement-both.note"
        self._offer()

    def _offer(self) -> None:
        """Hand out its descriptor, and the agreement with its signature."""
        self.descriptor_file.write_bytes(self.home.note)
        try:
            self.agreement_file.write_bytes(sign(self.home.path, self._invitation.agreement, anyway=True))
        except GatewayError as error:
            raise NetworkInvalid(f"The agreement cannot be signed: {error.sentence}") from None
        if self._is_complete(self.agreement_file):
            self.both_file.write_bytes(self.agreement_file.read_bytes())

    @property
    def words(self) -> str:
        """The words of its descriptor, which the other side is asked for."""
        return spoken(self.home.descriptor.digest)

    @property
    def is_agreed(self) -> bool:
        """Whether the agreement is there with both signatures."""
        return self.both_file.exists() and self._is_complete(self.both_file)

    def _is_complete(self, file: Path) -> bool:
        try:
            verify(file.read_bytes(), (self.home.descriptor, self.partner))
        except (GatewayError, OSError):  # not yet, or half written
            return False
        return True

    def guide(self) -> list[str]:
        """Say what the other side does, one command a line; HOME is its own home."""
        partner, signed = self.descriptor_file, self.agreement_file
        commands = [f'./run gateway partner add {partner} --home HOME --words "{self.words}"']
        if not self.is_agreed:
            commands.append(f"./run gateway agreement sign {signed} --home HOME --out {self.both_file}")
        return [*commands, f"./run gateway agreement add {self.both_file} --home HOME"]

    async def wait_until_agreed(self) -> None:
        """Wait until somebody has put the agreement with both signatures where the guide says."""
        while not self.is_agreed:  # noqa: ASYNC110  people bring it, as a file
            await asyncio.sleep(_LOOK_SECONDS)

    async def open(self) -> Visit:
        """Open its node, which dials where it was told to."""
        async with open_trust(self.home.settings, self.home.path) as keeper:
            await keeper.add_descriptor(self._invitation.descriptor, digest=self.partner.digest, by="invitation")
            await keeper.add_agreement(self.both_file.read_bytes(), by="invitation")
        against = self._invitation.against
        own = self.home.administration
        worn = replace(self._dress.collaborators, reach=lambda _partner, _address: against)
        nodes = Nodes([self.home], collaborators={own: worn})
        await nodes.start(own)
        return Visit(self.home, self.partner.administration, nodes, self._dress)


class Visit:
    """A mock partner whose node runs: its link, and what it states."""

    def __init__(self, home: Home, partner: str, nodes: Nodes, dress: Dress) -> None:
        self._member = Member.of(home, nodes)
        self._own = home.administration
        self._dress = dress
        self._partner = partner
        self._nodes = nodes
        self.tally = Tally()
        self._system: NationalSystem | None = None
        self._tasks: Sequence[asyncio.Task[None]] = ()

    async def link(self) -> operations.Link:
        """Give its link with the other side."""
        return await self._nodes.link(self._own, self._partner)

    def trade(self, *, seed: int, rate: float, vessels: int = 0) -> None:
        """Begin to state what leaves for the other side, to answer what it asks, and to misbehave as it is to."""
        exports = [Trade(self._partner, rate, PROFILES["small"], vessels)]
        system = NationalSystem(
            self._own, self._nodes.national(self._own), exports=exports, imports=(), seed=seed, tally=self.tally
        )
        self._system = system
        self._tasks = [
            asyncio.create_task(system.trade(time.time())),
            asyncio.create_task(system.answer()),
            self._dress.begin(self._member),
        ]

    async def settle(self, *, patience: float = PATIENCE_SECONDS) -> operations.Link:
        """Let nothing more depart, and wait until all is signed for, or nothing moves any more; gives the link."""
        if self._system is not None:
            self._system.end()
            await self._tasks[0]
        link, since = await self.link(), time.monotonic()
        while link.waiting or link.issued.receipted < link.issued.size:
            if time.monotonic() - since > patience:
                break
            await asyncio.sleep(_LOOK_SECONDS)
            now = await self.link()
            if now.issued.receipted != link.issued.receipted:
                since = time.monotonic()
            link = now
        return link

    async def close(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._nodes.close()


def _described(invitation: Invitation) -> Descriptor:
    try:
        partner = verify_first(invitation.descriptor)
        terms = parse_agreement(text_in(invitation.agreement)).terms
    except GatewayError as error:
        raise NetworkInvalid(error.sentence) from None
    check_members((invitation.administration, partner.administration))
    for party in (partner.administration, invitation.administration):
        if party not in terms.parties:
            raise NetworkInvalid(
                f"{party} is no party to the agreement {terms.id}, whose parties are {', '.join(terms.parties)}."
            )
    return partner
