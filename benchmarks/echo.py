"""The yardstick: a bare unary gRPC echo over mutual TLS, nothing signed, nothing stored.

Run as a program it is the server: ``python -m benchmarks.echo DIRECTORY``, with the certificates in the directory.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

import gateway.rpc  # noqa: F401  before grpc: the same TLS as the nodes have
from certs.authority import Authority

METHOD: Final = "/benchmarks.Echo/Echo"
UNDER_WAY: Final = 64
"""Calls at once: a client that waits for each answer measures the waiting."""

_DOMAIN: Final = "echo.example"
_OPTIONS: Final = [("grpc.ssl_target_name_override", f"gateway.{_DOMAIN}")]


@dataclass(frozen=True, slots=True)
class _Files:
    """What both ends show and trust."""

    key: bytes
    chain: bytes
    root: bytes

    @classmethod
    def make(cls, directory: Path) -> _Files:
        authority = Authority.create(_DOMAIN)
        authority.issue_gateway("1").write(directory, "echo")
        (directory / "ca.pem").write_bytes(authority.anchor_pem)
        return cls.read(directory)

    @classmethod
    def read(cls, directory: Path) -> _Files:
        return cls(*((directory / name).read_bytes() for name in ("echo.key", "echo.pem", "ca.pem")))


class Echo:
    """A client of the echo, whose server runs in a process of its own."""

    def __init__(self, address: str, files: _Files, pid: int) -> None:
        self.pid = pid
        self._address = address
        self._credentials = grpc.ssl_channel_credentials(files.root, files.key, files.chain)

    def rate(self, payload: bytes, *, calls: int) -> float:
        """Give calls a second with many under way."""
        return asyncio.run(self._rate(payload, calls))

    def seconds_alone(self, payload: bytes, *, calls: int) -> list[float]:
        """Give the seconds of each of ``calls`` calls, one after the other."""
        took = []
        with grpc.secure_channel(self._address, self._credentials, _OPTIONS) as channel:
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
            for _ in range(calls):
                began = time.perf_counter()
                call(payload)
                took.append(time.perf_counter() - began)
        return took

    async def _rate(self, payload: bytes, calls: int) -> float:
        async with grpc.aio.secure_channel(self._address, self._credentials, _OPTIONS) as channel:
            call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
            await call(payload)
            remaining = iter(range(calls))

            async def caller() -> None:
                for _ in remaining:
                    await call(payload)

            began = time.perf_counter()
            await asyncio.gather(*(caller() for _ in range(UNDER_WAY)))
            return calls / (time.perf_counter() - began)


@contextmanager
def echo(directory: Path) -> Iterator[Echo]:
    """Run the server for as long as the context is open."""
    directory.mkdir()
    files = _Files.make(directory)
    command = [sys.executable, "-m", "benchmarks.echo", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as server:
        try:
            assert server.stdout is not None
            yield Echo(f"127.0.0.1:{int(server.stdout.readline())}", files, server.pid)
        finally:
            server.terminate()


async def _answer(request: bytes, context: object) -> bytes:  # noqa: ARG001
    return request


async def _serve(directory: Path) -> None:
    """Serve until stopped; the port is the one line of output."""
    files = _Files.read(directory)
    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_answer)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("benchmarks.Echo", {"Echo": handler}),))
    credentials = grpc.ssl_server_credentials([(files.key, files.chain)], files.root, require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
