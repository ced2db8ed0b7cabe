"""This machine: settings, key files, certificates, disk, versions. Works whether the node runs or not."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

import apsw
import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.cli.doctor.finding import Finding, bad, good
from gateway.config import Config
from gateway.errors import GatewayError
from gateway.node_files import NodeFiles
from gateway.rpc.servers import TlsIdentity
from gateway.rpc.watched_identity import require_usable
from gateway.trust.certificates import verify_gateway_leaf
from gateway.trust.descriptors import Descriptor

_MIB: Final = 1024 * 1024
_OPERATOR: Final = "This node's operator"


def look_at_home(config: Config, home: Path, own: Descriptor | None) -> Iterator[Finding]:
    """Look at everything that needs no other machine; ``own`` is the descriptor in force, where it is known."""
    yield _versions()
    yield from _key_files(home)
    yield from _certificates(NodeFiles(config, home), own)
    yield _disk(config, home)


def _versions() -> Finding:
    parts = {
        "gateway": version("mutual-recognition-gateway"),
        "Python": python_version(),
        "gRPC": grpc.__version__,
        "SQLite": apsw.sqlite_lib_version(),
    }
    return good("versions", ", ".join(f"{name} {number}" for name, number in parts.items()))


def _key_files(home: Path) -> Iterator[Finding]:
    files = sorted(home.rglob("*.key"))
    unsafe = 0
    for path in files:
        status = path.lstat()
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode) or mode & 0o077 or status.st_uid != os.geteuid():
            unsafe += 1
            told = f"{path} has mode {mode:04o} and belongs to user {status.st_uid}"
            yield bad(
                "key files", f"{told}. {_OPERATOR}: chown it to the node's user, chmod 0600; was it read by others?"
            )
    if files and not unsafe:
        yield good("key files", f"{len(files)} private keys, for their owner alone")
    if not files:
        yield bad("key files", f"There is no private key under {home}. {_OPERATOR}: is this the node's home?")


def _certificates(files: NodeFiles, own: Descriptor | None) -> Iterator[Finding]:
    for name, read in (
        ("gateway certificate", files.newest_gateway_identity),
        ("national certificate", files.national_identity),
    ):
        try:
            identity = read()
            require_usable(identity, name)
        except (GatewayError, OSError) as error:
            yield bad(
                name, f"{error}" if isinstance(error, GatewayError) else f"{error}. {_OPERATOR} must mend the file."
            )
            continue
        ends = x509.load_pem_x509_certificates(identity.chain)[0].not_valid_after_utc
        if ends <= datetime.now(UTC):
            yield bad(
                name, f"It expired at {ends:%Y-%m-%d %H:%M} UTC. {_OPERATOR} must put a renewed one in its place."
            )
        elif name.startswith("gateway") and own is not None and (refusal := own_refusal(identity, own)):
            yield bad(
                name, f"Partners refuse it: {refusal} {_OPERATOR} must get one from an authority in the descriptor."
            )
        else:
            yield good(name, f"valid until {ends:%Y-%m-%d %H:%M} UTC")


def own_refusal(identity: TlsIdentity, own: Descriptor) -> str:
    """Say why a partner would refuse this certificate, as it checks it; empty when it would not."""
    leaf, *between = x509.load_pem_x509_certificates(identity.chain)
    try:
        verify_gateway_leaf(
            leaf.public_bytes(Encoding.DER),
            [each.public_bytes(Encoding.DER) for each in between],
            domain=own.domain,
            anchors=own.anchors,
            denied=frozenset(own.denied),
            at=datetime.now(UTC),
            as_client=True,
        )
    except GatewayError as refusal:
        return refusal.sentence
    return ""


def _disk(config: Config, home: Path) -> Finding:
    usage = shutil.disk_usage(home)
    free, reserve = usage.free // _MIB, config.store.reserve_mib
    said = f"{free} MiB free where the store is"
    if free < reserve:
        return bad("disk", f"{said}, less than reserve_mib ({reserve}): intake refuses. {_OPERATOR} must make room.")
    if free < 4 * reserve:
        return bad("disk", f"{said}; below {reserve} MiB intake refuses. {_OPERATOR} must make room soon.")
    return good("disk", said)
