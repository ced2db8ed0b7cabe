"""What each kind of certificate says, as data.

Names are templates over ``domain`` (the administration's trust domain) and ``name`` (which gateway, which client).
Imports no cryptography, so that ``--help`` is quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

AUTHORITY_LIFE = timedelta(days=730)
BACKDATED = timedelta(minutes=5)
"""How far before its making a certificate begins to be valid, so that a partner whose clock is behind takes it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of leaf: who it names, which side of TLS it may take, how long it lives."""

    kind: str
    life: timedelta
    server: bool
    client: bool
    uris: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


GATEWAY = Profile(
    kind="gateway",
    life=timedelta(days=90),
    server=True,
    client=True,
    uris=("spiffe://{domain}/gateway/{name}",),
    hosts=("gateway.{domain}",),
)
"""A gateway, towards other administrations: either side dials, so both usages (docs/protocol.md, Certificate check)."""

NATIONAL_SERVER = Profile(
    kind="server",
    life=timedelta(days=90),
    server=True,
    client=False,
    hosts=("localhost",),
    addresses=("127.0.0.1",),
)
"""A gateway's national port, towards the administration's own systems."""

NATIONAL_CLIENT = Profile(
    kind="client",
    life=timedelta(days=90),
    server=False,
    client=True,
    uris=("spiffe://{domain}/client/{name}",),
)
"""One of the administration's own systems, towards its gateway."""
