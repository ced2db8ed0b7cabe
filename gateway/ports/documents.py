"""Descriptors and agreements as a store keeps them: exact bytes, every version, for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class DocumentType(StrEnum):
    """What a signed note is."""

    DESCRIPTOR = "DESCRIPTOR"
    AGREEMENT = "AGREEMENT"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A signed note that passed every check when it was added.

    ``identity`` is the administration id or the agreement id; ``digest`` SHA-256 of the note text; ``added_at``
    POSIX seconds; ``added_by`` who added it.
    """

    type: DocumentType
    identity: str
    version: int
    digest: bytes
    note: bytes
    added_at: int
    added_by: str


@dataclass(frozen=True, slots=True)
class Pause:
    """One side's word that an agreement does not count from ``begins`` on: who said so when, and why."""

    agreement: str
    begins: int
    reason: str
    by: str
    at: int


class Documents(Protocol):
    """Keeps trust documents. What may be added is for ``gateway.trust`` to decide, before it comes here."""

    async def documents(self) -> Sequence[StoredDocument]:
        """All, oldest first."""
        ...

    async def add_document(self, document: StoredDocument) -> None:
        """Keep one more version, with an audit entry; the same digest again changes nothing.

        Another digest for a version that is there raises DescriptorFork, or Conflict for an agreement.
        """
        ...

    async def pauses(self) -> Sequence[Pause]:
        """Agreements that this side has suspended, or will when the notice is over."""
        ...

    async def pause(self, pause: Pause) -> None:
        """Suspend an agreement, with an audit entry; an earlier pause of the same is replaced."""
        ...

    async def lift_pause(self, agreement: str, *, reason: str, by: str, at: int) -> None:
        """Let an agreement count again, with an audit entry; raises Absent when it was not suspended."""
        ...


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A signed note that is not in force. ``source`` is the partner that has offered it, empty for one's own plan.

    ``digest`` is SHA-256 of the note text; ``received_at`` POSIX seconds.
    """

    source: str
    digest: bytes
    note: bytes
    received_at: int


class WaitingDocuments(Protocol):
    """Keeps what is not in force yet, and what partners have shown that they hold."""

    async def waiting(self) -> Sequence[WaitingDocument]:
        """All, oldest first."""
        ...

    async def keep(self, document: WaitingDocument, *, actor: str, most: int) -> None:
        """Let one more wait, with an audit entry; the same digest of the same source again changes nothing.

        Raises Pressure when ``most`` of this source wait already.
        """
        ...

    async def settle(self, document: WaitingDocument, *, outcome: str, actor: str, at: int) -> None:
        """Let one wait no longer, with an audit entry that has the outcome; one that is not there changes nothing."""
        ...

    async def versions_held(self) -> Mapping[str, int]:
        """Which version of this administration's own descriptor each partner has shown last."""
        ...

    async def note_held(self, partner: str, version: int) -> None:
        """Keep which version a partner has shown."""
