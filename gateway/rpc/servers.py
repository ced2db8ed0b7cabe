"""Servers and channels: TLS, sizes, keepalive. What the options mean and why these values: docs/decisions/0005."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.errors import ConfigurationInvalid
from gateway.rpc.guard import Guard, Identify
from gateway.rpc.open_calls import OpenCalls, Shares
from gateway.rpc.refusal_log import RefusalLog

PEER_MESSAGE_BYTES: Final = 1024 * 1024 + 64 * 1024
"""A frame of at most 1 MiB and what wraps it."""
NATIONAL_MESSAGE_BYTES: Final = 4 * 1024 * 1024 + 64 * 1024
"""Submissions of at most 3 MiB in; a bundle of at most 4 MiB out."""

STREAMS_A_CONNECTION: Final = 32
"""Of the peer port: a partner's share is far smaller, but who asks for more is to be told so (R-LIM-02). Each of those
that wait to be told costs memory, and processor time when it is given up."""

CONNECTIONS_AT_MOST: Final = 600
"""Of the peer port, all partners and strangers together: 70 KiB and a file descriptor each, before anybody has said who
it is. Those that are there stay; whoever comes beyond them is cut off at once, and may try again."""

_KEEPALIVE: Final = [
    ("grpc.keepalive_time_ms", 15_000),
    ("grpc.keepalive_timeout_ms", 8_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.keepalive_permit_without_calls", 1),
]
_SERVER: Final = [
    *_KEEPALIVE,
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.server_handshake_timeout_ms", 5_000),
    ("grpc.max_connection_idle_ms", 60_000),
    ("grpc.so_reuseport", 0),
    ("grpc.max_metadata_size", 16 * 1024),
]
_SHARED: Final = [
    ("grpc.max_concurrent_streams", STREAMS_A_CONNECTION),
    ("grpc.max_allowed_incoming_connections", CONNECTIONS_AT_MOST),
]
_Shown = tuple[bytes, bytes, bytes | None]
"""Private key, chain, and whom callers' certificates must come from: all PEM."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class TlsIdentity:
    """A private key and its chain, leaf first, both PEM."""

    key: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class Door:
    """One port: where it listens, what it serves, how it knows its callers.

    ``add`` puts the services behind the guard; ``credentials`` are its TLS side.
    """

    name: str
    address: str
    identify: Identify
    add: Callable[[Guard], None]
    credentials: grpc.ServerCredentials
    message_bytes: int
    refusals: RefusalLog
    calls: OpenCalls
    shares: Shares | None = None

    @property
    def options(self) -> list[tuple[str, int]]:
        """What the transport itself keeps to; where callers have shares, also how many wait to be told that."""
        shared = [] if self.shares is None else _SHARED
        return [*_SERVER, *shared, ("grpc.max_receive_message_length", self.message_bytes)]


def pem_of(anchors: Sequence[bytes]) -> bytes:
    """Turn anchors (DER) into the one PEM that gRPC takes."""
    return b"".join(_pem_of(der) for der in anchors)


@lru_cache(maxsize=1024)
def _pem_of(anchor: bytes) -> bytes:
    return x509.load_der_x509_certificate(anchor).public_bytes(Encoding.PEM)


def server_credentials(
    identity: Callable[[], TlsIdentity], anchors: Callable[[], Sequence[bytes]] | None
) -> grpc.ServerCredentials:
    """TLS for a server whose certificate and callers' anchors may change while it runs: asked at every handshake.

    ``anchors`` None: callers show a token instead of a certificate. A certificate that TLS accepts proves only that
    *some* anchor vouches for it; ``identity`` checks against the anchors of the one administration that it names.
    """

    def read() -> _Shown:
        current = identity()
        return current.key, current.chain, pem_of(anchors()) if anchors is not None else None

    last = [read()]
    first = _configuration(last[0])

    def fetch() -> Any:  # noqa: ANN401
        """Give what is new, None when nothing is.

        A new configuration in place of the former one while another connection shakes hands may end the process
        (grpc/grpc issue 36693), so gRPC gets one only when something has changed.
        """
        try:
            shown = read()
            if shown == last[0]:
                return None
            changed = _configuration(shown)
        except Exception:  # noqa: BLE001  the old one still works; silence would hide that it will not for long
            _log.error("tls configuration cannot be loaded, the former one stays in force", exc_info=True)
            return None
        last[0] = shown
        return changed

    return grpc.dynamic_ssl_server_credentials(first, fetch, require_client_authentication=anchors is not None)


def _configuration(shown: _Shown) -> Any:  # noqa: ANN401  grpc's own class is private
    key, chain, roots = shown
    return grpc.ssl_server_certificate_configuration([(key, chain)], roots)


async def open_door(door: Door) -> tuple[grpc.aio.Server, int]:
    """Start serving; gives the server and the port (for addresses that end in :0).

    Raises:
        ConfigurationInvalid: the address cannot be had.
    """
    guard = Guard(door.identify, door.refusals, door.calls, door.shares)
    door.add(guard)
    server = grpc.aio.server(options=door.options)
    server.add_generic_rpc_handlers((guard,))
    try:
        port = server.add_secure_port(door.address, door.credentials)
    except RuntimeError:
        port = 0
    if not port:
        raise ConfigurationInvalid(f"The {door.name} port cannot listen on {door.address}: is another node running?")
    await server.start()
    return server, port


def dial(address: str, *, identity: TlsIdentity, anchors: Sequence[bytes], server_name: str) -> grpc.aio.Channel:
    """Open a channel to a partner: its anchors alone vouch for it, and ``server_name`` must be its name."""
    credentials = grpc.ssl_channel_credentials(pem_of(anchors), identity.key, identity.chain)
    options = [
        *_KEEPALIVE,
        ("grpc.ssl_target_name_override", server_name),
        ("grpc.max_receive_message_length", PEER_MESSAGE_BYTES),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    return grpc.aio.secure_channel(address, credentials, options=options)
