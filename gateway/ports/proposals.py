"""Proposals: changes of trust that one officer has asked for and another one has yet to approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.ports.documents import DocumentType


class Settlement(StrEnum):
    """What became of a proposal."""

    APPROVED = "APPROVED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A document that waits for a second officer. ``number`` is this node's own; times are POSIX seconds.

    ``digest`` is that of the note's text. The note passed every check when it was proposed, and is checked again when
    it is approved: what is trusted may have changed.
    """

    number: int
    type: DocumentType
    identity: str
    version: int
    digest: bytes
    note: bytes
    proposed_by: str
    proposed_at: int
    expires_at: int


class Proposals(Protocol):
    """Keeps proposals, each step with its audit entry in one transaction."""

    async def propose(self, proposal: Proposal) -> int:
        """Keep a proposal and give its number; ``proposal.number`` is not looked at."""
        ...

    async def pending(self) -> Sequence[Proposal]:
        """Those that nobody has settled, oldest first; also those whose time is over."""
        ...

    async def settle(self, number: int, settlement: Settlement, *, by: str, detail: str, at: int) -> None:
        """End a proposal; raises Absent when there is none of this number that waits."""
        ...
