"""What a new version changes: more, less, otherwise."""

from __future__ import annotations

import pytest

from gateway.trust.agreement_diff import Change, Effect, differences
from gateway.trust.terms import parse_terms

HEAD = """mutualrecognition/agreement/v1
id = "cn-nl"
version = {version}
title = "t"
legal_basis = "b"
parties = ["CN", "NL"]
valid_from = 2026-01-01
valid_until = 2031-01-01
signatures = "ed25519"
purposes = ["SECURITY_RISK", "AEO_BENEFIT"]
"""
FLOW = """
[[flows]]
from = "CN"
to = "NL"
kind = "inspection_outcome"
fields = {fields}
purposes = {purposes}
retention_days = {days}
"""
EQUAL = """
[[equivalence]]
from = "CN"
to = "NL"
basis = "control"
method = "NII_XRAY"
counts_as = "NII"
threats = {threats}
max_age_hours = {hours}
{more}
"""


def flow(fields: str = '["location", "consignment.ucr"]', purposes: str = '["SECURITY_RISK"]', days: int = 30) -> str:
    return FLOW.format(fields=fields, purposes=purposes, days=days)


def equal(threats: str = '["WEAPONS"]', hours: int = 24, more: str = "") -> str:
    return EQUAL.format(threats=threats, hours=hours, more=more)


def changes(old: str, new: str) -> list[tuple[str, str, str, Effect]]:
    """Compare two bodies, without the version's own change."""
    both = [parse_terms(HEAD.format(version=number) + body) for number, body in ((1, old), (2, new))]
    found = differences(*both)
    assert found[-1] == Change("", "version", "1", "2", Effect.OTHER)
    return [(each.what, each.before, each.after, each.effect) for each in found[:-1]]


OUTCOME = "inspection_outcome for SECURITY_RISK"
NII = "control NII_XRAY counts as NII"
CASES: dict[str, tuple[str, str, list[tuple[str, str, str, Effect]]]] = {
    "nothing": (flow() + equal(), flow() + equal(), []),
    "a field more": (
        flow(),
        flow('["location", "consignment"]'),
        [(f"{OUTCOME}: fields", "—", "consignment", Effect.MORE)],
    ),
    "a field less": (flow(), flow('["location"]'), [(f"{OUTCOME}: fields", "consignment.ucr", "—", Effect.LESS)]),
    "everything": (
        flow(),
        flow('["*"]'),
        [(f"{OUTCOME}: fields", "—", "all but consignment.ucr, location", Effect.MORE)],
    ),
    "kept longer": (flow(), flow(days=31), [(f"{OUTCOME}: kept", "30 days", "31 days", Effect.MORE)]),
    "another purpose": (
        flow(),
        flow(purposes='["SECURITY_RISK", "AEO_BENEFIT"]'),
        [("inspection_outcome for AEO_BENEFIT", "nothing", "location, consignment.ucr", Effect.MORE)],
    ),
    "instead": (
        flow(),
        flow(purposes='["AEO_BENEFIT"]'),
        [
            ("inspection_outcome for AEO_BENEFIT", "nothing", "location, consignment.ucr", Effect.MORE),
            (OUTCOME, "location, consignment.ucr", "nothing", Effect.LESS),
        ],
    ),
    "counts no more": (flow() + equal(), flow(), [(NII, "threats WEAPONS, max_age_hours 24", "—", Effect.LESS)]),
    "counts longer": (flow() + equal(), flow() + equal(hours=48), [(f"{NII}: max_age_hours", "24", "48", Effect.MORE)]),
    "a condition": (
        flow() + equal(),
        flow() + equal(more="min_energy_mev = 6.0"),
        [(f"{NII}: min_energy_mev", "—", "6.0", Effect.LESS)],
    ),
    "other threats": (
        flow() + equal(),
        flow() + equal('["NARCOTICS"]'),
        [(f"{NII}: threats", "WEAPONS", "NARCOTICS", Effect.OTHER)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_differences(case: str) -> None:
    old, new, expected = CASES[case]
    assert changes(old, new) == expected


def test_the_other_way_round_more_is_less() -> None:
    for old, new, expected in CASES.values():
        turned = {Effect.MORE: Effect.LESS, Effect.LESS: Effect.MORE, Effect.OTHER: Effect.OTHER}
        back = sorted((what, before, after, turned[effect]) for what, after, before, effect in expected)
        assert sorted(changes(new, old)) == back
