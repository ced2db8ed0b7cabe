"""A bad line: a TCP proxy that cuts connections, limits bytes a second and adds latency.

It knows nothing of what it carries. A cut is abrupt (RST), as when a line dies; what was under way is lost.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

_CHUNK: Final = 16 * 1024
_SLICES_A_SECOND: Final = 20
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the line: seconds between cuts, bytes/s in each direction, seconds of latency each way."""

    cut_every: float | None = None
    bytes_per_second: int | None = None
    latency: float = 0.0


class FaultProxy:
    """Carries bytes between whoever dials it and ``target``; ``faults`` may be replaced while it runs.

    While it is ``dead``, whoever dials it is cut off at once.
    """

    def __init__(self, target: tuple[str, int], faults: Faults) -> None:
        self.faults = faults
        self.dead = False
        self.cuts = 0
        self.accepted = 0
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Reset every connection now; new ones are taken at once."""
        self.cuts += 1
        for writer in list(self._open):
            _reset(writer)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either end closes it or it is cut."""
        if self.dead:
            _reset(writer)
            return
        self.accepted += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            return
        both = {writer, far_writer}
        self._open |= both
        try:
            await asyncio.gather(self._pour(reader, far_writer), self._pour(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            for each in both:
                _reset(each)
        finally:
            self._open -= both
            for each in both:
                each.close()

    async def cut_now_and_then(self) -> None:
        """Cut again and again, as ``faults`` says; for ever."""
        while True:
            if self.faults.cut_every is None:
                await asyncio.sleep(0.1)
                continue
            await asyncio.sleep(self.faults.cut_every)
            self.cut()

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=64)

        async def take() -> None:
            while data := await reader.read(self._slice()):
                await self._pace(len(data))
                await held.put((loop.time() + self.faults.latency, data))
            await held.put((loop.time() + self.faults.latency, b""))

        async def give() -> None:
            while True:
                due, data = await held.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    with suppress(OSError):
                        writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()

        taking = asyncio.create_task(take())
        try:
            await asyncio.gather(taking, give())
        finally:
            taking.cancel()

    def _slice(self) -> int:
        rate = self.faults.bytes_per_second
        return _CHUNK if rate is None else max(1, min(_CHUNK, rate // _SLICES_A_SECOND))

    async def _pace(self, size: int) -> None:
        if self.faults.bytes_per_second is not None:
            await asyncio.sleep(size / self.faults.bytes_per_second)


@asynccontextmanager
async def open_proxy(listen: str, target: str, faults: Faults) -> AsyncIterator[tuple[FaultProxy, int]]:
    """Run a proxy for as long as the context is open; gives it and its port."""
    proxy = FaultProxy(_host_and_port(target), faults)
    host, port = _host_and_port(listen)
    server = await asyncio.start_server(proxy.carry, host, port)
    cutting = asyncio.create_task(proxy.cut_now_and_then())
    try:
        yield proxy, server.sockets[0].getsockname()[1]
    finally:
        cutting.cancel()
        server.close()
        proxy.cut()


async def run(listen: str, target: str, faults: Faults, told: Callable[[str], None]) -> None:
    """Run a proxy until the program is stopped."""
    async with open_proxy(listen, target, faults) as (_, port):
        told(f"bad line: port {port} leads to {target}")
        await asyncio.Event().wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN, so that neither end takes it for a planned end."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
