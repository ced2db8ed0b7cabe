"""From results to an answer: may we rely, on what condition, and what is left to check?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from enum import IntEnum
from itertools import chain
from typing import Final

from gateway.recognition.awaiting import Awaited, open_requests, stale_lists
from gateway.recognition.bases import BasisKind, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import CONDITION_OF, ConditionCode, Reason
from gateway.recognition.results import FAIL, OPEN, PASS, Objection, Results, Verdict, fail, verdict_of
from gateway.recognition.sampling import is_drawn
from gateway.values import value
from mutualrecognition.national.v1 import decision_pb2 as pb

_RANK: Final = {PASS: 0, OPEN: 1, FAIL: 2}
_ON_WHAT_IS_KNOWN: Final = pb.PENDING_DEFAULT_DECIDE_ON_WHAT_IS_KNOWN


class Outcome(IntEnum):
    """May we rely? The numbers are those of the API."""

    RELY = 1
    RELY_SUBJECT_TO = 2
    RELY_IN_PART = 3
    DO_NOT_RELY = 4
    VERIFY = 5
    PENDING = 6


class CheckStanding(IntEnum):
    """Whether a required check may be left out; the numbers are those of the API."""

    MET = 1
    MET_ON_CONDITION = 2
    REMAINS = 3
    AWAITED = 4


@value
class Evaluated:
    """A basis with every rule's result; ``claims`` are what it stands on, those of its parts with a combination."""

    kind: BasisKind
    issuer: str
    record_ids: tuple[str, ...]
    equivalence: str
    agreement: str
    at: int
    label: str
    results: Results
    verdict: Verdict
    claims: tuple[Claim, ...] = field(compare=False)

    def place(self) -> tuple[object, ...]:
        """Sort the best first: what counts, then what counts on conditions, then what lacks least."""
        return _RANK[self.verdict], len(self.objections), self.kind, -self.at, self.record_ids

    @property
    def objections(self) -> list[Objection]:
        """Every objection, in the order of the rules."""
        return list(chain.from_iterable(self.results.values()))

    @property
    def failures(self) -> list[Reason]:
        """Why it does not count."""
        return [each.reason for each in self.objections if each.verdict is FAIL]


@value
class Checked:
    """A required check with every basis that was looked at, the best first; ``missing`` says why there is none."""

    required: Required
    bases: tuple[Evaluated, ...]
    missing: tuple[Objection, ...]

    @property
    def best(self) -> Evaluated | None:
        """The basis that it may be left out on."""
        return self.bases[0] if self.bases and self.bases[0].verdict is not FAIL else None


Grounds = Sequence[Evaluated | None]
"""On what each required check is left out, in their order; None: it is not."""


@value(order=True)
class Condition:
    """Something that the gate must show."""

    code: ConditionCode
    container: str
    expected: str


@value
class Remaining:
    """What is left to check for one threat, and why."""

    threat_number: int
    checks: tuple[str, ...]
    reasons: tuple[Reason, ...]


@value
class Answer:
    """The answer. ``awaited`` and ``until`` are there with PENDING; ``relied_on`` are sequences."""

    outcome: Outcome
    general: Results
    checks: tuple[Checked, ...]
    standings: tuple[CheckStanding, ...]
    conditions: tuple[Condition, ...] = ()
    remaining: tuple[Remaining, ...] = ()
    sampled: bool = False
    awaited: tuple[Awaited, ...] = ()
    until: int = 0
    then: int = pb.PENDING_DEFAULT_UNSPECIFIED
    relied_on: frozenset[int] = field(default=frozenset())


def fold(facts: Facts, general: Results, checks: Sequence[Checked], key: bytes) -> Answer:
    """Make one answer of all results."""
    refused = verdict_of(general) is FAIL
    on: Grounds = [None if refused else each.best for each in checks]
    if not all(on):
        if awaited := () if refused else _awaited(facts, checks):
            return _pending(facts, general, checks, on, awaited)
        if facts.time_is_over and _default(facts, checks) != _ON_WHAT_IS_KNOWN:
            on = [None] * len(checks)
            general = {**general, 0: (fail(Reason.DEADLINE_PASSED),)}
    return _settled(facts, general, checks, on, key)


