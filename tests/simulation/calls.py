"""Calls between nodes beside the link: documents are fetched and offered over the same simulated lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import grpc

from gateway.errors import GatewayError
from gateway.rpc.dialer import Line, Stream
from gateway.rpc.status import status_of
from tests.simulation.network import Network, Side

LOOK_SECONDS = 0.25
"""How often a call that waits for a closed line looks whether it is open again."""

Answer = Callable[[str, bytes], Awaitable[bytes]]
"""The method's name and the request, for the response."""


class Dialer:
    """The product's dialer, over simulated lines."""

    def __init__(self, network: Network, own: str) -> None:
        self._network = network
        self._own = own

    def dial(self, partner: str) -> AbstractAsyncContextManager[Stream]:
        return _dialled(self._network.stream(self._own, partner))

    def line(self, partner: str) -> AbstractAsyncContextManager[Line]:
        return _opened(_Channel(self._network, self._own, partner))


def _believed() -> None:
    """The simulated world has no certificates."""


@asynccontextmanager
async def _dialled(stream: AbstractAsyncContextManager[tuple[Side, Any]]) -> AsyncIterator[Stream]:
    async with stream as (side, write):
        yield Stream(side, write, _believed, name="")


@asynccontextmanager
async def _opened(channel: Any) -> AsyncIterator[Line]:
    yield Line(channel, _believed, name="")


class _Channel:
    """What a gRPC stub needs of a channel."""

    def __init__(self, network: Network, own: str, peer: str) -> None:
        self._network = network
        self._own, self._peer = own, peer

    def stream_stream(self, path: str, **options: Any) -> None:
        """The link itself is not dialled this way."""

    def unary_unary(self, path: str, *, request_serializer: Any, response_deserializer: Any, **options: Any) -> Any:
        async def call(request: Any, *, timeout: float, metadata: Any = ()) -> Any:  # noqa: ASYNC109  as gRPC has it
            try:
                async with asyncio.timeout(timeout):
                    return response_deserializer(await self._call(path.rpartition("/")[2], request_serializer(request)))
            except TimeoutError:
                raise failed(grpc.StatusCode.DEADLINE_EXCEEDED, "too late") from None

        return call

    async def _call(self, method: str, request: bytes) -> bytes:
        await self._cross(self._own, self._peer)
        found = self._network.listening(self._peer)
        if found is None:
            raise failed(grpc.StatusCode.UNAVAILABLE, "nobody is there")
        process, door = found
        work = process.begin(door.answer(self._own, method, request))
        try:
            response: bytes = await work
        except asyncio.CancelledError:
            if process.alive:
                raise
            raise failed(grpc.StatusCode.UNAVAILABLE, "the line is gone") from None
        except GatewayError as error:
            raise refused(error) from None
        await self._cross(self._peer, self._own)
        return response

    async def _cross(self, one: str, other: str) -> None:
        way = self._network.ways[one, other]
        while not way.is_open:  # noqa: ASYNC110  simulated time costs nothing
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(way.delay)


def refused(error: GatewayError) -> grpc.aio.AioRpcError:
    """Give the status that a door adds for this error, as its caller gets it."""
    status = status_of(error, "")
    metadata = grpc.aio.Metadata(*(status.trailing_metadata or ()))
    return grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), metadata, status.details)


def failed(code: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)
