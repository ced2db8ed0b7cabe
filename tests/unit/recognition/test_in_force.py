"""What counts at a time is laid out once, and anew as soon as an agreement begins or ends."""

from __future__ import annotations

from gateway.recognition.in_force import Policies
from gateway.trust.agreements import Agreement
from tests.unit.recognition.world import NOW, agreement

FIRST, SECOND = agreement(version=1, until="2032-01-01"), agreement(version=2)
ENDS = FIRST.terms.valid_until


def version(policies: Policies, at: int, *agreements: Agreement) -> int | None:
    found = policies.at(at, own="NL", agreements=agreements).policy("cn-nl", "CN")
    return None if found is None else found.terms.version


def test_the_highest_version_in_force_counts() -> None:
    assert version(Policies(), NOW, FIRST, SECOND) == 2
    assert version(Policies(), NOW, SECOND, FIRST) == 2


def test_it_is_laid_out_anew_when_an_agreement_ends_and_not_before() -> None:
    policies = Policies()
    before = policies.at(ENDS - 2, own="NL", agreements=[FIRST])
    assert policies.at(ENDS - 1, own="NL", agreements=[FIRST]) is before
    assert [version(policies, at, FIRST) for at in (ENDS - 1, ENDS, ENDS + 1, ENDS - 1)] == [1, None, None, 1]


def test_another_set_of_agreements_is_another_layout() -> None:
    policies = Policies()
    assert [version(policies, NOW, *some) for some in ([FIRST], [FIRST, SECOND], [SECOND], [])] == [1, 2, 2, None]


def test_what_was_in_force_is_asked_of_every_version() -> None:
    later = Policies().at(ENDS + 1, own="NL", agreements=[FIRST])
    assert later.was_in_force("cn-nl", "CN", ENDS - 1)
    assert not later.was_in_force("cn-nl", "CN", ENDS)
    assert not later.was_in_force("cn-nl", "NL", ENDS - 1)
    assert not later.was_in_force("another", "CN", ENDS - 1)
    assert (later.policies_with("CN"), later.combinations(["CN"])) == ((), {})


def test_combinations_stand_under_each_use_that_they_have() -> None:
    now = Policies().at(NOW, own="NL", agreements=[SECOND])
    assert [policy.terms.version for policy in now.policies_with("CN")] == [2]
    assert now.combinations([]) == {}
    ((use, by_agreement),) = now.combinations(["US", "CN"]).items()
    assert (use, list(by_agreement)) == (("NII", "EXPLOSIVES_IED"), [SECOND.digest])
    assert [together.terms.name for together in by_agreement[SECOND.digest]] == ["both"]


def test_what_may_come_is_what_the_flows_let_come() -> None:
    policy = Policies().at(NOW, own="NL", agreements=[SECOND]).policy("cn-nl", "CN")
    assert policy is not None
    assert policy.lets_come("CN", "aeo_status", ("ONWARD", "AEO_BENEFIT"))
    assert not policy.lets_come("CN", "equipment", ("AEO_BENEFIT",))
    assert not policy.lets_come("NL", "aeo_status", ("AEO_BENEFIT",))
