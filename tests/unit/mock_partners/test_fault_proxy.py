"""The bad line carries bytes whole, cuts abruptly, and takes new connections after a cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mock_partners.fault_proxy import Faults, Silence, open_proxy


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("faults", [Faults(), Faults(latency=0.01), Faults(bytes_per_second=2_000_000)])
async def test_bytes_arrive_whole_and_in_order(faults: Faults) -> None:
    sent = bytes(range(256)) * 400
    async with echoing() as target, open_proxy("127.0.0.1:0", target, faults) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        assert await reader.read() == sent
        writer.close()


async def test_cut_is_abrupt_and_not_for_ever() -> None:
    async with echoing() as target, open_proxy("127.0.0.1:0", target, Faults()) as (proxy, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"before")
        assert await reader.readexactly(6) == b"before"
        proxy.cut()
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        again_reader, again_writer = await asyncio.open_connection("127.0.0.1", port)
        again_writer.write(b"after")
        assert await again_reader.readexactly(5) == b"after"
        again_writer.close()
    assert (proxy.cuts, proxy.accepted) == (2, 2)


@pytest.mark.parametrize("silent", [Silence.THERE, Silence.BACK, Silence.BOTH])
async def test_a_silent_line_tells_nobody_and_gives_everything_later(silent: Silence) -> None:
    async with echoing() as target, open_proxy("127.0.0.1:0", target, Faults()) as (proxy, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"before")
        assert await reader.readexactly(6) == b"before"
        proxy.faults = Faults(silent=silent)
        writer.write(b"meanwhile")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(1), 0.1)
        proxy.faults = Faults()
        assert await reader.readexactly(9) == b"meanwhile"
        writer.close()


async def test_a_half_open_line_is_not_told_to_whoever_dialled() -> None:
    came, gone = asyncio.Event(), asyncio.Event()

    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(6)
        came.set()
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        gone.set()
        writer.close()

    server = await asyncio.start_server(far, "127.0.0.1", 0)
    target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, open_proxy("127.0.0.1:0", target, Faults()) as (proxy, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"before")
        await came.wait()
        proxy.halve()
        await gone.wait()
        writer.write(b"is anybody there?")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        writer.close()


async def test_rate_is_kept() -> None:
    rate, size = 40_000, 8_000
    loop = asyncio.get_running_loop()
    async with echoing() as target, open_proxy("127.0.0.1:0", target, Faults(bytes_per_second=rate)) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = loop.time()
        writer.write(b"x" * size)
        await reader.readexactly(size)
        assert loop.time() - began >= size / rate
        writer.close()


async def test_a_gateway_that_is_away_refuses_the_caller() -> None:
    async with open_proxy("127.0.0.1:0", "127.0.0.1:1", Faults()) as (_, port):
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
