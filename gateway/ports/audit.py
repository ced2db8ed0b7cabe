"""The audit log as a store keeps it: it only grows, and nothing is changed without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.evidence.audit import AuditEntry
from gateway.linklog.tree import CompactRange


class AuditLog(Protocol):
    """Reads the audit log, and writes what has no effect of its own in the store.

    What has one is written with it: every method of another port that changes something writes its entry in the same
    transaction, and fails with AuditFailed, changing nothing, when the entry cannot be written.
    """

    async def note(self, *, actor: str, action: str, detail: str) -> None:
        """Write one entry; raises AuditFailed when it cannot be written. No record content may stand in it."""
        ...

    async def entries(self, *, first: int, limit: int) -> Sequence[AuditEntry]:
        """Entries from the index ``first`` on, at most ``limit``."""
        ...

    async def head(self) -> CompactRange:
        """The tree over all entries, as the transaction of the newest one left it."""
        ...

    async def keep_checkpoint(self, *, size: int, time: int, note: bytes) -> None:
        """Keep a signed head; another one for the same size changes nothing."""
        ...

    async def newest_checkpoint(self) -> bytes:
        """The signed head of the largest size, empty when there is none."""
        ...
