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
_READ_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A leaf and what the server sent besides, DER; nothing of it is checked."""

    leaf: bytes
    chain: tuple[bytes, ...]


async def look(address: str, server_name: str) -> ShownCertificate:
    """Shake hands with a server up to where it has shown its certificate, and break off.

    In TLS 1.3 that is before our side says who it is, so the server has nothing to refuse, and nothing to log.

    Raises:
        Passing: nobody answers there, or not in TLS 1.3.
    """
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                return await _shown(reader, writer, server_name)
            finally:
                writer.transport.abort()
    except TimeoutError:
        raise Passing(f"{address} does not answer within {LOOK_SECONDS:g} s.") from None
    except OSError as error:
        raise Passing(f"{address} cannot be reached: {_plain(error)}.") from error


async def _shown(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server_name: str) -> ShownCertificate:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = _unbelieving().wrap_bio(incoming, outgoing, server_hostname=server_name)
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            writer.write(outgoing.read())
            await writer.drain()
            data = await reader.read(_READ_BYTES)
            if not data:
                raise ConnectionResetError("it ends the connection before it has shown a certificate") from None
            incoming.write(data)
        else:
            return ShownCertificate(tls.getpeercert(binary_form=True) or b"", tuple(_sent_besides(tls)))


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


def _plain(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"its TLS does not fit ({error.reason or 'no reason given'})"
    return error.strerror or str(error) or type(error).__name__
