"""Addresses on this machine for nodes that are yet to be started, which nobody else is given meanwhile.

A port on which nobody listens now may be taken when the node comes: by another demo or test run that looked at the same
moment, or by the system for an outgoing connection. So ports come from beside those that the system gives away by
itself, and in blocks: whoever holds the UDP half of a block's first port has all of it. The system lets one process
alone hold that, and takes it back however the process ends.
"""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

from gateway.errors import ConfigurationInvalid

BLOCK: Final = 50
_HOST: Final = "127.0.0.1"
_FIRST: Final = 27_000
"""Above those that ``gateway init`` gives to nodes for development."""
_SYSTEM: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL: Final = "32768 65535"
"""What systems give to outgoing connections, where one does not tell."""


def blocks_of_ports() -> list[range]:
    """Give every block that the system leaves alone; all there are, should it leave none."""
    try:
        told = _SYSTEM.read_text("ascii")
    except OSError:
        told = _USUAL
    low, high = (int(each) for each in re.findall(r"\d+", told))
    return _in(range(_FIRST, low)) + _in(range(high + 1, 65_536)) or _in(range(_FIRST, 65_536))


def _in(ports: range) -> list[range]:
    return [ports[at : at + BLOCK] for at in range(0, len(ports) - BLOCK + 1, BLOCK)]


class Addresses:
    """Gives each address once. They are its owner's until it is closed, or its process ends."""

    def __init__(self, blocks: Sequence[range] | None = None) -> None:
        """Take ports of these ``blocks``, of all that there are if left out."""
        self._blocks = blocks_of_ports() if blocks is None else blocks
        self._held: list[socket.socket] = []
        self._ports: Iterator[int] = iter(())
        self._one_at_a_time = Lock()

    def take(self, count: int) -> list[str]:
        """Give so many addresses on which nobody listens, in their order.

        Raises:
            ConfigurationInvalid: no more are to be had.
        """
        with self._one_at_a_time:
            return [self._next() for _ in range(count)]

    def close(self) -> None:
        """Let others have the addresses."""
        for each in self._held:
            each.close()

    def _next(self) -> str:
        while True:
            for port in self._ports:
                with suppress(OSError), socket.create_server((_HOST, port)):
                    return f"{_HOST}:{port}"
            self._ports = iter(self._claim())

    def _claim(self) -> range:
        for block in secrets.SystemRandom().sample(self._blocks, len(self._blocks)):
            half = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                half.bind((_HOST, block[0]))
            except OSError:
                half.close()
                continue
            self._held.append(half)
            return block
        raise ConfigurationInvalid("No ports are free for nodes on this machine: other demos or tests hold them all.")


_UNTIL_THE_END = Addresses()


def free_addresses(count: int) -> list[str]:
    """Give addresses that are this process's until it ends."""
    return _UNTIL_THE_END.take(count)
