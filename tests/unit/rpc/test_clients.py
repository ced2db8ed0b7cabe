"""The list of national clients, and what a credential makes of a caller."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest

from certs.authority import Authority
from certs.hostile import naming
from gateway.errors import CallerNotPermitted, ClientUnknown, ConfigurationInvalid, LinkSuspended
from gateway.rpc.access import ACCESS, Role, require_access
from gateway.rpc.clients import Client, Clients, load_clients

DOMAIN = "customs.cn.example"


def now() -> int:
    return int(time.time())


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create(DOMAIN)


def clients(authority: Authority, *registered: Client) -> Clients:
    return Clients(registered, domain=DOMAIN, anchors=[authority.anchor_der])


def client(name: str, *roles: str, token: str = "") -> Client:
    digest = sha256(token.encode()).hexdigest() if token else None
    return Client(name=name, roles=roles, token_sha256=digest)


def test_a_certificate_makes_a_caller(authority: Authority) -> None:
    known = clients(authority, client("desk", "submit", "read"))
    caller = known.by_certificate(authority.issue_client("desk").certificate_pem, b"", now())
    assert (caller.name, caller.roles) == ("desk", {Role.SUBMIT, Role.READ})


def test_one_that_is_verified_already_expires_all_the_same(authority: Authority) -> None:
    known = clients(authority, client("desk", "read"))
    credential = authority.issue_client("desk")
    ends = int(credential.certificate.not_valid_after_utc.timestamp())
    assert known.by_certificate(credential.certificate_pem, b"", ends - 1).name == "desk"
    with pytest.raises(ClientUnknown, match="expired"):
        known.by_certificate(credential.certificate_pem, b"", ends)


def test_who_is_not_registered_is_nobody(authority: Authority) -> None:
    known = clients(authority, client("desk", "read"))
    with pytest.raises(ClientUnknown, match="No client is registered as Desk"):
        known.by_certificate(authority.issue_client("Desk").certificate_pem, b"", now())
    with pytest.raises(ClientUnknown):
        known.by_certificate(Authority.create(DOMAIN).issue_client("desk").certificate_pem, b"", now())
    with pytest.raises(ClientUnknown):
        known.by_certificate(naming(DOMAIN, issued_by=authority).certificate_pem, b"", now())
    with pytest.raises(ClientUnknown):
        known.by_certificate(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"", now())


def test_a_token_makes_a_caller(authority: Authority) -> None:
    known = clients(authority, client("desk", "read", token="open"), client("other", "submit"))
    assert known.by_token("open").name == "desk"
    for wrong in ("", "Open", "open ", sha256(b"open").hexdigest(), "ö"):
        with pytest.raises(ClientUnknown):
            known.by_token(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "[[client]]\nname = 'a'\n",
        "[[client]]\nname = 'a'\nroles = []\n",
        "[[client]]\nname = 'a'\nroles = ['partner']\n",
        "[[client]]\nname = 'a b'\nroles = ['read']\n",
        "[[client]]\nname = 'a'\nroles = ['read']\ntoken = 'in the open'\n",
        "[[client]]\nname = 'a'\nroles = ['read']\ntoken_sha256 = 'short'\n",
        "[[client]]\nname = 'a'\nroles = ['read']\n[[client]]\nname = 'a'\nroles = ['submit']\n",
        "[[client]]\nname = 'a'\nroles = ['posted']\n",
        "[[client]]\nname = 'a'\nroles = ['posted']\nadministration = 'usa'\n",
        "[[client]]\nname = 'a'\nroles = ['posted', 'read']\nadministration = 'US'\n",
        "[[client]]\nname = 'a'\nroles = ['read']\nadministration = 'US'\n",
        "client = 1",
        "[[client",
    ],
)
def test_a_wrong_list_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationInvalid, match="list of clients"):
        load_clients(file)


def test_a_posted_officer_is_of_its_administration(authority: Authority) -> None:
    known = clients(authority, Client(name="csi", roles=("posted",), administration="US"), client("desk", "read"))
    caller = known.by_certificate(authority.issue_client("csi").certificate_pem, b"", now())
    assert (caller.roles, caller.administration) == ({Role.POSTED}, "US")
    assert known.by_certificate(authority.issue_client("desk").certificate_pem, b"", now()).administration == ""


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="gateway init"):
        load_clients(tmp_path / "clients.toml")


@pytest.mark.parametrize("method", ACCESS)
def test_each_role_may_what_the_table_says(method: str) -> None:
    for role in Role:
        if role in ACCESS[method]:
            require_access(method, {role}, "desk")
        elif role is Role.HELD_PARTNER and Role.PARTNER in ACCESS[method]:
            with pytest.raises(LinkSuspended, match="desk is suspended"):
                require_access(method, {role}, "desk")
        else:
            with pytest.raises(CallerNotPermitted, match="desk may not call"):
                require_access(method, {role}, "desk")


def test_a_method_without_a_row_is_nobodys() -> None:
    with pytest.raises(CallerNotPermitted, match="nobody"):
        require_access("/new.Service/Method", set(Role), "desk")


def test_submitting_and_reading_are_apart() -> None:
    """A desk that submits need not see what partners send, and a reader issues nothing."""
    for method, roles in ACCESS.items():
        if "RecordsService" in method:
            assert not {Role.SUBMIT, Role.READ} <= roles
            assert Role.OPERATE not in roles
            assert Role.PARTNER not in roles
