"""A partner that changes its keys: as it should, or going on with one that has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from gateway.linklog.keys import DatedKey
from gateway.signers.roles import LOG, ROOT, add_key, load_signers
from gateway.trust.descriptors import sign_descriptor
from gateway.trust.names import log_key_name, root_key_name
from gateway.trust.revision import Revision
from mock_partners.behaviours.behaviour import Behaviour, Member, Own
from mock_partners.behaviours.sessions import InSessions, Session
from mock_partners.behaviours.signing import checkpoint_of, signed
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.operations.v1 import keys_service_pb2 as pb
from mutualrecognition.operations.v1.keys_service_pb2_grpc import KeysServiceStub

_BACKDATED: Final = 300
_LIFE: Final = 365 * 86_400
_SECONDS: Final = 30


class RolledKeys(Behaviour):
    """Takes another key."""

    name = "rolled-keys"
    does = "It ends its log key now and goes on with a new one, by a new descriptor that it publishes itself."
    honest = (
        "They take the next descriptor without people, greet anew and go on; what was signed before stays proven "
        "by the key of then."
    )

    async def act(self, member: Member) -> None:
        """Publish the descriptor that says so."""
        await roll_log_key(self.own, member)
        self.own.trace.deed(self.own.administration, "takes a new log key", behaviour=self.name)


class ExpiredKeys(InSessions):
    """Goes on with the old key."""

    name = "expired-keys"
    does = "Its descriptor ends its log key and names a new one; it goes on signing with the one that has ended."
    honest = (
        "They take nothing that was signed after the end of its key, and say KEY_NOT_VALID; when the issuer signs "
        "with a key that counts, everything comes."
    )

    async def act(self, member: Member) -> None:
        """End the key, and keep it."""
        self._old = self.own.log_signers[-1:]
        await roll_log_key(self.own, member)
        self.own.trace.deed(self.own.administration, "goes on with a key that has ended", behaviour=self.name)

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:  # noqa: ARG002
        """Sign batches with the old key, once there is a new one."""
        if frame.HasField("batch") and hasattr(self, "_old"):
            old = LinkFrame()
            old.CopyFrom(frame)
            old.batch.checkpoint = signed(self.own, checkpoint_of(frame.batch), self._old)
            frame = self.marked(old)
        yield frame


async def roll_log_key(own: Own, member: Member) -> None:
    """End every log key of the node now, and have it publish a new one."""
    now, known = own.clock.now(), own.book.descriptor_of(own.administration)
    keys = own.home / own.config.files.keys
    signer, _ = add_key(keys, LOG, log_key_name(known.domain))
    revision = Revision(
        ends={each.key.bare: now for each in known.log_keys if each.counts_at(now)},
        new_log_keys=(DatedKey(signer.key, now - _BACKDATED, now + _LIFE),),
    )
    note = sign_descriptor(revision.after(known, issued=now), load_signers(keys, ROOT, root_key_name(known.domain)))
    stub = KeysServiceStub(member.operations_channel())
    await stub.PublishDescriptor(pb.PublishDescriptorRequest(descriptor=note), timeout=_SECONDS)
