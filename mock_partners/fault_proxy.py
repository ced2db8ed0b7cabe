"""A bad line: a TCP proxy that cuts connections, withholds what they carry, limits bytes a second and adds latency.

It knows nothing of what it carries. A cut is abrupt (RST), as when a line dies; what was under way is lost. While
it is silent, nothing arrives, one way or both, and no end is told; what was sent then comes afterwards, as TCP sends it
again. Half open, one end has gone and the other is not told.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_CHUNK: Final = 16 * 1024
_SLICES_A_SECOND: Final = 20
_LOOK_SECONDS: Final = 0.01
_RESET: Final = struct.pack("ii", 1, 0)


class Silence(StrEnum):
    """Which way nothing arrives: there is from whoever dialled."""

    NEITHER = "neither"
    THERE = "there"
    BACK = "back"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the line: seconds between cuts, bytes/s in each direction, seconds of latency each way.

    A line that is ``silent`` takes new connections and lets them wait.
    """

    cut_every: float | None = None
    bytes_per_second: int | None = None
    latency: float = 0.0
    silent: Silence = Silence.NEITHER


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
        self._far: set[asyncio.StreamWriter] = set()
        self._left_open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Reset every connection now; new ones are taken at once."""
        self.cuts += 1
        for writer in list(self._open):
            _reset(writer)

    def halve(self) -> None:
        """Reset every connection towards the target, and do not tell whoever dialled it."""
        self.cuts += 1
        self._left_open |= self._open - self._far
        for writer in list(self._far):
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
        self._far.add(far_writer)
        pouring = [
            asyncio.create_task(self._pour(reader, far_writer, {Silence.THERE, Silence.BOTH})),
            asyncio.create_task(self._pour(far_reader, writer, {Silence.BACK, Silence.BOTH})),
        ]
        try:
            await asyncio.gather(*pouring)
        except (OSError, asyncio.IncompleteReadError):
            await _ended(*pouring)
            _reset(far_writer)
            await self._forget(reader, writer)
        finally:
            await _ended(*pouring)
            self._open -= both
            self._far.discard(far_writer)
            self._left_open.discard(writer)
            for each in both:
                each.close()

    async def _forget(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reset this end too, unless it is to be left open: then take what it sends, until it gives up by itself."""
        with suppress(OSError):
            while writer in self._left_open and await reader.read(_CHUNK):
                pass
        _reset(writer)

    async def cut_now_and_then(self) -> None:
        """Cut again and again, as ``faults`` says; for ever."""
        while True:
            if self.faults.cut_every is None:
                await asyncio.sleep(0.1)
                continue
            await asyncio.sleep(self.faults.cut_every)
            self.cut()

    async def _pour(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, silences: Collection[Silence]
    ) -> None:
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
                while self.faults.silent in silences:  # noqa: ASYNC110  whoever runs the proxy replaces its faults
                    await asyncio.sleep(_LOOK_SECONDS)
                if not data:
                    if writer not in self._left_open:
                        with suppress(OSError):
                            writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()

        taking = asyncio.create_task(take())
        try:
            await asyncio.gather(taking, give())
        finally:
            await _ended(taking)

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


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
