"""Hello's checks 1 to 6, in the protocol's order, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest

from gateway.exchange.limits import LinkLimits
from gateway.exchange.session_trust import AgreementRef, DocumentRef
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.unit.exchange.link_world import AGREEMENT, TIME, End, Link, party, trust

Change = Callable[[pb.Hello], object]


def set_from(hello: pb.Hello) -> None:
    setattr(hello, "from", "CN")


def greeted_with(change: Change, *, to_higher: bool, link: Link | None = None) -> End:
    """Let one side say Hello with a change on the way, and give the side that hears it."""
    link = (link or Link()).connect()
    if to_higher:
        link.deliver(link.high)
    sender, hearer = (link.low, link.high) if to_higher else (link.high, link.low)
    change(sender.sent[0].hello)
    link.deliver(sender)
    return hearer


FAULTS: dict[str, tuple[Change, str]] = {
    "session of 15 bytes": (lambda h: setattr(h, "session", bytes(15)), "MALFORMED"),
    "session of 17 bytes": (lambda h: setattr(h, "session", bytes(17)), "MALFORMED"),
    "digest of 31 bytes": (lambda h: setattr(h.descriptor, "digest", bytes(31)), "MALFORMED"),
    "digest of the other missing": (lambda h: h.ClearField("descriptor_held"), "MALFORMED"),
    "agreement digest of 33 bytes": (lambda h: setattr(h.agreements[0], "digest", bytes(33)), "MALFORMED"),
    "1 from another": (set_from, "IDENTITY_MISMATCH"),
    "1 to another": (lambda h: setattr(h, "to", "CN"), "IDENTITY_MISMATCH"),
    "1 to nobody": (lambda h: setattr(h, "to", ""), "IDENTITY_MISMATCH"),
    "2 other versions": (lambda h: h.versions.__setitem__(0, 2), "VERSION_UNSUPPORTED"),
    "2 no version": (lambda h: h.ClearField("versions"), "VERSION_UNSUPPORTED"),
    "4 clock behind": (lambda h: setattr(h, "time", TIME - 301), "CLOCK_SKEW"),
    "4 clock ahead": (lambda h: setattr(h, "time", TIME + 301), "CLOCK_SKEW"),
    "5 newer descriptor": (lambda h: setattr(h.descriptor, "version", 2), "DESCRIPTOR_STALE"),
    "5 older descriptor held": (lambda h: setattr(h.descriptor_held, "version", 0), "DESCRIPTOR_STALE"),
    "5 other descriptor": (lambda h: setattr(h.descriptor, "digest", bytes(32)), "DESCRIPTOR_FORK"),
    "5 other descriptor held": (lambda h: setattr(h.descriptor_held, "digest", bytes(32)), "DESCRIPTOR_FORK"),
    "6 other version": (lambda h: setattr(h.agreements[0], "version", 2), "AGREEMENT_MISMATCH"),
    "6 other digest": (lambda h: setattr(h.agreements[0], "digest", bytes(32)), "AGREEMENT_MISMATCH"),
    "6 more than anybody has": (lambda h: [h.agreements.add(digest=bytes(32)) for _ in range(256)], "LIMIT_EXCEEDED"),
    "6 none": (lambda h: h.ClearField("agreements"), "AGREEMENT_MISMATCH"),
    "7 no origin": (lambda h: h.ClearField("held"), "MALFORMED"),
}


@pytest.mark.parametrize("to_higher", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_reason(fault: str, to_higher: bool) -> None:
    change, reason = FAULTS[fault]
    end = greeted_with(change, to_higher=to_higher)
    assert end.closed
    assert (end.closed.reason, end.closed.by_peer) == (reason, False)
    assert end.sent[-1].goodbye.reason == reason
    assert end.opened is None


@pytest.mark.parametrize("time", [TIME - 300, TIME + 300])
def test_clocks_may_be_five_minutes_apart(time: int) -> None:
    assert greeted_with(lambda h: setattr(h, "time", time), to_higher=False).opened


def test_a_higher_version_beside_ours_is_no_fault() -> None:
    assert greeted_with(lambda h: h.versions.append(9), to_higher=False).opened


def test_3_a_suspended_link_does_not_open() -> None:
    end = greeted_with(lambda _: None, to_higher=False, link=Link(suspended="LOG_FORK"))
    assert end.closed
    assert end.closed.reason == "LINK_SUSPENDED"


def spoil(*names: str) -> Change:
    def change(hello: pb.Hello) -> None:
        for name in names:
            FAULTS[name][0](hello)

    return change


@pytest.mark.parametrize(
    ("names", "suspended", "reason"),
    [
        (("1 to another", "2 no version"), "", "IDENTITY_MISMATCH"),
        (("2 no version", "4 clock behind"), "LOG_FORK", "VERSION_UNSUPPORTED"),
        (("4 clock behind",), "LOG_FORK", "LINK_SUSPENDED"),
        (("4 clock behind", "5 newer descriptor"), "", "CLOCK_SKEW"),
        (("5 newer descriptor", "6 none"), "", "DESCRIPTOR_STALE"),
        (("6 none", "7 no origin"), "", "AGREEMENT_MISMATCH"),
    ],
)
def test_the_first_fault_in_the_protocols_order_counts(names: tuple[str, ...], suspended: str, reason: str) -> None:
    end = greeted_with(spoil(*names), to_higher=False, link=Link(suspended=suspended))
    assert end.closed
    assert end.closed.reason == reason


def test_who_is_behind_stands_in_the_detail() -> None:
    end = greeted_with(FAULTS["5 newer descriptor"][0], to_higher=False)
    assert end.closed
    assert "This side is behind." in end.closed.detail
    end = greeted_with(FAULTS["5 older descriptor held"][0], to_higher=False)
    assert end.closed
    assert "The peer is behind." in end.closed.detail


def test_only_agreements_that_both_hold_count() -> None:
    link = Link()
    ours = AgreementRef("ONLY-NL", 1, bytes(32))
    theirs = AgreementRef("ONLY-JP", 1, bytes(32))
    link.high.trust = trust("NL", "JP", agreements=(AGREEMENT, ours))
    link.low.trust = trust("JP", "NL", agreements=(theirs, AGREEMENT))
    link.open()
    assert link.high.opened
    assert link.low.opened
    assert link.high.opened.agreements == link.low.opened.agreements == (AGREEMENT,)


def test_hello_says_everything() -> None:
    link = Link()
    link.high.limits = LinkLimits(1, 2, 3, 4)
    hello = link.connect().high.sent[0].hello
    assert list(hello.versions) == [1]
    assert (getattr(hello, "from"), hello.to, hello.time) == ("NL", "JP", TIME)
    assert len(hello.session) == 16
    for document, administration in ((hello.descriptor, "NL"), (hello.descriptor_held, "JP")):
        assert DocumentRef(document.version, document.digest) == party(administration).descriptor
        assert document.digest == sha256(administration.encode()).digest()
    assert [(a.id, a.version, a.digest) for a in hello.agreements] == [
        (AGREEMENT.id, AGREEMENT.version, AGREEMENT.digest)
    ]
    assert hello.issued == pb.LogPosition(origin="customs.nl.example/links/JP/1")
    assert hello.held == pb.LogPosition(origin="customs.jp.example/links/NL/1")
    assert hello.limits == pb.Limits(batch_records=1, batch_bytes=2, window_batches=3, window_bytes=4)