def _settled(facts: Facts, general: Results, checks: Sequence[Checked], on: Grounds, key: bytes) -> Answer:
    chosen = list(filter(None, on))
    conditions = _conditions(chosen)
    is_full = len(chosen) == len(on)
    sampled = is_full and _is_sampled(facts, chosen, key)
    if not is_full:
        outcome = Outcome.RELY_IN_PART if chosen else Outcome.DO_NOT_RELY
    elif sampled:
        outcome = Outcome.VERIFY
    else:
        outcome = Outcome.RELY_SUBJECT_TO if conditions else Outcome.RELY
    return Answer(
        outcome=outcome,
        general=general,
        checks=tuple(checks),
        standings=tuple([_standing(each, CheckStanding.REMAINS) for each in on]),
        conditions=conditions,
        remaining=() if is_full else _remaining(checks, on, general),
        sampled=sampled,
        relied_on=frozenset([each.sequence for basis in chosen for claim in basis.claims for each in claim.records]),
    )


def _pending(
    facts: Facts, general: Results, checks: Sequence[Checked], on: Grounds, awaited: tuple[Awaited, ...]
) -> Answer:
    return Answer(
        outcome=Outcome.PENDING,
        general=general,
        checks=tuple(checks),
        standings=tuple([_standing(each, CheckStanding.AWAITED) for each in on]),
        remaining=_remaining(checks, on, general),
        awaited=awaited,
        until=facts.question.decide_by or 0,
        then=_default(facts, checks),
    )


def _awaited(facts: Facts, checks: Sequence[Checked]) -> tuple[Awaited, ...]:
    """Give what may still bring a basis for a check that has none; nothing when the answer may not wait."""
    until = facts.question.decide_by
    if until is None or until <= facts.now or facts.time_is_over:
        return ()
    lacking = [basis for each in checks if each.best is None for basis in each.bases]
    return tuple(sorted({*open_requests(facts), *stale_lists((each.issuer, each.results) for each in lacking)}))


def _default(facts: Facts, checks: Sequence[Checked]) -> int:
    """The caller's default, else the agreement's, else the careful one."""
    asked = facts.question.asked.pending_default
    if asked:
        return int(asked)
    claims = [claim for each in checks for basis in each.bases for claim in basis.claims]
    policies = [claim.policy for claim in claims if claim.policy is not None]
    policies = policies or [each for partner in facts.around.names for each in facts.in_force.policies_with(partner)]
    named = {policy.settings.pending_default for policy in policies}
    on_known = named == {"DECIDE_ON_WHAT_IS_KNOWN"}
    return _ON_WHAT_IS_KNOWN if on_known else pb.PENDING_DEFAULT_DO_NOT_RELY


def _is_sampled(facts: Facts, chosen: Sequence[Evaluated], key: bytes) -> bool:
    claims = {claim for each in chosen for claim in each.claims}
    percent = max([each.policy.settings.sample_percent for each in claims if each.policy is not None], default=0.0)
    return is_drawn(key, goods=facts.question.keys, bases=[each.identity for each in claims], percent=percent)


def _conditions(chosen: Iterable[Evaluated]) -> tuple[Condition, ...]:
    found = {_condition(each) for basis in chosen for each in basis.objections if each.verdict is OPEN}
    return tuple(sorted(found))


def _condition(objection: Objection) -> Condition:
    details = objection.details
    return Condition(CONDITION_OF[objection.reason], details.get("container", ""), details.get("expected", ""))


def _remaining(checks: Sequence[Checked], on: Grounds, general: Results) -> tuple[Remaining, ...]:
    """Put what is left together by threat, with the reasons: what refuses everything first, then each basis's."""
    refusing = [each.reason for some in general.values() for each in some if each.verdict is FAIL]
    by_threat: dict[int, list[Checked]] = {}
    for each, ground in zip(checks, on, strict=True):
        if ground is None:
            by_threat.setdefault(each.required.threat_number, []).append(each)
    return tuple(
        Remaining(
            threat,
            tuple(dict.fromkeys(each.required.check for each in several)),
            tuple(dict.fromkeys([*refusing, *(reason for each in several for reason in _reasons(each))])),
        )
        for threat, several in by_threat.items()
    )


def _reasons(checked: Checked) -> list[Reason]:
    return [each.reason for each in checked.missing] + [why for basis in checked.bases for why in basis.failures]


def _standing(ground: Evaluated | None, without: CheckStanding) -> CheckStanding:
    if ground is None:
        return without
    return CheckStanding.MET if ground.verdict is PASS else CheckStanding.MET_ON_CONDITION
