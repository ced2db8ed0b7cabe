"""The yardstick: a bare unary gRPC echo over mutual TLS, nothing signed, nothing stored.

Run as a program it is the server; ``measure`` is the client. Several calls are kept under way, since a client that
waits for each answer measures the waiting.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import grpc

from certs.authority import Authority

METHOD = "/benchmarks.Echo/Echo"
UNDER_WAY = 64


def _credentials(directory: Path) -> tuple[bytes, bytes, bytes]:
    return tuple((directory / name).read_bytes() for name in ("echo.key", "echo.pem", "ca.pem"))  # type: ignore[return-value]


def make_credentials(directory: Path) -> None:
    """Write the certificates of both ends."""
    authority = Authority.create("echo.example")
    leaf = authority.issue_gateway("1")
    leaf.write(directory, "echo")
    (directory / "ca.pem").write_bytes(authority.anchor_pem)


async def _echo(request: bytes, context: object) -> bytes:  # noqa: ARG001
    return request


async def serve(directory: Path) -> None:
    """Serve until stopped; the port is printed as the one line of output."""
    key, chain, root = _credentials(directory)
    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(_echo)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("benchmarks.Echo", {"Echo": handler}),))
    credentials = grpc.ssl_server_credentials([(key, chain)], root, require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


async def measure(directory: Path, port: int, *, payload: bytes, calls: int) -> float:
    """Give calls a second."""
    key, chain, root = _credentials(directory)
    credentials = grpc.ssl_channel_credentials(root, key, chain)
    options = [("grpc.ssl_target_name_override", "gateway.echo.example")]
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options=options) as channel:
        call = channel.unary_unary(METHOD)
        await call(payload)
        remaining = iter(range(calls))

        async def caller() -> None:
            for _ in remaining:
                await call(payload)

        started = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(UNDER_WAY)))
        return calls / (time.perf_counter() - started)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
