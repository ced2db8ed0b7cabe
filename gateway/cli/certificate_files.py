"""Certificates in files that an operator names."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.errors import DocumentInvalid


def fingerprint(file: Path) -> bytes:
    """Give the SHA-256 of the first certificate in a PEM file: of a chain, the leaf.

    Raises:
        DocumentInvalid: there is none.
    """
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[0].fingerprint(SHA256())
    except ValueError as error:
        raise DocumentInvalid(f"{file} holds no certificate in PEM.") from error
