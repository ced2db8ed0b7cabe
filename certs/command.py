"""The command ``python -m certs``: thin, it reads arguments and calls the library.

The library is imported when a command runs, so that ``--help`` answers at once.
"""

# ruff: noqa: PLC0415 - imports inside commands, for that reason

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from cryptography import x509

    from certs.authority import Credential

Command = TypeVar("Command", bound=Callable[..., None])

_DIRECTORY = click.Path(file_okay=False, path_type=Path)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  python -m certs authority pki/nl --domain customs.nl.example
  python -m certs gateway pki/nl --out node/tls
  python -m certs server pki/nl --host gateway.internal
  python -m certs client pki/nl risk-engine
  python -m certs renew pki/nl node/tls/gateway-1
  python -m certs show node/tls/gateway-1.pem

Keys are written with mode 0600 and nothing is overwritten without --replace.
For development and tests: authority keys lie in plain files.""",
)
def cli() -> None:
    """Make a certificate authority for an administration, and certificates for its programs."""


def _issuing(command: Command) -> Command:
    for option in (
        click.argument("authority", type=_DIRECTORY),
        click.option("--out", type=_DIRECTORY, help="Where to write; the authority's directory if left out."),
        click.option("--days", type=click.IntRange(min=1), help="Days of validity; the profile's if left out."),
        click.option("--replace", is_flag=True, help="Overwrite what is there."),
    ):
        command = option(command)
    return command


@cli.command()
@click.argument("directory", type=_DIRECTORY)
@click.option("--domain", required=True, help="Trust domain, for example customs.nl.example.")
@click.option("--intermediate", is_flag=True, help="Issue through an intermediate, as many administrations do.")
@click.option("--replace", is_flag=True, help="Overwrite what is there; all that it issued becomes worthless.")
def authority(directory: Path, domain: str, *, intermediate: bool, replace: bool) -> None:
    """Make an administration's authority in DIRECTORY: ca.pem and ca.key."""
    from certs.authority import Authority

    Authority.create(domain, intermediate=intermediate).write(directory, replace=replace)
    click.echo(f"authority of {domain}: {directory / 'ca.pem'}")


@cli.command()
@_issuing
@click.option("--instance", default="1", show_default=True, help="Which gateway process of the administration.")
def gateway(authority: Path, out: Path | None, days: int | None, *, replace: bool, instance: str) -> None:
    """Issue to a gateway, for links with partners."""
    from certs.authority import Authority

    credential = Authority.read(authority).issue_gateway(instance, life=_life(days))
    _keep(credential, out or authority, f"gateway-{instance}", replace=replace)


@cli.command()
@_issuing
@click.option("--host", "hosts", multiple=True, help="A further DNS name; localhost is always there.")
@click.option("--address", "addresses", multiple=True, help="A further IP address; 127.0.0.1 is always there.")
def server(
    authority: Path,
    out: Path | None,
    days: int | None,
    *,
    replace: bool,
    hosts: tuple[str, ...],
    addresses: tuple[str, ...],
) -> None:
    """Issue to a gateway's national port."""
    from certs.authority import Authority

    credential = Authority.read(authority).issue_server(hosts=hosts, addresses=addresses, life=_life(days))
    _keep(credential, out or authority, "server", replace=replace)


@cli.command()
@_issuing
@click.argument("name")
def client(authority: Path, out: Path | None, days: int | None, *, replace: bool, name: str) -> None:
    """Issue to the national system NAME, which calls the gateway."""
    from certs.authority import Authority

    credential = Authority.read(authority).issue_client(name, life=_life(days))
    _keep(credential, out or authority, f"client-{name}", replace=replace)


@cli.command()
@click.argument("authority", type=_DIRECTORY)
@click.argument("pair", type=click.Path(path_type=Path))
def renew(authority: Path, pair: Path) -> None:
    """Replace PAIR.pem and PAIR.key by the same statement with a new key and new dates."""
    from certs.authority import Authority, Credential

    old = Credential.read(pair.parent, pair.name)
    _keep(Authority.read(authority).renew(old.certificate), pair.parent, pair.name, replace=True)


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a certificate.")
def show(file: Path, *, as_json: bool) -> None:
    """Say what the certificates in FILE say."""
    from cryptography import x509

    for certificate in x509.load_pem_x509_certificates(file.read_bytes()):
        facts = _facts(certificate)
        click.echo(json.dumps(facts) if as_json else "\n".join(f"{name:12} {value}" for name, value in facts.items()))


def main() -> None:
    """Run the command; a refusal is one sentence on stderr and exit code 1."""
    try:
        cli(prog_name="python -m certs")
    except (OSError, ValueError) as error:
        click.echo(f"certs: {error}", err=True)
        sys.exit(1)


def _life(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


def _keep(credential: Credential, directory: Path, name: str, *, replace: bool) -> None:
    credential.write(directory, name, replace=replace)
    until = credential.certificate.not_valid_after_utc
    click.echo(f"{directory / name}.pem and .key, valid until {until:%Y-%m-%d %H:%M} UTC")


def _facts(certificate: x509.Certificate) -> dict[str, str]:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "names": " ".join(str(name.value) for name in names),
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.not_valid_after_utc.isoformat(),
        "sha256": certificate.fingerprint(SHA256()).hex(),
    }
