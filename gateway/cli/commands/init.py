"""``gateway init``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import click

from gateway.cli.framing import GatewayCommand, json_option

_FIRST_PORT: Final = 20_000
_PORTS_EACH: Final = 10


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway init nl
  gateway init nl --officer anna --officer bert
  gateway init /var/lib/gateway --administration NL --domain customs.nl.example --environment production \\
      --anchor authority.pem --endpoint gateway.customs.nl.example:7401 --root-dir /media/root

Outside production it makes a certificate authority and certificates too, in ca/ and tls/. In production put your own
into tls/: gateway.pem and .key, national.pem and .key, national-ca.pem.""",
)
@click.argument("home", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--administration", metavar="XX", help="Two capitals (ISO 3166-1); from HOME's name if that has two letters."
)
@click.option("--domain", help="Trust domain; customs.<administration>.example if left out, not in production.")
@click.option("--name", help="Name for people.")
@click.option("--contact", help="Whom partners call.")
@click.option(
    "--environment",
    type=click.Choice(["development", "demo", "production"]),
    default="development",
    show_default=True,
    help="How much is at stake.",
)
@click.option(
    "--authentication",
    type=click.Choice(["certificate", "token"]),
    default="certificate",
    show_default=True,
    help="How national systems show who they are.",
)
@click.option("--peer", metavar="HOST:PORT", help="Where to listen for partners.")
@click.option("--national", metavar="HOST:PORT", help="Where to listen for national systems.")
@click.option("--operations", metavar="HOST:PORT", help="Where to listen for the operator.")
@click.option(
    "--endpoint", "endpoints", multiple=True, metavar="HOST:PORT", help="Where partners dial; --peer if left out."
)
@click.option(
    "--anchor",
    "anchor_files",
    multiple=True,
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="PEM of the authority of the gateway's certificates; needed in production.",
)
@click.option(
    "--post-quantum", is_flag=True, help="Make ML-DSA-44 keys besides Ed25519, for agreements that ask for both."
)
@click.option(
    "--officer",
    "officers",
    multiple=True,
    metavar="NAME",
    help="A client who decides on trust; with two or more, every change takes two of them.",
)
@click.option(
    "--root-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the root key goes, such as a medium that is kept apart; HOME/keys if left out.",
)
@json_option
def command(
    home: Path,
    *,
    administration: str | None,
    domain: str | None,
    name: str | None,
    contact: str | None,
    environment: str,
    authentication: str,
    peer: str | None,
    national: str | None,
    operations: str | None,
    endpoints: tuple[str, ...],
    anchor_files: tuple[Path, ...],
    post_quantum: bool,
    officers: tuple[str, ...],
    root_dir: Path | None,
    as_json: bool,
) -> None:
    """Make HOME, the directory of a node: keys, certificates, descriptor, settings. It overwrites nothing."""
    from gateway.cli.founding import Plan, found, read_anchors
    from gateway.config import Environment, NationalAuthentication
    from gateway.trust.documents import write_digest

    own = administration or home.resolve().name.upper()
    if not re.fullmatch("[A-Z]{2}", own):
        raise click.UsageError("Name the administration, two capitals: --administration NL.")
    if environment == "production" and not (domain and anchor_files):
        raise click.UsageError("Production needs --domain and --anchor.")
    if len(officers) == 1:
        raise click.UsageError("Four eyes take two officers: name another one.")
    ports = _development_ports(own) if environment != "production" else (7401, 7402, 7403)
    listens = [given or f"127.0.0.1:{port}" for given, port in zip((peer, national, operations), ports, strict=True)]
    domain = domain or f"customs.{own.lower()}.example"
    descriptor = found(
        home,
        Plan(
            administration=own,
            domain=domain,
            name=name or f"Customs {own}",
            contact=contact or f"duty@{domain}",
            environment=Environment(environment),
            authentication=NationalAuthentication(authentication),
            peer=listens[0],
            national=listens[1],
            operations=listens[2],
            endpoints=endpoints or (listens[0],),
            anchors=[der for file in anchor_files for der in read_anchors(file.read_bytes())],
            post_quantum=post_quantum,
            officers=officers,
            root_dir=root_dir,
        ),
    )
    digest = write_digest(descriptor.digest)
    if as_json:
        click.echo(json.dumps({"home": str(home), "administration": own, "domain": domain, "digest": digest}))
        return
    click.echo(f"✓ {own} ({domain}) is set up in {home}, for {environment}.")
    click.echo(f"  descriptor {home / 'descriptor.note'}")
    click.echo(f"  digest     {digest}  (partners compare it over another channel)")
    if environment == "production":
        click.echo(f"  next: put certificates into {home / 'tls'} and clients into {home / 'clients.toml'}")


def _development_ports(administration: str) -> tuple[int, int, int]:
    """Give each administration ports of its own, so that several nodes fit on one machine."""
    first, second = (ord(letter) - ord("A") for letter in administration)
    peer = _FIRST_PORT + _PORTS_EACH * (26 * first + second)
    return peer, peer + 1, peer + 2
