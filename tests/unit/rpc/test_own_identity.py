"""Which certificate a gateway shows to whom, while one authority follows another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import structlog

from certs.authority import Authority, Credential
from gateway.errors import ConfigurationInvalid
from gateway.rpc import own_identity
from gateway.rpc.own_identity import OwnIdentity
from gateway.rpc.servers import TlsIdentity
from gateway.trust.book import TrustBook
from gateway.trust.certificates import PeerCertificate, verify_gateway_leaf
from gateway.trust.descriptors import Descriptor, parse_descriptor, sign_descriptor
from gateway.trust.documents import read_document
from gateway.trust.revision import Revision
from tests.unit.exchange.link_world import Clock
from tests.unit.exchange.trusted_world import NOW, descriptor_note, domain, signer

AT = datetime.fromtimestamp(NOW, UTC)


class World:
    """CN, which goes from one authority to another: version 2 names both, version 3 the new one alone."""

    def __init__(self) -> None:
        self.old = Authority.create(domain("CN"), at=AT - timedelta(days=3))
        self.new = Authority.create(domain("CN"), at=AT - timedelta(days=2))
        self.first = self.old.issue_gateway(at=AT - timedelta(days=2))
        self.second = self.new.issue_gateway(at=AT - timedelta(days=1))
        self.files = [self.first, self.second]
        self.shown: dict[str, int] = {}
        one = replace(parse_descriptor(read_document(descriptor_note("CN")).text), anchors=(self.old.anchor_der,))
        two = Revision(new_anchors=(self.new.anchor_der,)).after(one, issued=NOW)
        three = Revision(dropped_anchors=(self.old.anchor_der,)).after(two, issued=NOW)
        self.versions = [one, two, three]
        self.book = TrustBook("CN")
        for partner in ("NL", "US"):
            self.book = self.book.with_descriptor(descriptor_note(partner))
        self.publish(1)
        self.clock = Clock()
        self.clock.time = NOW

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            self.keep(self.versions[number - 1])

    def keep(self, descriptor: Descriptor) -> None:
        self.book = self.book.with_descriptor(sign_descriptor(descriptor, [signer("CN", "root")]))

    def identity(self) -> OwnIdentity:
        return OwnIdentity(
            read=lambda: [TlsIdentity(each.key_pem, each.chain_pem) for each in self.files],
            book=lambda: self.book,
            held=lambda partner: self.shown.get(partner, 0),
            clock=self.clock,
        )


@pytest.fixture
def world() -> World:
    return World()


def is_of(identity: TlsIdentity, credential: Credential) -> bool:
    return identity.key == credential.key_pem


def test_a_partner_is_shown_what_its_version_vouches_for(world: World) -> None:
    identity = world.identity()
    assert is_of(identity.towards("NL"), world.first)
    world.publish(2)
    world.shown = {"NL": 2, "US": 1}
    assert is_of(identity.towards("NL"), world.second)
    assert is_of(identity.towards("US"), world.first)


def test_the_door_waits_for_all_and_then_for_nobody(world: World) -> None:
    identity = world.identity()
    world.publish(2)
    world.shown = {"NL": 2, "US": 1}
    assert is_of(identity.at_the_door(), world.first)
    world.shown["US"] = 2
    assert is_of(identity.at_the_door(), world.second)
    world.shown["US"] = 1
    world.publish(3)
    world.shown["NL"] = 3
    assert is_of(identity.at_the_door(), world.second), "no leaf suits both: the one that the present version names"
    assert is_of(identity.towards("US"), world.first), "so that a partner that was away can catch up"


def test_a_withdrawn_leaf_is_not_shown(world: World) -> None:
    world.publish(2)
    world.shown = {"NL": 2, "US": 2}
    digest = sha256(world.second.der).digest()
    world.keep(Revision(denied=(digest,)).after(world.versions[1], issued=NOW))
    assert is_of(world.identity().at_the_door(), world.first)


def test_a_file_that_does_not_load_leaves_the_former_one_and_is_said(world: World) -> None:
    identity = world.identity()
    world.files[0] = replace(world.first, key=world.second.key)
    with structlog.testing.capture_logs() as log:
        assert is_of(identity.at_the_door(), world.first)
    assert [(line["log_level"], "not that of the certificate" in line["detail"]) for line in log] == [("error", True)]
    with pytest.raises(ConfigurationInvalid, match="not that of the certificate"):
        identity.reload()


def test_it_knows_when_partners_refuse_all_of_them(world: World) -> None:
    identity = world.identity()
    assert identity.refusal() == "", "the second is of an authority that nobody knows yet, the first is good"
    world.files = [world.second]
    identity.reload()
    assert identity.refusal().startswith("No anchor of")


def test_a_fault_is_said_once_and_again_when_it_comes_again(world: World) -> None:
    identity = world.identity()
    whole = world.files[0]
    with structlog.testing.capture_logs() as log:
        for key in (world.second.key, world.second.key, whole.key, world.second.key):
            world.files[0] = replace(whole, key=key)
            identity.at_the_door()
    assert len(log) == 2


def test_without_a_certificate_there_is_no_start(world: World) -> None:
    world.files = []
    with pytest.raises(ConfigurationInvalid, match="no TLS certificate"):
        world.identity()


def test_many_handshakes_in_one_second_cost_one_look_at_a_certificate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bytes] = []

    def look(leaf: bytes, *rest: Any, **more: Any) -> PeerCertificate:
        looks.append(leaf)
        return verify_gateway_leaf(leaf, *rest, **more)

    monkeypatch.setattr(own_identity, "verify_gateway_leaf", look)
    identity = world.identity()
    first = identity.at_the_door()
    found = len(looks)
    assert [identity.at_the_door() for _ in range(20)] == [first] * 20
    assert len(looks) == found
    world.clock.time += 1
    assert identity.at_the_door() == first
    assert len(looks) == 2 * found
