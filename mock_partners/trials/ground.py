"""The ground of a trial: NL, the gateway on trial, its honest partner CN, and the rogues, who are its partners too."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from google.protobuf.json_format import ParseDict

from gateway.at_rest import open_trust
from gateway.cli.agreement_files import sign
from mock_partners.rogue.agreements import Agreement
from mock_partners.rogue.descriptors import Partner
from mock_partners.rogue.identity import Identity
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import NOTE, Key, note
from mock_partners.staging.agreements import agreement_text
from mock_partners.staging.clock import StageClock
from mock_partners.staging.homes import Home, Homes
from mock_partners.staging.nodes import CALL_SECONDS, Nodes, until
from mock_partners.staging.script import AgreementUse
from mock_partners.traffic.generator import Traffic
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import audit_service_pb2 as audit
from mutualrecognition.operations.v1 import links_service_pb2 as operations

ON_TRIAL: Final = "NL"
HONEST: Final = "CN"
_DAY: Final = 24 * 3600
_BRIEF_SECONDS: Final = 60


@dataclass
class Ground:
    """Open nodes, and the rogues' ends of their links with the one on trial."""

    nodes: Nodes
    clock: StageClock
    gateway: Home
    links: dict[str, Link]
    _honest: Iterator[dict[str, object]]
    _delivered: int = 0

    async def honest_delivers(self) -> str:
        """Have the honest partner state something, and wait for its receipt; gives the name of its session."""
        submission = ParseDict(next(self._honest), national.Submission())
        await self.nodes.records(HONEST).SubmitRecords(
            national.SubmitRecordsRequest(submissions=[submission]), timeout=CALL_SECONDS
        )
        self._delivered += 1
        link = await until(
            lambda: self.nodes.link(HONEST, ON_TRIAL),
            lambda seen: seen.issued.receipted >= self._delivered,
            "the receipt for the honest partner's record",
        )
        return link.session

    async def link_with(self, rogue: str) -> operations.Link:
        """Give the gateway's own view of its link with a rogue."""
        return await self.nodes.link(ON_TRIAL, rogue)

    async def resume(self, rogue: str) -> None:
        """Have the gateway's operator forgive a rogue."""
        request = operations.ResumeLinkRequest(partner=rogue, reason="the next attack")
        await self.nodes.links(ON_TRIAL).ResumeLink(request, timeout=CALL_SECONDS)

    async def audited(self, first: int) -> list[audit.AuditEntry]:
        """Give what the gateway's audit log says from an index on."""
        request = audit.ListAuditEntriesRequest(first=first)
        return list((await self.nodes.audit(ON_TRIAL).ListAuditEntries(request, timeout=CALL_SECONDS)).entries)

    async def audit_size(self) -> int:
        """Say how many entries the audit log has."""
        request = audit.ListAuditEntriesRequest(limit=1)
        return (await self.nodes.audit(ON_TRIAL).ListAuditEntries(request, timeout=CALL_SECONDS)).size


@asynccontextmanager
async def open_ground(place: Path, rogues: Sequence[str], homes: Homes | None = None) -> AsyncIterator[Ground]:
    """Bring up the gateway on trial and its honest partner at ``place``, and make the rogues its partners.

    One minute passes at once, in which a brief agreement with each rogue ends. ``homes`` are made anew if left out.
    """
    clock = StageClock(int(time.time()))
    with nullcontext(homes) if homes else closing(Homes(place / "homes")) as kept:
        gateway, honest = kept.copy(ON_TRIAL, place), _dialling_only(kept.copy(HONEST, place))
        nodes = Nodes((gateway, honest), clock=clock)
        use = AgreementUse(base="security", parties=(HONEST, ON_TRIAL))
        await nodes.introduce([((HONEST, ON_TRIAL), agreement_text(use))])
        links = await _introduce(gateway, clock, rogues)
        clock.advance(_BRIEF_SECONDS)
        try:
            for name in (ON_TRIAL, HONEST):
                await nodes.start(name)
            await nodes.wait_for_links(HONEST)
            traffic = Traffic(1, issuers=(HONEST,), aeo=False).submissions(1_000_000)
            yield Ground(nodes, clock, gateway, links, traffic)
        finally:
            await nodes.close()


def _dialling_only(home: Home) -> Home:
    """Let a node open no port for partners: then its link has one session from the beginning, not two that race."""
    peer = home.settings.peer.model_copy(update={"listen": None})
    return replace(home, settings=home.settings.model_copy(update={"peer": peer}))


async def _introduce(gateway: Home, clock: StageClock, rogues: Sequence[str]) -> dict[str, Link]:
    """Do at the gateway what its officers would: compare the digest, sign the agreements, add them."""
    links: dict[str, Link] = {}
    async with open_trust(gateway.settings, gateway.path, clock=clock) as keeper:
        for rogue in rogues:
            identity = Identity.new(rogue, clock.now())
            await keeper.add_descriptor(identity.note, digest=identity.descriptor.digest, by="trial")
            agreements = agreements_of(rogue, ON_TRIAL, clock.now())
            for agreement in agreements:
                own = note(agreement.text, identity.root.line(f"{identity.domain}/root", agreement.text))
                await keeper.add_agreement(sign(gateway.path, own), by="trial")
            partner, stolen = Partner.parse(gateway.note), _log_key(gateway)
            links[rogue] = Link(identity, partner, gateway.peer, agreements, clock.now, stolen=stolen)
    return links


def _log_key(gateway: Home) -> Key:
    """Steal the gateway's log key."""
    pem = next((gateway.path / gateway.settings.files.keys).glob("log.*.key")).read_bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, Ed25519PrivateKey)
    return Key(NOTE, key.private_bytes_raw())


def agreements_of(rogue: str, partner: str, now: int) -> tuple[Agreement, ...]:
    """Give the terms that a rogue has with its partner: one agreement for long, and one that is about to end."""
    parties, begin = (rogue, partner), now - _DAY
    name = f"{rogue}-{partner}".lower()
    lasting = Agreement(f"{name}-rogue", parties, begin, now + 30 * _DAY)
    return lasting, Agreement(f"{name}-brief", parties, begin, now + _BRIEF_SECONDS)
