"""Which version of this side's descriptor each partner holds, by what its last open session has shown."""

from __future__ import annotations

import asyncio

from gateway.ports.documents import WaitingDocuments


class HeldVersions:
    """In memory for whoever asks, and in the store for the next start. One that is lost with a crash is shown again."""

    def __init__(self, documents: WaitingDocuments) -> None:
        self._documents = documents
        self._versions: dict[str, int] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        """Take up what the store knows."""
        self._versions = dict(await self._documents.versions_held())

    def of(self, partner: str) -> int:
        """Give the version; 0 when the partner has never shown one."""
        return self._versions.get(partner, 0)

    def note(self, partner: str, version: int) -> None:
        """A session has opened, and its partner's Hello has shown this version."""
        if self.of(partner) == version:
            return
        self._versions[partner] = version
        task = asyncio.create_task(self._documents.note_held(partner, version))
        self._writing.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: a store that fails tells so in many places
