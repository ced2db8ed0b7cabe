"""The rogue's end of one link: what it holds, how it dials, and what it says in Hello (sections 11 to 13)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from mock_partners.rogue import logs, records
from mock_partners.rogue.agreements import Agreement
from mock_partners.rogue.certificates import Credential
from mock_partners.rogue.descriptors import Partner
from mock_partners.rogue.identity import Identity
from mock_partners.rogue.logs import Log
from mock_partners.rogue.notes import Key
from mock_partners.rogue.session import Session
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub

SECONDS: Final = 30.0
"""Longer than any answer takes on a machine under load."""

LIMITS: Final = pb.Limits(batch_records=100, batch_bytes=128 * 1024, window_batches=16, window_bytes=4 * 1024 * 1024)
_MESSAGE_BYTES: Final = 1024 * 1024 + 64 * 1024
_OPTIONS: Final = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", -1),
]


class Unarmed(Exception):
    """The rogue lacks what an attack needs."""


@dataclass
class Link:
    """A link of the rogue's with a real gateway at ``address``.

    ``now`` is its clock, ``wait`` lets time pass on both sides. The first of ``agreements`` is the one under which it
    states; ``stolen`` is the partner's own log key, where it has that; ``credential`` is its good certificate.
    """

    identity: Identity
    partner: Partner
    address: str
    agreements: Sequence[Agreement]
    now: Callable[[], int]
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    stolen: Key | None = None
    issued: Log = field(init=False)
    held: Log = field(init=False)
    credential: Credential = field(init=False)

    def __post_init__(self) -> None:
        own, partner = self.identity, self.partner
        self.issued = Log(logs.origin(own.domain, partner.administration))
        self.held = Log(logs.origin(partner.domain, own.administration))
        self.credential = own.authority.good(own.domain)

    @property
    def stolen_key(self) -> Key:
        """The partner's own log key.

        Raises:
            Unarmed: it was never stolen.
        """
        if self.stolen is None:
            raise Unarmed("This needs the partner's log key, which only a gateway brought up for a trial gives away.")
        return self.stolen

    @property
    def ended_agreement(self) -> Agreement:
        """One of the agreements that has ended.

        Raises:
            Unarmed: none has.
        """
        for each in self.agreements:
            if each.valid_until <= self.now():
                return each
        raise Unarmed("This needs an agreement that both have signed and that has ended.")

    @property
    def speaks_first(self) -> bool:
        """Whether this end has the higher id (R-SES-02)."""
        return self.identity.administration > self.partner.administration

    def hello(self) -> pb.Hello:
        """Say the truth."""
        descriptor = self.identity.descriptor
        hello = pb.Hello(
            versions=[1],
            to=self.partner.administration,
            session=os.urandom(16),
            time=self.now(),
            descriptor=pb.DocumentVersion(version=descriptor.version, digest=descriptor.digest),
            descriptor_held=pb.DocumentVersion(version=self.partner.version, digest=self.partner.digest),
            agreements=[
                pb.AgreementVersion(id=each.id, version=each.version, digest=each.digest)
                for each in self.agreements
                if each.valid_until > self.now()
            ],
            issued=self.issued.position,
            held=self.held.position,
            limits=LIMITS,
        )
        setattr(hello, "from", self.identity.administration)  # the field's name is a word of Python's
        return hello

    def record(self) -> bytes:
        """State something true to form: a control, under the first agreement."""
        made = records.outcome(self.identity.administration, self.agreements[0], self.now())
        return made.SerializeToString()

    def batch(self, *entries: bytes) -> pb.Batch:
        """Make the next batch of these records, or of one honest record."""
        return logs.batch(self.issued, self.identity.log, entries or [self.record()])

    @asynccontextmanager
    async def channel(self, credential: Credential | None = None) -> AsyncIterator[grpc.aio.Channel]:
        """Dial, with the good certificate or another; the partner's anchors alone vouch for the partner (R-TLS-04)."""
        shown = credential or self.credential
        tls = grpc.ssl_channel_credentials(self.anchors_pem, shown.key, shown.chain)
        name = ("grpc.ssl_target_name_override", f"gateway.{self.partner.domain}")
        async with grpc.aio.secure_channel(self.address, tls, options=[*_OPTIONS, name]) as channel:
            yield channel

    @property
    def anchors_pem(self) -> bytes:
        """Who may vouch for the partner."""
        return b"".join(
            x509.load_der_x509_certificate(each).public_bytes(Encoding.PEM) for each in self.partner.anchors
        )

    @asynccontextmanager
    async def connected(
        self, credential: Credential | None = None, *, compression: grpc.Compression | None = None
    ) -> AsyncIterator[Session]:
        """Begin a session; nothing is said yet."""
        async with self.channel(credential) as channel:
            yield Session(self, FederationServiceStub(channel).Link(timeout=SECONDS, compression=compression))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Session]:
        """Begin a session, and greet as is due."""
        async with self.connected() as session:
            await session.greet()
            yield session
