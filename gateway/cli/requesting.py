"""A certificate signing request (PKCS#10) for an administration's own authority."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs import files


def request_certificate(key_file: Path, *, domain: str, instance: str) -> bytes:
    """Make a new key in ``key_file`` (0600) and give the request for a gateway's certificate, PEM.

    It asks for what the protocol demands of a leaf (R-TLS-02): one URI, one DNS name, both extended key usages.

    Raises:
        FileExistsError: the key is there already; nothing was made.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.UniformResourceIdentifier(f"spiffe://{domain}/gateway/{instance}"),
        x509.DNSName(f"gateway.{domain}"),
    ]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"gateway-{instance}")]))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    files.write(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return request.public_bytes(Encoding.PEM)
