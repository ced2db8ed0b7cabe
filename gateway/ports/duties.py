"""How far the duties of a node have come, so that one that is stopped goes on where it was."""

from __future__ import annotations

from typing import Protocol


class Duties(Protocol):
    """Keeps a position for each duty, by its name. A duty must bear being repeated from its position on."""

    async def position(self, duty: str) -> str:
        """How far it has come, in its own words; empty at the beginning."""
        ...

    async def keep(self, duty: str, position: str) -> None:
        """Keep how far it has come."""
        ...
