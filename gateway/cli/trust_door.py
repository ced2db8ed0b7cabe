"""Descriptors and agreements of a node, whether it runs or not: a running one is asked, else its store is opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.cli.called_node import ask_node
from gateway.cli.client import CALL_SECONDS, keys, operations
from gateway.exchange.four_eyes import Added
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.ports.documents import DocumentType
from mutualrecognition.operations.v1 import keys_service_pb2 as keys_pb
from mutualrecognition.operations.v1 import links_service_pb2 as pb

BY: str = "local command"
_TYPES = {
    pb.DOCUMENT_TYPE_DESCRIPTOR: DocumentType.DESCRIPTOR,
    pb.DOCUMENT_TYPE_AGREEMENT: DocumentType.AGREEMENT,
}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A signed note that the node holds; ``added_at`` in POSIX seconds."""

    type: DocumentType
    identity: str
    version: int
    digest: bytes
    note: bytes
    added_at: int


def add_partner(home: Path, note: bytes, digest: bytes) -> Added:
    """Add a partner's first descriptor, or propose it to a second officer."""

    async def offline(keeper: TrustKeeper) -> Added:
        return Added(await keeper.add_descriptor(note, digest=digest, by=BY), 1)

    def online() -> Added:
        with operations(home) as (_, trust):
            request = pb.AddPartnerRequest(descriptor=note, digest=digest)
            added = trust.AddPartner(request, timeout=CALL_SECONDS)
            return Added(added.administration, 1, added.proposal)

    return _either(home, offline, online, by_two=True)


def add_agreement(home: Path, note: bytes) -> Added:
    """Add an agreement that both sides have signed, or propose it to a second officer."""

    async def offline(keeper: TrustKeeper) -> Added:
        return Added(*await keeper.add_agreement(note, by=BY))

    def online() -> Added:
        with operations(home) as (_, trust):
            added = trust.AddAgreement(pb.AddAgreementRequest(agreement=note), timeout=CALL_SECONDS)
            return Added(added.id, added.version, added.proposal)

    return _either(home, offline, online, by_two=True)


def publish_descriptor(home: Path, note: bytes, *, replace_planned: bool = False) -> int:
    """Take the next version of the node's own descriptor into force, now or when it says; gives the version."""

    def stopped() -> int:
        from gateway.cli.stopped_node import with_plans  # noqa: PLC0415  all of a node, where none runs

        return with_plans(home, lambda plans: plans.publish(note, by=BY, replace=replace_planned)).version

    def running() -> int:
        with keys(home) as service:
            request = keys_pb.PublishDescriptorRequest(descriptor=note, replace_planned=replace_planned)
            return int(service.PublishDescriptor(request, timeout=CALL_SECONDS).version)

    return ask_node(home, running=running, stopped=stopped)


def reload_keys(home: Path) -> bool:
    """Have a running node read its files again; False when none runs, which reads them when it starts."""

    async def offline(_: TrustKeeper) -> bool:
        return False

    def online() -> bool:
        with keys(home) as service:
            service.ReloadKeys(keys_pb.ReloadKeysRequest(), timeout=CALL_SECONDS)
        return True

    return _either(home, offline, online)


def suspend_agreement(home: Path, identity: str, *, reason: str, at_once: bool) -> int:
    """Suspend an agreement on this side's own word; gives when it begins, POSIX seconds."""

    def online() -> int:
        with operations(home) as (_, trust):
            request = pb.SuspendAgreementRequest(id=identity, reason=reason, at_once=at_once)
            return int(trust.SuspendAgreement(request, timeout=CALL_SECONDS).begins.seconds)

    return _either(home, lambda keeper: keeper.pause_agreement(identity, reason=reason, at_once=at_once, by=BY), online)


def resume_agreement(home: Path, identity: str, *, reason: str) -> None:
    """Let an agreement count again that this side has suspended."""

    def online() -> None:
        with operations(home) as (_, trust):
            trust.ResumeAgreement(pb.ResumeAgreementRequest(id=identity, reason=reason), timeout=CALL_SECONDS)

    _either(home, lambda keeper: keeper.lift_pause(identity, reason=reason, by=BY), online, by_two=True)


def node_runs(home: Path) -> bool:
    """Say whether the node has its store open."""
    return ask_node(home, running=lambda: True, stopped=lambda: False)


def held_documents(home: Path, wanted: DocumentType) -> list[HeldDocument]:
    """Give the node's descriptors (its own too) or agreements, oldest first."""

    async def offline(keeper: TrustKeeper) -> list[HeldDocument]:
        return [
            HeldDocument(each.type, each.identity, each.version, each.digest, each.note, each.added_at)
            for each in await keeper.stored()
            if each.type is wanted
        ]

    def online() -> list[HeldDocument]:
        with operations(home) as (_, trust):
            answer = trust.ListDocuments(pb.ListDocumentsRequest(), timeout=CALL_SECONDS)
        return [
            HeldDocument(_TYPES[each.type], each.id, each.version, each.digest, each.note, each.added_at.seconds)
            for each in answer.documents
            if _TYPES.get(each.type) is wanted
        ]

    return _either(home, offline, online)


def _either(
    home: Path,
    offline: Callable[[TrustKeeper], Awaitable[Result]],
    online: Callable[[], Result],
    *,
    by_two: bool = False,
) -> Result:
    """Ask the node, or open its store. ``by_two``: where four eyes are asked for, the store alone will not do.

    Raises:
        FourEyesNeeded: the node does not run, and two officers can only be told apart when they call it.
    """

    def stopped() -> Result:
        from gateway.cli.stopped_node import with_trust  # noqa: PLC0415  all of a node, where none runs

        return with_trust(home, offline, by_two=by_two)

    return ask_node(home, running=online, stopped=stopped)
