"""Descriptors and agreements as a store keeps them: exact bytes, every version, for ever."""

from __future__ import annotations

from collections.abc import Sequence
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
