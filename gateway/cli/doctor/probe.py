"""A TLS connection to a partner, made by hand: gRPC says only "Socket closed", this says who refused whom, and why.

With TLS 1.3 a server looks at the client's certificate after the client has finished, so that its refusal comes as an
alert in answer to the first bytes. So the first bytes of HTTP/2 are sent, and the answer is waited for.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.errors import GatewayError
from gateway.trust.certificates import verify_gateway_leaf
from gateway.trust.descriptors import Descriptor

SECONDS: Final = 5.0
_DER: Final = 2
"""What ``_ssl`` calls this encoding."""
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""What a client of HTTP/2 says first, with empty settings (RFC 9113, 3.4)."""

REFUSED_IN_SILENCE: Final = "ended the connection when it had seen our certificate, without a word"
"""What gRPC's servers do with a client whose certificate they do not take."""

_ALERTS: Final = {
    "unknown ca": "knows no authority of ours: it has no descriptor of this node, or an older one",
    "certificate expired": "says that our certificate has expired; or its clock is wrong",
    "certificate revoked": "says that our certificate was withdrawn",
    "certificate required": "asked for a certificate and got none",
    "bad certificate": "does not accept our certificate's form",
    "certificate unknown": "does not accept our certificate",
    "unsupported certificate": "does not accept our certificate's kind",
    "access denied": "refuses our certificate",
    "handshake failure": "has no cipher or signature in common with us",
    "protocol version": "does not speak TLS 1.3",
}


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of it: ``refused_here`` says why we do not take its certificate, ``refused_there`` the other way."""

    version: str = ""
    refused_here: str = ""
    refused_there: str = ""


def resolve(host: str, port: int) -> list[str]:
    """Give the addresses of a name; raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def connect(host: str, port: int) -> socket.socket:
    """Open a TCP connection; raises OSError."""
    return socket.create_connection((host, port), SECONDS)


def probe_tls(line: socket.socket, partner: Descriptor, chain: Path, key: Path) -> Probed:
    """Do the handshake as the dialer does, with our certificate, and check theirs as an acceptor would ours.

    The name is taken as ``gateway.<domain>``, whatever the address.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is checked below, with the reason in words
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(chain, key)
    try:
        with context.wrap_socket(line, server_hostname=f"gateway.{partner.domain}") as secured:
            version = secured.version() or ""
            refused_here = _refusal(_presented(secured), partner)
            return Probed(version, refused_here, answer(secured))
    except ssl.SSLError as error:
        return Probed(refused_there=_in_words(error))
    except OSError as error:
        return Probed(refused_there=f"cut the connection in the handshake ({error.strerror or error})")


def answer(secured: ssl.SSLSocket) -> str:
    """Say why the other side ends the connection on our first bytes; empty when it answers."""
    try:
        secured.sendall(_PREFACE)
        if secured.recv(1):
            return ""
    except ssl.SSLError as error:
        return _in_words(error)
    except OSError as error:
        return f"cut the connection after the handshake ({error.strerror or error})"
    return REFUSED_IN_SILENCE


def _presented(secured: ssl.SSLSocket) -> list[bytes]:
    """Give what the other side presented, leaf first, DER. Python 3.11 has a public way to the leaf alone."""
    inner: Any = getattr(secured, "_sslobj", None)
    chain = getattr(inner, "get_unverified_chain", None)
    if chain is not None and (found := chain()):
        return [each.public_bytes(_DER) for each in found]
    leaf = secured.getpeercert(binary_form=True)
    return [leaf] if leaf else []


def _refusal(presented: Sequence[bytes], partner: Descriptor) -> str:
    if not presented:
        return "It presents no certificate."
    try:
        verify_gateway_leaf(
            presented[0],
            presented[1:],
            domain=partner.domain,
            anchors=partner.anchors,
            denied=frozenset(partner.denied),
            at=datetime.now(UTC),
            as_client=False,
        )
    except GatewayError as refusal:
        return refusal.sentence
    return ""


def _in_words(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).lower().replace("_", " ")
    for alert, words in _ALERTS.items():
        if alert in reason:
            return words
    return f"ends the handshake: {reason}"
