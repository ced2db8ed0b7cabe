"""The certificate of a server that this side dials.

Python's gRPC does not show a dialer whom it talks to. So the dialer looks first, with a handshake of its own that it
breaks off, checks the certificate that it saw as an acceptor would, and then has gRPC trust that one leaf and no
authority: TLS proves that the server of the call holds its key. Whoever answers the look with one certificate and the
call with another is refused (docs/decisions/0015).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import Passing

LOOK_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A leaf and what the server sent besides, DER; nothing of it is checked."""

    leaf: bytes
    chain: tuple[bytes, ...]


async def look(address: str, server_name: str) -> ShownCertificate:
    """Shake hands with a server and give the certificate that it shows.

    It is shown in TLS 1.3 before the server asks for ours, so none is sent.

    Raises:
        Passing: nobody answers there, or not in TLS 1.3.
    """
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            _, writer = await asyncio.open_connection(
                host.strip("[]"), int(port), ssl=_unbelieving(), server_hostname=server_name
            )
    except TimeoutError:
        raise Passing(f"{address} does not answer within {LOOK_SECONDS:g} s.") from None
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Passing(f"{address} cannot be reached: {_plain(error)}.") from error
    try:
        tls = writer.get_extra_info("ssl_object")
        leaf = tls.getpeercert(binary_form=True)
        return ShownCertificate(leaf, tuple(_sent_besides(tls)))
    finally:
        writer.transport.abort()


def _unbelieving() -> ssl.SSLContext:
    """A context that takes any certificate: the check comes afterwards, in words."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    return context


def _sent_besides(tls: Any) -> list[bytes]:  # noqa: ANN401  differs between versions of Python
    """Give the intermediates that came along. Before Python 3.13 this has no public name."""
    if hasattr(tls, "get_unverified_chain"):
        return list(tls.get_unverified_chain()[1:])
    sent = tls._sslobj.get_unverified_chain() or []  # noqa: SLF001
    return [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in sent[1:]]


def _plain(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"its TLS does not fit ({error.reason or 'no reason given'})"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
