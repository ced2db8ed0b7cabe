"""What ``gateway init`` lays out: keys, certificates, descriptor, clients and settings of a node, all or nothing."""

from __future__ import annotations

import base64
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs import files
from certs.authority import Authority
from certs.profiles import AUTHORITY_LIFE
from gateway.cli.client import CREDENTIAL, LOCAL_CLIENT, TOKEN_FILE
from gateway.config import CONFIG_FILE, Environment, NationalAuthentication
from gateway.errors import ConfigurationInvalid
from gateway.linklog.keys import DatedKey
from gateway.node_files import CLIENT_ANCHORS, DEMO_MARK, GATEWAY, NATIONAL
from gateway.signers.roles import AUDIT, LOG, RECEIPT, ROOT, create_key, load_signers
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.names import audit_key_name, log_key_name, receipt_key_name, root_key_name

KEY_LIFE_SECONDS: Final = 2 * 365 * 24 * 3600
BACKDATED_SECONDS: Final = 300
"""Keys count from a little before now, so that a partner whose clock is behind takes them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the operator decided. ``anchors`` are DER, for production, where no authority is made here.

    With ``officers`` every change of trust takes two of them. ``begins`` and ``lasts`` are for worlds with a clock of
    their own: from when on keys and certificates are valid, and for how long; as they are left out, from now on, and
    each for its usual life.
    """

    administration: str
    domain: str
    name: str
    contact: str
    environment: Environment
    authentication: NationalAuthentication
    peer: str
    national: str
    operations: str
    endpoints: Sequence[str]
    anchors: Sequence[bytes]
    post_quantum: bool
    officers: Sequence[str] = ()
    begins: datetime | None = None
    lasts: timedelta | None = None
    root_dir: Path | None = None

    def roots_at(self, home: Path) -> Path:
        """Say where the root key is."""
        return self.root_dir or home / "keys"


def found(home: Path, plan: Plan) -> Descriptor:
    """Make ``home``; gives the descriptor that people must compare.

    Raises:
        ConfigurationInvalid: something is there already.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise ConfigurationInvalid(f"{home} is there already and is not empty; nothing was changed.")
    home.parent.mkdir(parents=True, exist_ok=True)
    beside = home.with_name(f".{home.name}.{secrets.token_hex(4)}")
    beside.mkdir(mode=0o700)
    try:
        descriptor = _lay_out(beside, plan)
        if home.exists():
            home.rmdir()
        beside.rename(home)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return descriptor


def read_anchors(pem: bytes) -> list[bytes]:
    """Read authorities' certificates, PEM to DER."""
    return [each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(pem)]


def _lay_out(home: Path, plan: Plan) -> Descriptor:
    token = ""
    anchors = list(plan.anchors)
    if plan.environment is not Environment.PRODUCTION:
        anchors += _make_certificates(home, plan)
        token = _make_token(home, plan)
    _make_keys(home, plan)
    descriptor = _describe(home, plan, anchors)
    note = sign_descriptor(descriptor, load_signers(plan.roots_at(home), ROOT, root_key_name(plan.domain)))
    (home / "descriptor.note").write_bytes(note)
    (home / CONFIG_FILE).write_text(_settings(plan), "utf-8")
    (home / "clients.toml").write_text(_clients(plan, token), "utf-8")
    return descriptor


def _make_certificates(home: Path, plan: Plan) -> list[bytes]:
    """Make two authorities, one towards partners and one at home: what is issued at home cannot speak abroad."""
    at, life = plan.begins, plan.lasts
    abroad, at_home = (Authority.create(plan.domain, life=life or AUTHORITY_LIFE, at=at) for _ in range(2))
    abroad.write(home / "ca" / "gateway")
    at_home.write(home / "ca" / "national")
    abroad.issue_gateway(life=life, at=at).write(home / "tls", GATEWAY)
    at_home.issue_server(life=life, at=at).write(home / "tls", NATIONAL)
    files.write(home / "tls" / CLIENT_ANCHORS, at_home.anchor_pem)
    for name in (LOCAL_CLIENT, *plan.officers):
        at_home.issue_client(name, life=life, at=at).write(home / "clients" / name, CREDENTIAL)
        files.write(home / "clients" / name / "ca.pem", at_home.anchor_pem)
    return [abroad.anchor_der]


