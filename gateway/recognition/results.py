"""How rules come out: objections, and what they make of a basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import IntEnum
from itertools import chain

from gateway.recognition.reasons import Reason
from gateway.values import value


class Verdict(IntEnum):
    """How a rule, or a basis, came out; the numbers are those of ``RuleVerdict``, not an order."""

    PASS = 1
    FAIL = 2
    OPEN = 3


PASS, FAIL, OPEN = Verdict


@value
class Objection:
    """Why a rule does not hold (FAIL), or not yet (OPEN). ``details`` are the values that its sentence is made of."""

    reason: Reason
    verdict: Verdict = FAIL
    details: Mapping[str, str] = field(default_factory=dict)


Results = Mapping[int, Sequence[Objection]]
"""Every rule that was evaluated, by its number; a rule without objections holds."""


def fail(reason: Reason, **details: str) -> Objection:
    """Object."""
    return Objection(reason, details=details)


def leave_open(reason: Reason, **details: str) -> Objection:
    """Say that it cannot be known yet."""
    return Objection(reason, OPEN, details)


def verdict_of(results: Results) -> Verdict:
    """Fold: one FAIL takes everything away; without one, OPEN makes conditions."""
    verdict = PASS
    for each in chain.from_iterable(results.values()):
        if each.verdict is FAIL:
            return FAIL
        verdict = OPEN
    return verdict


def merged(several: Sequence[Results]) -> dict[int, Sequence[Objection]]:
    """Put the results of parts together: a rule holds for the whole when it holds for every part."""
    whole: dict[int, list[Objection]] = {}
    for results in several:
        for number, objections in results.items():
            known = whole.setdefault(number, [])
            known += [each for each in objections if each not in known]
    return dict(sorted(whole.items()))
