"""The doors of a misbehaving node itself, for what it does through them; the client of its home opens them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import grpc

from gateway.cli.client import CREDENTIAL, LOCAL_CLIENT, TOKEN_FILE
from gateway.config import NationalAuthentication
from mock_partners.behaviours.behaviour import Own

_OPTIONS: Final = [("grpc.ssl_target_name_override", "localhost"), ("grpc.use_local_subchannel_pool", 1)]


@dataclass(frozen=True, slots=True)
class Doors:
    """A node that runs in this process, as its own systems reach it."""

    administration: str
    national: grpc.aio.Channel
    operations: grpc.aio.Channel

    @classmethod
    async def open(cls, stack: AsyncExitStack, own: Own, national: str, operations: str) -> Self:
        """Open channels to both doors for as long as ``stack`` is open."""
        by_token = own.config.national.authentication is NationalAuthentication.TOKEN
        channels = [
            await stack.enter_async_context(_channel(own.home, address, with_token=with_token))
            for address, with_token in ((national, by_token), (operations, False))
        ]
        return cls(own.administration, *channels)

    def channel(self) -> grpc.aio.Channel:
        """Give the national door."""
        return self.national

    def operations_channel(self) -> grpc.aio.Channel:
        """Give the operator's door."""
        return self.operations


def _channel(home: Path, address: str, *, with_token: bool) -> grpc.aio.Channel:
    directory = home / "clients" / LOCAL_CLIENT
    roots = (directory / "ca.pem").read_bytes()
    if with_token:
        token = grpc.access_token_call_credentials((directory / TOKEN_FILE).read_text("ascii").strip())
        credentials = grpc.composite_channel_credentials(grpc.ssl_channel_credentials(roots), token)
    else:
        key, chain = ((directory / f"{CREDENTIAL}.{end}").read_bytes() for end in ("key", "pem"))
        credentials = grpc.ssl_channel_credentials(roots, key, chain)
    return grpc.aio.secure_channel(address, credentials, options=_OPTIONS)
