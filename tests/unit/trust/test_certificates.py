"""Whose certificate it is: good ones prove it, and each hostile one is refused for its own reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certs.authority import Authority, Credential
from certs.hostile import HOSTILE, good_statement, naming
from gateway.errors import DocumentInvalid, GatewayError, IdentityMismatch, Unauthenticated, UnknownPeer
from gateway.trust.certificates import PeerCertificate, claimed_domain, verify_client_leaf, verify_gateway_leaf

NL, US = "customs.nl.example", "customs.us.example"

REFUSALS: dict[str, tuple[type[GatewayError], str]] = {
    "expired": (UnknownPeer, "expired at"),
    "not-yet-valid": (UnknownPeer, "not valid before"),
    "two-uris": (IdentityMismatch, "2 URI names"),
    "two-hosts": (IdentityMismatch, "2 DNS names"),
    "other-host": (IdentityMismatch, "DNS name is not gateway.customs.nl.example"),
    "no-uri": (IdentityMismatch, "0 URI names"),
    "not-a-gateway": (IdentityMismatch, "not of the form spiffe://customs.nl.example/gateway/"),
    "common-name-only": (UnknownPeer, "No anchor"),
    "client-only": (UnknownPeer, "serverAuth"),
    "server-only": (UnknownPeer, "clientAuth"),
    "authority-as-leaf": (UnknownPeer, "an authority's, not a leaf"),
    "self-signed": (UnknownPeer, "No anchor of customs.nl.example"),
    "other-authority": (UnknownPeer, "No anchor of customs.nl.example"),
    "path-too-long": (UnknownPeer, "2 intermediate certificates"),
}


@pytest.fixture(scope="module")
def nl() -> Authority:
    return Authority.create(NL)


@pytest.fixture(scope="module")
def us() -> Authority:
    return Authority.create(US)


def check(
    credential: Credential,
    anchor: Authority,
    *,
    domain: str = NL,
    denied: frozenset[bytes] = frozenset(),
    at: datetime | None = None,
    as_client: bool = True,
    sent: list[bytes] | None = None,
) -> PeerCertificate:
    return verify_gateway_leaf(
        credential.certificate_pem,
        [credential.chain_pem] if sent is None else sent,
        domain=domain,
        anchors=[anchor.anchor_der],
        denied=denied,
        at=at or datetime.now(UTC),
        as_client=as_client,
    )


@pytest.mark.parametrize("as_client", [True, False])
@pytest.mark.parametrize("intermediate", [True, False])
def test_a_good_leaf_proves_its_domain_at_either_end(as_client: bool, intermediate: bool) -> None:
    authority = Authority.create(NL, intermediate=intermediate)
    credential = authority.issue_gateway("rotterdam-2")
    proven = check(credential, authority, as_client=as_client)
    assert (proven.domain, proven.instance) == (NL, "rotterdam-2")
    assert proven.not_after == credential.certificate.not_valid_after_utc
    assert proven.fingerprint == sha256(credential.der).digest()


def test_every_hostile_certificate_has_its_reason_here() -> None:
    assert REFUSALS.keys() == HOSTILE.keys()


@pytest.mark.parametrize("as_client", [True, False])
@pytest.mark.parametrize("profile", HOSTILE)
def test_a_hostile_leaf_is_refused_for_its_own_reason(profile: str, as_client: bool, nl: Authority) -> None:
    error, words = REFUSALS[profile]
    with pytest.raises(error) as refusal:
        check(HOSTILE[profile].make(nl), nl, as_client=as_client)
    assert words in refusal.value.sentence
    assert type(refusal.value) is error


def test_another_administrations_authority_does_not_speak_for_this_one(nl: Authority, us: Authority) -> None:
    forged = naming(NL, issued_by=us)
    assert claimed_domain(forged.certificate_pem) == NL
    with pytest.raises(UnknownPeer, match=r"No anchor of customs\.nl\.example"):
        check(forged, nl)


def test_sending_ones_own_authority_along_does_not_help(nl: Authority, us: Authority) -> None:
    forged = naming(NL, issued_by=us)
    with pytest.raises(UnknownPeer, match="No anchor"):
        check(forged, nl, sent=[forged.chain_pem + us.anchor_pem])


def test_a_partner_that_names_itself_is_not_another(nl: Authority) -> None:
    with pytest.raises(IdentityMismatch, match=r"names the trust domain customs\.us\.example"):
        check(naming(US, issued_by=nl), nl)


def test_a_withdrawn_leaf_is_refused(nl: Authority) -> None:
    credential = nl.issue_gateway()
    with pytest.raises(UnknownPeer, match="withdrawn"):
        check(credential, nl, denied=frozenset({sha256(credential.der).digest()}))
    check(credential, nl, denied=frozenset({sha256(b"another").digest()}))


def test_time_is_the_callers_and_both_ends_count(nl: Authority) -> None:
    credential = nl.issue_gateway()
    certificate = credential.certificate
    second = timedelta(seconds=1)
    check(credential, nl, at=certificate.not_valid_after_utc)
    check(credential, nl, at=certificate.not_valid_before_utc)
    with pytest.raises(UnknownPeer, match="expired at"):
        check(credential, nl, at=certificate.not_valid_after_utc + second)
    with pytest.raises(UnknownPeer, match="not valid before"):
        check(credential, nl, at=certificate.not_valid_before_utc - second)


def test_an_expired_anchor_vouches_for_nobody() -> None:
    old = Authority.create(NL, at=datetime.now(UTC) - timedelta(days=10), life=timedelta(days=1))
    with pytest.raises(UnknownPeer, match="No anchor"):
        check(old.credential(good_statement(NL)), old)


def test_der_pem_and_an_anchor_sent_along_are_all_taken(nl: Authority) -> None:
    credential = nl.issue_gateway()
    proven = verify_gateway_leaf(
        credential.der,
        [nl.anchor_der],
        domain=NL,
        anchors=[nl.anchor_der],
        denied=frozenset(),
        at=datetime.now(UTC),
        as_client=True,
    )
    assert proven.instance == "1"


def test_the_intermediate_is_needed() -> None:
    authority = Authority.create(NL, intermediate=True)
    with pytest.raises(UnknownPeer, match="No anchor"):
        check(authority.issue_gateway(), authority, sent=[])


def test_during_a_change_of_anchors_both_count(nl: Authority) -> None:
    newer = Authority.create(NL)
    for credential in (nl.issue_gateway(), newer.issue_gateway()):
        verify_gateway_leaf(
            credential.der,
            [],
            domain=NL,
            anchors=[nl.anchor_der, newer.anchor_der],
            denied=frozenset(),
            at=datetime.now(UTC),
            as_client=True,
        )


@pytest.mark.parametrize(
    "junk", [b"", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_junk_is_refused_as_a_stranger(junk: bytes, nl: Authority) -> None:
    with pytest.raises(UnknownPeer, match="cannot be read"):
        claimed_domain(junk)
    with pytest.raises(UnknownPeer, match="cannot be read"):
        check(nl.issue_gateway(), nl, sent=[junk])


def test_without_anchors_nobody_is_known_and_broken_anchors_are_the_documents_fault(nl: Authority) -> None:
    credential = nl.issue_gateway()
    for anchors, error in (([], UnknownPeer), ([b"junk"], DocumentInvalid)):
        with pytest.raises(error):
            verify_gateway_leaf(
                credential.der, [], domain=NL, anchors=anchors, denied=frozenset(), at=datetime.now(UTC), as_client=True
            )


@pytest.mark.parametrize("profile", ["two-uris", "no-uri", "not-a-gateway", "common-name-only"])
def test_no_single_gateway_no_claim(profile: str, nl: Authority) -> None:
    with pytest.raises(UnknownPeer, match="exactly one gateway"):
        claimed_domain(HOSTILE[profile].make(nl).certificate_pem)


@pytest.mark.parametrize(
    "uri",
    [
        "spiffe://Customs.NL.example/gateway/1",
        "spiffe://customs.nl.example/gateway/1/2",
        "spiffe://customs.nl.example/gateway/..",
        "spiffe://customs.nl.example/gateway/",
        "spiffe://customs.nl.example:443/gateway/1",
        "spiffe://a@customs.nl.example/gateway/1",
        "spiffe://customs.nl.example/gateway/1?x",
        "spiffe://customs.nl.example/gateway/1\n",
        "https://customs.nl.example/gateway/1",
        "spiffe://nl/gateway/1",
    ],
)
def test_no_second_spelling_of_a_name(uri: str, nl: Authority) -> None:
    names = x509.UniformResourceIdentifier._init_without_validation(uri), x509.DNSName(f"gateway.{NL}")
    statement = good_statement(NL)
    object.__setattr__(statement, "names", names)
    credential = nl.credential(statement)
    with pytest.raises(UnknownPeer):
        claimed_domain(credential.certificate_pem)
    with pytest.raises(IdentityMismatch):
        check(credential, nl)


# --- national clients ---------------------------------------------------------------------------------------------


def check_client(credential: Credential, authority: Authority, **changed: object) -> str:
    arguments = {"domain": NL, "anchors": [authority.anchor_der], "at": datetime.now(UTC)} | changed
    return verify_client_leaf(credential.certificate_pem, [credential.chain_pem], **arguments).name  # type: ignore[arg-type]


@pytest.mark.parametrize("intermediate", [True, False])
def test_a_national_system_proves_its_name(intermediate: bool) -> None:
    authority = Authority.create(NL, intermediate=intermediate)
    assert check_client(authority.issue_client("risk-engine"), authority) == "risk-engine"


def test_a_gateway_is_no_national_client(nl: Authority) -> None:
    with pytest.raises(Unauthenticated, match="/client/"):
        check_client(nl.issue_gateway(), nl)


def test_a_national_client_is_no_gateway(nl: Authority) -> None:
    with pytest.raises(UnknownPeer, match="serverAuth"):
        check(nl.issue_client("risk-engine"), nl)


def test_national_clients_are_refused_in_the_same_steps(nl: Authority, us: Authority) -> None:
    credential = nl.issue_client("risk-engine")
    late = credential.certificate.not_valid_after_utc + timedelta(seconds=1)
    digest = sha256(credential.certificate.public_bytes(Encoding.DER)).digest()
    for changed, words in (
        ({"at": late}, "expired"),
        ({"denied": frozenset({digest})}, "withdrawn"),
        ({"anchors": [us.anchor_der]}, "No anchor"),
        ({"anchors": []}, "no anchor"),
        ({"domain": US}, "not customs.us.example"),
    ):
        with pytest.raises(Unauthenticated, match=words):
            check_client(credential, nl, **changed)
    with pytest.raises(Unauthenticated, match="clientAuth"):
        check_client(nl.issue_server(), nl)
