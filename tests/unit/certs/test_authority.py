"""The authority: profiles, renewal, files that nobody else reads and nothing overwrites."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from certs.authority import Authority, Credential
from certs.profiles import GATEWAY

NL = "customs.nl.example"


@pytest.fixture(scope="module")
def nl() -> Authority:
    return Authority.create(NL)


def names(credential: Credential) -> list[str]:
    extension = credential.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(name.value) for name in extension.value]


def usages(credential: Credential) -> set[x509.ObjectIdentifier]:
    return set(credential.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_each_profile_says_what_it_is(nl: Authority) -> None:
    gateway, server, client = nl.issue_gateway("2"), nl.issue_server(hosts=["gw.internal"]), nl.issue_client("risk")
    assert names(gateway) == [f"spiffe://{NL}/gateway/2", f"gateway.{NL}"]
    assert names(server) == ["localhost", "gw.internal", "127.0.0.1"]
    assert names(client) == [f"spiffe://{NL}/client/risk"]
    assert usages(gateway) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert usages(server) == {ExtendedKeyUsageOID.SERVER_AUTH}
    assert usages(client) == {ExtendedKeyUsageOID.CLIENT_AUTH}


def test_lives_are_short_and_within_the_authoritys() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    authority = Authority.create(NL, at=at)
    assert authority.root.certificate.not_valid_after_utc == at + timedelta(days=730)
    assert authority.issue_gateway(at=at).certificate.not_valid_after_utc == at + GATEWAY.life
    late = authority.issue_gateway(at=at + timedelta(days=720)).certificate
    assert late.not_valid_after_utc == authority.root.certificate.not_valid_after_utc


@pytest.mark.parametrize("intermediate", [True, False])
def test_strict_path_validation_takes_every_profile(intermediate: bool) -> None:
    authority = Authority.create(NL, intermediate=intermediate)
    policy = PolicyBuilder().store(Store([authority.root.certificate])).time(datetime.now(UTC))
    for credential in (authority.issue_gateway(), authority.issue_client("risk")):
        policy.build_client_verifier().verify(credential.certificate, list(credential.intermediates))
    for credential, host in ((authority.issue_gateway(), f"gateway.{NL}"), (authority.issue_server(), "localhost")):
        verifier = policy.build_server_verifier(x509.DNSName(host))
        verifier.verify(credential.certificate, list(credential.intermediates))


@pytest.mark.parametrize(
    "domain", ["", "nl", "Customs.nl.example", "customs..nl", "-a.example", "a.example\n", "a." * 60 + "aa"]
)
def test_what_is_no_trust_domain_gets_no_authority(domain: str) -> None:
    with pytest.raises(ValueError, match="trust domain"):
        Authority.create(domain)


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "a\n", "x" * 65])
def test_a_name_cannot_leave_its_place_in_the_uri(name: str, nl: Authority) -> None:
    with pytest.raises(ValueError, match="cannot stand in a certificate"):
        nl.issue_gateway(name)


def test_the_longest_domain_and_name_fit() -> None:
    domain = ".".join(["a" * 39] * 3)
    assert names(Authority.create(domain).issue_gateway("x" * 64))[0] == f"spiffe://{domain}/gateway/{'x' * 64}"


def test_renewal_says_the_same_with_a_new_key(nl: Authority) -> None:
    old = nl.issue_gateway("2", life=timedelta(days=7), at=datetime.now(UTC) - timedelta(days=6))
    new = nl.renew(old.certificate)
    assert (names(new), usages(new)) == (names(old), usages(old))
    assert new.key.public_key() != old.key.public_key()
    assert new.certificate.not_valid_after_utc > old.certificate.not_valid_after_utc + timedelta(days=5)


def test_an_authority_renews_only_its_own(nl: Authority) -> None:
    with pytest.raises(ValueError, match="not issued by"):
        nl.renew(Authority.create(NL).issue_gateway().certificate)


@pytest.mark.parametrize("intermediate", [True, False])
def test_what_is_written_is_read_back_and_goes_on_issuing(intermediate: bool, tmp_path: Path) -> None:
    authority = Authority.create(NL, intermediate=intermediate)
    authority.write(tmp_path / "pki")
    again = Authority.read(tmp_path / "pki")
    assert (again.domain, again.anchor_der) == (NL, authority.anchor_der)
    again.issue_gateway().write(tmp_path / "tls", "gateway")
    credential = Credential.read(tmp_path / "tls", "gateway")
    credential.certificate.verify_directly_issued_by(authority.issuer.certificate)
    assert len(credential.intermediates) == int(intermediate)


def test_files_are_their_owners_alone(nl: Authority, tmp_path: Path) -> None:
    nl.write(tmp_path)
    nl.issue_gateway().write(tmp_path, "gateway")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["ca.pem", "ca.key", "gateway.pem", "gateway.key"], 0o600)


@pytest.mark.parametrize("there", ["gateway.pem", "gateway.key"])
def test_nothing_is_overwritten_unless_asked(there: str, nl: Authority, tmp_path: Path) -> None:
    (tmp_path / there).write_text("precious")
    with pytest.raises(FileExistsError):
        nl.issue_gateway().write(tmp_path, "gateway")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"
    nl.issue_gateway().write(tmp_path, "gateway", replace=True)
    assert {path.name for path in tmp_path.iterdir()} == {"gateway.pem", "gateway.key"}
    Credential.read(tmp_path, "gateway")


def test_no_file_is_written_through_a_link(nl: Authority, tmp_path: Path) -> None:
    (tmp_path / "gateway.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        nl.issue_gateway().write(tmp_path, "gateway")
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_does_not_fit_is_noticed(nl: Authority, tmp_path: Path) -> None:
    nl.issue_gateway().write(tmp_path, "gateway")
    (tmp_path / "gateway.key").write_bytes(nl.issue_gateway().key_pem)
    with pytest.raises(ValueError, match="not the key"):
        Credential.read(tmp_path, "gateway")


def test_no_key_stands_in_a_repr(nl: Authority) -> None:
    credential = nl.issue_gateway()
    secret = f"{credential.key.private_numbers().private_value:x}"
    for value in (credential, nl, nl.root):
        assert "PRIVATE" not in repr(value)
        assert secret not in repr(value)
