"""``gateway keys``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.durations import DURATION
from gateway.cli.framing import GatewayGroup, home_option, json_option, root_dir_option

if TYPE_CHECKING:
    from gateway.cli.rolling_trust import GivenPair
    from gateway.trust.descriptors import Descriptor


_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_overlap = click.option(
    "--overlap", type=DURATION, default="7d", show_default=True, help="How long the old one still counts."
)
_certificate = click.option("--certificate", type=_FILE, help="PEM that your authority has issued, leaf first.")
_key = click.option("--key", type=_FILE, help="Its private key, PEM, mode 0600.")


@click.group("keys", cls=GatewayGroup)
def command() -> None:
    """List and roll the keys with which this node signs."""


@command.command("list", epilog="Examples:\n  gateway keys list --home nl")
@home_option
@json_option
def list_(home: Path, *, as_json: bool) -> None:
    """List the keys in the node's descriptor, each with its period."""
    import time

    from gateway.cli.describing import when
    from gateway.cli.next_descriptor import newest_own

    now = int(time.time())
    for facts in _facts(newest_own(home), now):
        if as_json:
            click.echo(json.dumps(facts))
            continue
        begins, ends = (when(facts[name]) if facts[name] else "" for name in ("from", "until"))
        click.echo(f"{facts['role']:8} {facts['algorithm']:10} {facts['state']:8} {begins:24} {ends:24} {facts['key']}")


@command.group(cls=GatewayGroup)
def roll() -> None:
    """Follow a key by a new one, while both count for some time. Links go on; no record waits."""


def _roll(role: str) -> None:
    @roll.command(role, epilog=f"Examples:\n  gateway keys roll {role} --overlap 7d --home nl")
    @click.option(
        "--overlap", type=DURATION, default="7d", show_default=True, help="How long the old key still counts."
    )
    @root_dir_option
    @home_option
    @json_option
    def rolled(overlap: int, root_dir: Path | None, home: Path, *, as_json: bool) -> None:
        from gateway.cli.roll_words import tell_rolled
        from gateway.cli.rolling import roll_signing_key

        tell_rolled(roll_signing_key(home, role, overlap=overlap, root_dir=root_dir), as_json=as_json)

    rolled.help = f"Make a new {role} key and publish the descriptor that names it."


for _role in ("log", "receipt"):
    _roll(_role)


@command.command(
    epilog="""\b
Examples:
  gateway keys compromised log --since 2026-11-26T10:00:00Z --home nl
  gateway keys compromised receipt --since 2026-11-26T10:00:00Z --root-dir /media/root --home nl

What was receipted before stays valid. Everything else is signed anew, on every link, as soon as the partner holds the
new descriptor. Versions of the descriptor that were planned are given up."""
)
@click.argument("role", type=click.Choice(["log", "receipt"]))
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="From when on, UTC.")
@root_dir_option
@home_option
@json_option
def compromised(role: str, since: datetime, root_dir: Path | None, home: Path, *, as_json: bool) -> None:
    """End the keys of a role at the time from which somebody else may have had them, and use new ones."""
    from gateway.cli.roll_words import tell_rolled
    from gateway.cli.rolling import roll_signing_key

    stolen = int(since.replace(tzinfo=UTC).timestamp())
    tell_rolled(roll_signing_key(home, role, overlap=0, root_dir=root_dir, since=stolen), as_json=as_json)


@roll.command("root", epilog="Examples:\n  gateway keys roll root --overlap 30d --root-dir /media/root --home nl")
@_overlap
@root_dir_option
@home_option
@json_option
def root_(overlap: int, root_dir: Path | None, home: Path, *, as_json: bool) -> None:
    """Make a new root key beside the old one; what only the old one signs is refused after the overlap."""
    from gateway.cli.roll_words import tell_rolled
    from gateway.cli.rolling_trust import roll_root

    tell_rolled(roll_root(home, overlap=overlap, root_dir=root_dir), as_json=as_json)


