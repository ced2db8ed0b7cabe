"""``python -m certs`` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from certs.authority import Authority, Credential


def certs(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "certs", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_from_authority_to_renewed_leaf(tmp_path: Path) -> None:
    pki, tls = tmp_path / "pki", tmp_path / "tls"
    assert certs("authority", pki, "--domain", "customs.nl.example", "--intermediate").returncode == 0
    assert certs("gateway", pki, "--instance", "2", "--out", tls).returncode == 0
    assert certs("server", pki, "--host", "gw.internal", "--out", tls).returncode == 0
    assert certs("client", pki, "risk-engine", "--out", tls, "--days", "1").returncode == 0
    before = Credential.read(tls, "gateway-2")
    assert certs("renew", pki, tls / "gateway-2").returncode == 0
    after = Credential.read(tls, "gateway-2")
    assert after.der != before.der
    after.certificate.verify_directly_issued_by(Authority.read(pki).issuer.certificate)
    shown = certs("show", tls / "gateway-2.pem", "--json").stdout.splitlines()
    assert json.loads(shown[0])["names"] == "spiffe://customs.nl.example/gateway/2 gateway.customs.nl.example"
    assert len(shown) == 2


def test_a_refusal_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    certs("authority", tmp_path, "--domain", "customs.nl.example")
    again = certs("authority", tmp_path, "--domain", "customs.nl.example")
    assert again.returncode == 1
    assert again.stderr.startswith("certs: ")
    assert "exists already" in again.stderr
    assert "Traceback" not in again.stderr
    assert certs("authority", tmp_path / "x", "--domain", "NL").returncode == 1
    assert certs("gateway", tmp_path / "nowhere").returncode == 1


def test_help_needs_no_cryptography() -> None:
    probe = "import sys, certs.command; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
    shown = certs("--help")
    assert shown.returncode == 0
    assert "python -m certs gateway" in shown.stdout


def test_certs_imports_nothing_of_the_gateway() -> None:
    probe = (
        "import sys, certs.command, certs.hostile;"
        "sys.exit(any(name.split('.')[0] in ('gateway', 'mock_partners', 'grpc') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
