"""No port of a node shakes hands below TLS 1.3."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from tests import nodes

FAILURES = (ssl.SSLError, ConnectionResetError)


def agreed(address: str, version: ssl.TLSVersion) -> str | None:
    """Shake hands as somebody who offers one version only, and give what was agreed on."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=nodes.SECONDS) as line, context.wrap_socket(line) as tls:
        return tls.version()


def test_only_tls_1_3_is_spoken(tmp_path: Path) -> None:
    home = nodes.make_home(tmp_path, "NL")
    with nodes.serving(home):
        for address in (home.peer, home.national, home.operations):
            assert agreed(address, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
            with pytest.raises(FAILURES):
                agreed(address, ssl.TLSVersion.TLSv1_2)
