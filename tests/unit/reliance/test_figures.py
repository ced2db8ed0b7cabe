"""Figures: what tallies add up to."""

from __future__ import annotations

from gateway.ports.ledger import BasisTally, DecisionTally, Finding, Source
from gateway.reliance.figures import contradictions, reliance_figures
from gateway.reliance.shares import Share


def decided(outcome: str, finding: Finding, count: int, *, overridden: bool = False) -> DecisionTally:
    return DecisionTally("CN", outcome, overridden, finding, count)


def stood(office: str, device: str, finding: Finding, count: int, outcome: str = "RELY") -> BasisTally:
    return BasisTally("CN", outcome, finding, (Source("CN", "NII_XRAY", office, device),), count)


def test_outcomes_and_overrides_are_counted() -> None:
    found = reliance_figures(
        [
            decided("RELY", Finding.OPEN, 3),
            decided("RELY", Finding.CONFIRMED, 4, overridden=True),
            decided("DO_NOT_RELY", Finding.OPEN, 5),
        ],
        [],
    )
    assert found.outcomes == {"DO_NOT_RELY": 5, "RELY": 7}
    assert found.overridden == 4


def test_only_what_relied_is_found_right_or_wrong_and_the_sample_stands_apart() -> None:
    found = reliance_figures(
        [
            decided("RELY", Finding.CONFIRMED, 9),
            decided("RELY_IN_PART", Finding.CONTRADICTED, 1),
            decided("DO_NOT_RELY", Finding.CONTRADICTED, 50),
            decided("VERIFY", Finding.CONTRADICTED, 2),
            decided("VERIFY", Finding.CONFIRMED, 20),
        ],
        [],
    )
    assert contradictions(found.findings) == Share(1, 10)
    assert contradictions(found.sample) == Share(2, 22)


def test_a_check_is_avoided_only_by_who_relied() -> None:
    found = reliance_figures([], [stood("A", "", Finding.OPEN, 6), stood("A", "", Finding.OPEN, 4, outcome="VERIFY")])
    assert found.avoided == {"NII_XRAY": 6}


def test_sources_come_the_worst_first_and_one_of_one_does_not_lead() -> None:
    found = reliance_figures(
        [],
        [
            stood("ONE", "X1", Finding.CONTRADICTED, 1),
            stood("MANY", "X2", Finding.CONTRADICTED, 4),
            stood("MANY", "X2", Finding.CONFIRMED, 16),
            stood("MANY", "X2", Finding.NOT_CHECKED, 100),
            stood("GOOD", "", Finding.CONFIRMED, 10),
        ],
    )
    assert [(each.name, each.decisions, each.contradictions) for each in found.offices] == [
        ("MANY", 120, Share(4, 20)),
        ("ONE", 1, Share(1, 1)),
        ("GOOD", 10, Share(0, 10)),
    ]


def test_nobody_is_blamed_for_what_has_no_name() -> None:
    found = reliance_figures([], [stood("A", "", Finding.CONTRADICTED, 3)])
    assert found.devices == ()
    assert [each.name for each in found.methods] == ["NII_XRAY"]


def test_two_checks_on_one_control_are_two_checks_and_one_case() -> None:
    """Else one contradiction of two checks would look as sure as two of two."""
    xray = Source("CN", "NII_XRAY", "A", "X1")
    twice = BasisTally("CN", "RELY", Finding.CONTRADICTED, (xray, xray), 1)
    mixed = BasisTally("CN", "RELY", Finding.CONFIRMED, (xray, Source("CN", "RAD_RPM", "A", "P1")), 3)
    found = reliance_figures([], [twice, mixed])
    assert found.avoided == {"NII_XRAY": 5, "RAD_RPM": 3}
    assert [(each.name, each.decisions, each.contradictions) for each in found.offices] == [("A", 4, Share(1, 4))]
    assert [(each.name, each.decisions) for each in found.methods] == [("NII_XRAY", 4), ("RAD_RPM", 3)]
