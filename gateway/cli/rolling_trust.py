"""Rolling what others trust this node by: the gateway's certificate, the authority that issues it, the root key.

Each roll makes two versions of the descriptor, signed at once: one that brings the new beside the old, and one that
ends the old when the overlap is over. The node takes the second into force by itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from certs import files
from certs.authority import Authority
from gateway import config
from gateway.cli import trust_door
from gateway.cli.founding import read_anchors
from gateway.cli.next_descriptor import make_next, newest_own
from gateway.cli.rolling import Rolled
from gateway.errors import ConfigurationInvalid, DocumentInvalid
from gateway.node_files import GATEWAY
from gateway.signers.files import read_private
from gateway.signers.roles import ROOT, add_key
from gateway.trust.names import root_key_name
from gateway.trust.revision import Revision

AUTHORITY: Final = Path("ca", GATEWAY)


@dataclass(frozen=True, slots=True)
class GivenPair:
    """A certificate (leaf first) that an authority of the administration's own has issued, and its key."""

    certificate: Path
    key: Path


def roll_leaf(home: Path, *, overlap: int, given: GivenPair | None, withdraw: bool, root_dir: Path | None) -> Rolled:
    """Follow the gateway's certificate by a new one of the same authority.

    The old one is withdrawn (``deny``) when the overlap is over, if ``withdraw`` asks for it; else it ends by itself.

    Raises:
        ConfigurationInvalid: no pair is given, and the node has no authority of its own.
    """
    tls, end = _tls(home), int(time.time()) + overlap
    old = [_leaf(path) for path in _leaves(tls)]
    chain, key = _read_pair(given) if given else _issued(_authority(home))
    made = [_add_pair(tls, chain, key)]
    trust_door.reload_keys(home)
    if not withdraw:
        return Rolled(tuple(made), end, ())
    denied = newest_own(home).denied
    gone = tuple(each.fingerprint(SHA256()) for each in old if each.fingerprint(SHA256()) not in denied)
    ending = make_next(home, Revision(denied=gone), root_dir=root_dir, issued=end)
    return Rolled(tuple(made), end, (ending,))


def roll_authority(
    home: Path, *, overlap: int, anchor: Path | None, given: GivenPair | None, root_dir: Path | None
) -> Rolled:
    """Follow the authority of the gateway's certificate by another, and issue a certificate under it.

    The new certificate is shown to a partner once it holds the descriptor with the new anchor.

    Raises:
        ConfigurationInvalid: one of anchor and pair is given without the other, or neither in production.
    """
    if (anchor is None) != (given is None):
        raise ConfigurationInvalid(
            "A new authority needs both its certificate and one that it has issued to the gateway."
        )
    known, end = newest_own(home), int(time.time()) + overlap
    if anchor is not None and given is not None:
        anchors, (chain, key) = read_anchors(anchor.read_bytes()), _read_pair(given)
        new = None
    else:
        new = Authority.create(_authority(home).domain)
        anchors, (chain, key) = [new.anchor_der], _issued(new)
    beside = make_next(home, Revision(new_anchors=tuple(anchors)), root_dir=root_dir)
    ending = Revision(dropped_anchors=known.anchors)
    after = make_next(home, ending, root_dir=root_dir, known=beside.descriptor, issued=end)
    path = _add_pair(_tls(home), chain, key)
    if new is not None:
        _keep_authority(home, new)
    trust_door.reload_keys(home)
    return Rolled((path,), end, (beside, after))


def roll_root(home: Path, *, overlap: int, root_dir: Path | None) -> Rolled:
    """Follow the root key by a new one, which lies beside it.

    Raises:
        DocumentInvalid: the descriptor names several roots; which one goes is to be said in a version of its own.
    """
    known, end = newest_own(home), int(time.time()) + overlap
    if len(known.roots) != 1:
        raise DocumentInvalid(
            "The descriptor names several root keys: say which one goes, with 'gateway descriptor next "
            "--add-root KEY --drop-root KEY'."
        )
    keys = root_dir or home / config.load(home).files.keys
    signer, path = add_key(keys, ROOT, root_key_name(known.domain))
    beside = make_next(home, Revision(new_roots=(signer.key,)), root_dir=keys)
    ending = Revision(dropped_roots=known.roots)
    after = make_next(home, ending, root_dir=keys, known=beside.descriptor, issued=end)
    return Rolled((path,), end, (beside, after))


def _tls(home: Path) -> Path:
    return home / config.load(home).files.tls


def _authority(home: Path) -> Authority:
    try:
        return Authority.read(home / AUTHORITY)
    except FileNotFoundError:
        raise ConfigurationInvalid(
            f"There is no authority in {home / AUTHORITY}: give the certificate that yours has issued (--certificate, "
            "--key); 'gateway keys csr' makes the request for it."
        ) from None


def _keep_authority(home: Path, new: Authority) -> None:
    """Put the new authority in the old one's place, which lies beside it from then on."""
    present = home / AUTHORITY
    number = _next_number(present.parent, GATEWAY, "")
    present.rename(present.with_name(f"{GATEWAY}-{number}"))
    new.write(present)


def _issued(authority: Authority) -> tuple[bytes, bytes]:
    credential = authority.issue_gateway()
    return credential.chain_pem, credential.key_pem


def _read_pair(given: GivenPair) -> tuple[bytes, bytes]:
    return given.certificate.read_bytes(), read_private(given.key)


def _add_pair(tls: Path, chain: bytes, key: bytes) -> Path:
    name = f"{GATEWAY}-{_next_number(tls, GATEWAY, '.pem')}"
    files.write_pair(tls, name, chain, key)
    return tls / f"{name}.pem"


def _leaves(tls: Path) -> Sequence[Path]:
    return [path for path in sorted(tls.glob("*.pem")) if re.fullmatch(rf"{GATEWAY}(-[0-9]+)?", path.stem)]


def _leaf(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def _next_number(directory: Path, stem: str, suffix: str) -> int:
    taken = [re.fullmatch(rf"{stem}(?:-([0-9]+))?{re.escape(suffix)}", path.name) for path in directory.iterdir()]
    return max((int(found[1] or 1) for found in taken if found), default=0) + 1
