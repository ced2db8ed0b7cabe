"""Certificates that a gateway must refuse, each with one thing wrong, for tests and hostile partners.

``HOSTILE`` is the table: a name, what is wrong, and how to make it from an authority. The authority is the real one
of the administration that is named, except where the point is that it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from cryptography import x509

from certs.authority import Authority, Credential
from certs.signing import Issuer, Statement, alternative_names, certify, new_key, subject, usages


@dataclass(frozen=True, slots=True)
class HostileProfile:
    """One way of being wrong; ``make`` takes the authority of the administration that the certificate names."""

    wrong: str
    make: Callable[[Authority], Credential]


def good_statement(domain: str, instance: str = "1", *, at: datetime | None = None) -> Statement:
    """Say what a good gateway leaf says, to be spoilt with ``dataclasses.replace``."""
    now = at or datetime.now(UTC)
    return Statement(
        subject=subject(domain, f"gateway-{instance}"),
        begins=now - timedelta(minutes=5),
        ends=now + timedelta(days=30),
        names=alternative_names(uris=[f"spiffe://{domain}/gateway/{instance}"], hosts=[f"gateway.{domain}"]),
        usages=usages(server=True, client=True),
    )


def naming(victim: str, *, issued_by: Authority) -> Credential:
    """Make a leaf that names ``victim``'s gateway, signed by another administration's authority.

    TLS alone accepts it wherever both authorities are trusted: this is the attack that the check against the
    named domain's own anchors stops.
    """
    return issued_by.credential(good_statement(victim))


def _expired(authority: Authority) -> Credential:
    return authority.credential(good_statement(authority.domain, at=datetime.now(UTC) - timedelta(days=31)))


def _not_yet_valid(authority: Authority) -> Credential:
    return authority.credential(good_statement(authority.domain, at=datetime.now(UTC) + timedelta(days=1)))


def _with_names(authority: Authority, *, uris: list[str], hosts: list[str]) -> Credential:
    names = alternative_names(uris=uris, hosts=hosts)
    return authority.credential(replace(good_statement(authority.domain), names=names))


def _two_uris(authority: Authority) -> Credential:
    own, domain = f"spiffe://{authority.domain}/gateway/1", authority.domain
    return _with_names(authority, uris=[own, "spiffe://customs.us.example/gateway/1"], hosts=[f"gateway.{domain}"])


def _two_hosts(authority: Authority) -> Credential:
    domain = authority.domain
    return _with_names(authority, uris=[f"spiffe://{domain}/gateway/1"], hosts=[f"gateway.{domain}", "localhost"])


def _other_host(authority: Authority) -> Credential:
    return _with_names(authority, uris=[f"spiffe://{authority.domain}/gateway/1"], hosts=["gateway.customs.us.example"])


def _no_uri(authority: Authority) -> Credential:
    return _with_names(authority, uris=[], hosts=[f"gateway.{authority.domain}"])


def _not_a_gateway(authority: Authority) -> Credential:
    domain = authority.domain
    return _with_names(authority, uris=[f"spiffe://{domain}/client/1"], hosts=[f"gateway.{domain}"])


def _common_name_only(authority: Authority) -> Credential:
    name = subject(authority.domain, f"gateway.{authority.domain}"[:64])
    return authority.credential(replace(good_statement(authority.domain), subject=name, names=()))


def _client_only(authority: Authority) -> Credential:
    return authority.credential(replace(good_statement(authority.domain), usages=usages(server=False, client=True)))


def _server_only(authority: Authority) -> Credential:
    return authority.credential(replace(good_statement(authority.domain), usages=usages(server=True, client=False)))


def _authority_as_leaf(authority: Authority) -> Credential:
    return authority.credential(replace(good_statement(authority.domain), path_length=0))


def _self_signed(authority: Authority) -> Credential:
    key = new_key()
    return Credential(certify(good_statement(authority.domain), key, None), (), key)


def _other_authority(authority: Authority) -> Credential:
    return naming(authority.domain, issued_by=Authority.create("customs.us.example"))


def _path_too_long(authority: Authority) -> Credential:
    """Set two intermediates between a good leaf and the anchor: more than the anchor allows, yet TLS lets it in."""
    said = good_statement(authority.domain)
    issuer, intermediates = authority.root, list[x509.Certificate]()
    for limit in (1, 0):
        key = new_key()
        middle = replace(
            said, subject=subject(authority.domain, f"middle-{limit}"), names=(), usages=(), path_length=limit
        )
        issuer = Issuer(certify(middle, key, issuer), key)
        intermediates.insert(0, issuer.certificate)
    key = new_key()
    return Credential(certify(said, key, issuer), tuple(intermediates), key)


HOSTILE: Mapping[str, HostileProfile] = MappingProxyType(
    {
        "expired": HostileProfile("its time is over", _expired),
        "not-yet-valid": HostileProfile("its time has not come", _not_yet_valid),
        "two-uris": HostileProfile("it names a second administration besides its own", _two_uris),
        "two-hosts": HostileProfile("it bears a second DNS name", _two_hosts),
        "other-host": HostileProfile("its DNS name is another administration's", _other_host),
        "no-uri": HostileProfile("it names no administration", _no_uri),
        "not-a-gateway": HostileProfile("it names a national client, not a gateway", _not_a_gateway),
        "common-name-only": HostileProfile("it names itself in the subject alone", _common_name_only),
        "client-only": HostileProfile("it may not serve", _client_only),
        "server-only": HostileProfile("it may not dial", _server_only),
        "authority-as-leaf": HostileProfile("it may sign certificates itself", _authority_as_leaf),
        "self-signed": HostileProfile("nobody vouches for it", _self_signed),
        "other-authority": HostileProfile("another administration's authority signed it", _other_authority),
        "path-too-long": HostileProfile("two intermediates stand between it and the anchor", _path_too_long),
    }
)