def _make_token(home: Path, plan: Plan) -> str:
    if plan.authentication is not NationalAuthentication.TOKEN:
        return ""
    token = secrets.token_urlsafe(32)
    files.write(home / "clients" / LOCAL_CLIENT / TOKEN_FILE, f"{token}\n".encode())
    return token


def _make_keys(home: Path, plan: Plan) -> None:
    names = {
        ROOT: root_key_name(plan.domain),
        LOG: log_key_name(plan.domain),
        RECEIPT: receipt_key_name(plan.domain),
        AUDIT: audit_key_name(plan.domain),
    }
    for role, name in names.items():
        create_key(plan.roots_at(home) if role == ROOT else home / "keys", role, name)
        if plan.post_quantum and role in (LOG, RECEIPT):
            create_key(home / "keys", role, name, post_quantum=True)
    if plan.environment is not Environment.PRODUCTION:
        files.write(
            home / "keys" / DEMO_MARK, b"These keys were made for development or a demo. Production refuses them.\n"
        )


def _describe(home: Path, plan: Plan, anchors: Sequence[bytes]) -> Descriptor:
    now = int(plan.begins.timestamp() if plan.begins else time.time())
    begins = now - BACKDATED_SECONDS
    ends = now + (int(plan.lasts.total_seconds()) if plan.lasts else KEY_LIFE_SECONDS)

    def dated(role: str, name: str) -> tuple[DatedKey, ...]:
        keys = [DatedKey(signer.key, begins, ends) for signer in load_signers(home / "keys", role, name)]
        return tuple(sorted(keys, key=lambda each: each.key.bare.encode()))

    return Descriptor(
        administration=plan.administration,
        name=plan.name,
        domain=plan.domain,
        version=1,
        previous=None,
        issued=now,
        contacts=(plan.contact,),
        endpoints=tuple(sorted(plan.endpoints, key=str.encode)),
        threshold=1,
        roots=tuple(signer.key for signer in load_signers(plan.roots_at(home), ROOT, root_key_name(plan.domain))),
        anchors=tuple(sorted(anchors, key=base64.b64encode)),
        denied=(),
        log_keys=dated(LOG, log_key_name(plan.domain)),
        receipt_keys=dated(RECEIPT, receipt_key_name(plan.domain)),
    )


def _settings(plan: Plan) -> str:
    return f"""\
# Settings of this node. Paths are relative to this file's directory. Every setting can be overridden by the
# environment: GATEWAY_PEER__LISTEN=0.0.0.0:7401 stands for listen under [peer].

administration = "{plan.administration}"
domain = "{plan.domain}"
name = "{plan.name}"
# production refuses development commands; demo and development keep their certificate authority in ca/.
environment = "{plan.environment}"

# The port for other administrations. What they dial stands in the descriptor (endpoint).
[peer]
listen = "{plan.peer}"

# The port for this administration's own systems: "certificate" or "token", each client in clients.toml.
[national]
listen = "{plan.national}"
authentication = "{plan.authentication}"

# The port for whoever runs the node.
[operations]
listen = "{plan.operations}"

# Records are kept here; with less free disk than reserve_mib, submissions are refused.
[store]
path = "gateway.db"
reserve_mib = 256

{_trust(plan)}
# Limits of the link protocol, where they should differ from the usual (docs/protocol.md, Limits).
# [links]
# batch_records = 100
"""


def _trust(plan: Plan) -> str:
    if not plan.officers:
        return ""
    return """\
# A change of trust takes two clients with the role officer: one proposes it, another one approves it.
[trust]
four_eyes = true
"""


def _clients(plan: Plan, token: str) -> str:
    digest = f'token_sha256 = "{sha256(token.encode()).hexdigest()}"\n' if token else ""
    officer = "" if plan.officers else '"officer", '  # where officers are named, this machine's user is none of them
    local = f"""
# The commands of this machine (gateway submit, watch, links …) call the node as this client.
[[client]]
name = "{LOCAL_CLIENT}"
roles = ["submit", "read", {officer}"operate"]
{digest}"""
    return f"""\
# Who may call this node. A client is known by the name in its certificate (spiffe://{plan.domain}/client/NAME,
# issued by an authority in tls/{CLIENT_ANCHORS}), or by a token of which this file has the SHA-256 in hex.
# Roles: submit issues records, read reads them, officer decides about them, operate runs the node.
{local if plan.environment is not Environment.PRODUCTION else ""}{"".join(map(_officer, plan.officers))}"""


def _officer(name: str) -> str:
    return f"""
[[client]]
name = "{name}"
roles = ["officer"]
"""
