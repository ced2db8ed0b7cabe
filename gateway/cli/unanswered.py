"""Why a node did not answer a command: gRPC says only that it is unavailable, so the way to it is tried once more.

Nobody there, another node there, or a node that does not take this client's certificate: these look the same to gRPC,
and different people must act.
"""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.errors import NodeUnanswered

_SECONDS: Final = 5.0
_NAME: Final = "localhost"
"""What the certificate of a node's own ports names."""


def why_unanswered(address: str, credential: Path, *, by_token: bool) -> NodeUnanswered:
    """Say what is probably wrong; ``credential`` is the directory of the client that called."""
    host, _, port = address.rpartition(":")
    try:
        line = socket.create_connection((host.strip("[]"), int(port)), _SECONDS)
    except OSError as error:
        return NodeUnanswered(
            f"Nobody listens at {address} ({error.strerror or error}): the node does not run, or listens elsewhere. "
            "Whoever runs it must start it with 'gateway serve'; its gateway.toml says where it listens."
        )
    from gateway.cli.doctor.probe import answer  # noqa: PLC0415  that nobody is there, is said without it

    authority, certificate = credential / "ca.pem", credential / "client.pem"
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    if not by_token:
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    try:
        with context.wrap_socket(line, server_hostname=_NAME) as secured:
            refused = answer(secured)
    except ssl.SSLCertVerificationError as error:
        return NodeUnanswered(
            f"What listens at {address} is not the node that this client knows: its certificate does not come from "
            f"{authority} ({error.verify_message}). Is it another home's node? Else the node's operator must give "
            "this client its present ca.pem."
        )
    except (ssl.SSLError, OSError) as error:
        return NodeUnanswered(
            f"What listens at {address} does not speak TLS as a node does ({error}). "
            "Whoever runs the node must see which program has that port."
        )
    if refused:
        return NodeUnanswered(
            f"The node at {address} runs, and does not take the certificate {certificate}{_ended(certificate)}. The "
            "node's operator must issue one from an authority that the node's tls/national-ca.pem names."
        )
    return NodeUnanswered(f"The node at {address} did not answer this call, and answers now: try again.")


def _ended(certificate: Path) -> str:
    """Say so when that is the reason: its time is over."""
    from cryptography import x509  # noqa: PLC0415  as above

    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return f", which ended at {ends:%Y-%m-%d %H:%M} UTC" if ends <= datetime.now(UTC) else ""
