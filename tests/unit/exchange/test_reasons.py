"""What a link does after each reason, and how long it waits."""

from __future__ import annotations

import pytest

from gateway import errors
from gateway.exchange.reasons import REASONS, Afterwards, Backoff, Offences, afterwards, spoken

TABLE = {
    Afterwards.DIAL_AT_ONCE: "RENEW DESCRIPTOR_STALE",
    Afterwards.DO_NOT_DIAL: "SUPERSEDED",
    Afterwards.BACK_OFF: "SHUTDOWN TIMEOUT OVERLOADED UNAVAILABLE INTERNAL OUT_OF_ORDER",
    Afterwards.BACK_OFF_UNTIL_MENDED: (
        "UNKNOWN_PEER IDENTITY_MISMATCH VERSION_UNSUPPORTED CLOCK_SKEW AGREEMENT_MISMATCH LINK_SUSPENDED KEY_NOT_VALID"
        " LOG_RENEWED"
    ),
    Afterwards.OFFENCE: "MALFORMED LIMIT_EXCEEDED",
    Afterwards.SUSPEND: "SIGNATURE_INVALID ROOT_MISMATCH LOG_FORK LOG_ROLLBACK DESCRIPTOR_FORK",
}


@pytest.mark.parametrize(("then", "reason"), [(then, each) for then, row in TABLE.items() for each in row.split()])
def test_every_reason_of_the_protocol(then: Afterwards, reason: str) -> None:
    assert afterwards(reason) is then
    assert spoken(reason) == reason


def test_there_are_no_other_reasons() -> None:
    assert {each for row in TABLE.values() for each in row.split()} == REASONS


def all_errors(kind: type[errors.GatewayError] = errors.GatewayError) -> set[type[errors.GatewayError]]:
    return {kind}.union(*(all_errors(each) for each in kind.__subclasses__()))


def test_every_reason_has_an_error_that_says_who_must_act() -> None:
    with_advice = {each.reason for each in all_errors() if each.act}
    assert with_advice >= REASONS


def test_what_is_no_reason_of_the_protocol_is_not_spoken() -> None:
    assert spoken("RECORD_INVALID") == "INTERNAL"
    assert afterwards("A_LATER_VERSIONS_REASON") is Afterwards.BACK_OFF


def delays(jitter: float, *, every: float, count: int) -> list[float]:
    backoff, at, given = Backoff(lambda: jitter), 0.0, []
    for _ in range(count):
        given.append(backoff.delay(at))
        at += every
    return given


def test_waits_grow_to_five_seconds_and_after_an_hour_to_thirty() -> None:
    highest = delays(1.0, every=60, count=62)
    assert highest[:5] == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert highest[59] == 5.0
    assert highest[60] == highest[61] == 30.0
    assert delays(0.0, every=60, count=62) == [0.5] * 62


def test_jitter_spreads_the_waits() -> None:
    assert delays(0.5, every=1, count=6)[-1] == 0.5 + 0.5 * 4.5


def test_an_opened_session_ends_the_outage() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.delay(at) for at in (0.0, 3599.0, 3600.0)] == [1.0, 2.0, 4.0]
    for _ in range(9):
        backoff.delay(3700.0)
    assert backoff.delay(3700.0) == 30.0
    backoff.opened()
    assert backoff.delay(3800.0) == 1.0
    assert backoff.delay(3801.0) == 2.0


@pytest.mark.parametrize(("wish", "wait"), [(0, 1.0), (1, 1.0), (7, 7.0), (3600, 3600.0), (2**32 - 1, 3600.0)])
def test_the_peers_wish_is_honoured_up_to_an_hour(wish: int, wait: float) -> None:
    assert Backoff(lambda: 1.0).delay(0.0, retry_after=wish) == wait


def test_the_third_offence_within_an_hour_suspends() -> None:
    offences = Offences()
    assert not offences.suspends("MALFORMED", 0.0)
    assert not offences.suspends("LIMIT_EXCEEDED", 10.0)
    assert not offences.suspends("TIMEOUT", 20.0)
    assert not offences.suspends("MALFORMED", 3600.0)  # the first is an hour ago
    assert offences.suspends("MALFORMED", 3601.0)


def test_a_timeout_after_two_offences_does_not_suspend() -> None:
    offences = Offences()
    for at in (0.0, 1.0, 2.0):
        offences.suspends("MALFORMED", at)
    assert not offences.suspends("TIMEOUT", 3.0)


def test_a_resumed_link_begins_anew() -> None:
    offences = Offences()
    assert [offences.suspends("MALFORMED", at) for at in (0.0, 1.0, 2.0)] == [False, False, True]
    offences.forgiven()
    assert not offences.suspends("MALFORMED", 3.0)


def test_broken_evidence_suspends_at_once() -> None:
    assert Offences().suspends("LOG_FORK", 0.0)
