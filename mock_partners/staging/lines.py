"""The lines between the nodes of a play, for those that cut them: each node's peer port stands behind a proxy."""

from __future__ import annotations

from contextlib import AsyncExitStack

from gateway.config import Config
from mock_partners.fault_proxy import Faults, open_proxy
from mock_partners.staging.homes import Home


class Lines:
    """Lays a line to every node that is on, at the address that its descriptor names; cuts and mends all of them."""

    def __init__(self) -> None:
        self._ends: dict[str, tuple[str, int]] = {}
        self._laid: dict[str, AsyncExitStack] = {}
        self._whole = True

    def behind(self, home: Home) -> Config:
        """Give the settings of a node whose peer port stands behind a line."""
        peer = home.settings.peer.model_copy(update={"listen": "127.0.0.1:0"})
        return home.settings.model_copy(update={"peer": peer})

    async def lay(self, home: Home, port: int) -> None:
        """Lay the line to a node that listens at ``port``; while all are cut it is cut too."""
        self._ends[home.administration] = (home.peer, port)
        if self._whole:
            await self._open(home.administration)

    async def take_up(self, administration: str) -> None:
        """Take away the line to a node that goes off."""
        del self._ends[administration]
        if stack := self._laid.pop(administration, None):
            await stack.aclose()

    async def cut(self) -> None:
        """Cut every line, abruptly; nobody can dial anybody until they are mended."""
        self._whole = False
        for stack in self._laid.values():
            await stack.aclose()
        self._laid.clear()

    async def mend(self) -> None:
        """Lay every line anew."""
        self._whole = True
        for administration in self._ends.keys() - self._laid.keys():
            await self._open(administration)

    async def _open(self, administration: str) -> None:
        address, port = self._ends[administration]
        stack = AsyncExitStack()
        await stack.enter_async_context(open_proxy(address, f"127.0.0.1:{port}", Faults()))
        self._laid[administration] = stack