@roll.command(
    "tls-leaf",
    epilog="""\b
Examples:
  gateway keys roll tls-leaf --overlap 1h --home nl
  gateway keys roll tls-leaf --certificate new.pem --key new.key --no-withdraw --home nl""",
)
@_overlap
@_certificate
@_key
@click.option(
    "--withdraw/--no-withdraw",
    default=True,
    show_default=True,
    help="Deny the old one after the overlap; else it ends by itself. To deny takes a root key.",
)
@root_dir_option
@home_option
@json_option
def tls_leaf(
    overlap: int,
    certificate: Path | None,
    key: Path | None,
    root_dir: Path | None,
    home: Path,
    *,
    withdraw: bool,
    as_json: bool,
) -> None:
    """Use a new certificate for the gateway, of the same authority."""
    from gateway.cli.roll_words import tell_rolled
    from gateway.cli.rolling_trust import roll_leaf

    given = _given(certificate, key)
    rolled = roll_leaf(home, overlap=overlap, given=given, withdraw=withdraw, root_dir=root_dir)
    tell_rolled(rolled, as_json=as_json)


@roll.command(
    "tls-ca",
    epilog="""\b
Examples:
  gateway keys roll tls-ca --overlap 7d --home nl
  gateway keys roll tls-ca --anchor new-ca.pem --certificate new.pem --key new.key --overlap 30d --home nl""",
)
@_overlap
@click.option("--anchor", type=_FILE, help="PEM of the new authority; outside production one is made.")
@_certificate
@_key
@root_dir_option
@home_option
@json_option
def tls_ca(
    *,
    overlap: int,
    anchor: Path | None,
    certificate: Path | None,
    key: Path | None,
    root_dir: Path | None,
    home: Path,
    as_json: bool,
) -> None:
    """Follow the authority of the gateway's certificate by another."""
    from gateway.cli.roll_words import tell_rolled
    from gateway.cli.rolling_trust import roll_authority

    given = _given(certificate, key)
    rolled = roll_authority(home, overlap=overlap, anchor=anchor, given=given, root_dir=root_dir)
    tell_rolled(rolled, as_json=as_json)


@command.command(
    epilog="""\b
Examples:
  gateway keys csr gateway.csr --key gateway-new.key --home nl

Have your authority sign it with exactly the names and usages that it asks for, then
'gateway keys roll tls-leaf --certificate … --key …'."""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where the new key goes.")
@home_option
@json_option
def csr(file: Path, key: Path, home: Path, *, as_json: bool) -> None:
    """Make a key, and a request for a gateway certificate that an authority of your own can sign."""
    from gateway import config
    from gateway.cli.requesting import request_certificate
    from gateway.whole_files import write_whole

    settings = config.load(home)
    write_whole(file, request_certificate(key, domain=settings.domain, instance=settings.instance))
    if as_json:
        click.echo(json.dumps({"request": str(file), "key": str(key)}))
    else:
        click.echo(f"✓ The request is in {file}, its key in {key}.")


def _given(certificate: Path | None, key: Path | None) -> GivenPair | None:
    from gateway.cli.rolling_trust import GivenPair

    if bool(certificate) != bool(key):
        raise click.UsageError("--certificate and --key go together.")
    return GivenPair(certificate, key) if certificate and key else None


def _facts(descriptor: Descriptor, now: int) -> Iterator[dict[str, Any]]:
    for key in descriptor.roots:
        yield {
            "role": "root",
            "algorithm": key.type.name,
            "state": "counts",
            "from": None,
            "until": None,
            "key": key.bare,
        }
    for role, keys in (("log", descriptor.log_keys), ("receipt", descriptor.receipt_keys)):
        for dated in sorted(keys, key=lambda each: (each.valid_from, each.valid_until)):
            state = "counts" if dated.counts_at(now) else "ended" if dated.valid_until <= now else "later"
            yield {
                "role": role,
                "algorithm": dated.key.type.name,
                "state": state,
                "from": dated.valid_from,
                "until": dated.valid_until,
                "key": dated.key.bare,
            }
