"""Asks a node whether it may rely, and holds its answer against what the scenario expects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from google.protobuf.json_format import ParseDict, ParseError

from mock_partners.staging.script import ScenarioInvalid
from mock_partners.staging.steps import Against, Answer, CheckExpected, Data
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1.threat_pb2 import Threat

_STANDINGS: Final = "CHECK_STANDING_"
_KINDS: Final = "BASIS_KIND_"
_OUTCOMES: Final = "OUTCOME_"
_THREATS: Final = "THREAT_"
_NOTHING: Final = "NOTHING"


def question_of(filled: Data, require: Iterable[str] | None, step: str) -> pb.Question:
    """Make a question; ``require`` are pairs such as EXPLOSIVES_IED:NII, and take the place of ``required``.

    Raises:
        ScenarioInvalid: it is no question in the JSON form of protobuf.
    """
    try:
        question = ParseDict(filled, pb.Question())
        if require is not None:
            required = [_required(pair) for pair in require]
            del question.required[:]
            question.required.extend(required)
    except (ParseError, ValueError) as error:
        raise ScenarioInvalid(f"The question of the step {step!r} is none: {error}.") from None
    return question


def told(decision: pb.Decision, answer: Answer) -> str:
    """Say in short what a decision says; of its reasons those against bases of which ``answer`` speaks."""
    words = [_name(pb.Outcome, decision.outcome, _OUTCOMES)]
    words += [f"if {each}" for each in conditions(decision)]
    if rest := remaining(decision):
        words.append(f"left: {', '.join(rest)}")
    if reasons := _reasons_spoken_of(decision, answer):
        words.append(f"({', '.join(sorted(reasons))})")
    return " ".join(words)


def expected(answer: Answer) -> str:
    """Say in short what is expected, as ``told`` says what came."""
    words = [answer.outcome, *(f"if {each}" for each in sorted(answer.conditions or ()))]
    if answer.remaining:
        words.append(f"left: {', '.join(sorted(answer.remaining))}")
    if reasons := expected_reasons(answer):
        words.append(f"({', '.join(sorted(reasons))})")
    return " ".join(words)


def expected_reasons(answer: Answer) -> set[str]:
    """Give every reason that must come."""
    each = (answer.against, *(check.against for check in answer.checks.values()))
    return {*(answer.general or ()), *(reason for against in each for some in against.values() for reason in some)}


def faults(answer: Answer, decision: pb.Decision, record_ids: Mapping[str, str]) -> tuple[str, ...]:
    """Name everything in which a decision is not as expected."""
    return tuple(_faults(answer, decision, record_ids))


def conditions(decision: pb.Decision) -> list[str]:
    """Give what must be seen at the gate, such as VERIFY_SEAL CN0047821."""
    return sorted(f"{each.code} {each.expected}".strip() for each in decision.conditions)


def remaining(decision: pb.Decision) -> list[str]:
    """Give what is left to check, as pairs."""
    return sorted(
        f"{_name(Threat, each.threat, _THREATS)}:{check}" for each in decision.remaining for check in each.checks
    )


def _reasons_spoken_of(decision: pb.Decision, answer: Answer) -> set[str]:
    found = {each.reason for each in decision.general.objections}
    checks = {_pair(check): check for check in decision.checks}
    parts = [(answer.against, list(decision.checks))]
    parts += [(wanted.against, [checks[pair]]) for pair, wanted in answer.checks.items() if pair in checks]
    for spoken_of, results in parts:
        against = _against(results)
        found = found.union(*(against[kind] for kind in spoken_of))
    return found


def _faults(answer: Answer, decision: pb.Decision, record_ids: Mapping[str, str]) -> Iterator[str]:
    yield from _differs("outcome", answer.outcome, _name(pb.Outcome, decision.outcome, _OUTCOMES))
    general = {each.reason for each in decision.general.objections}
    for what, wanted, came in (
        ("reasons that refuse everything", answer.general, general),
        ("conditions", answer.conditions, conditions(decision)),
        ("left to check", answer.remaining, remaining(decision)),
    ):
        if wanted is not None:
            yield from _differs(what, _listed(wanted), _listed(came))
    yield from _against_faults("the bases", answer.against, decision.checks)
    if answer.relied_on is not None:
        names = {record_id: name for name, record_id in record_ids.items()}
        stood_on = [names.get(each.record_id, each.record_id) for each in decision.records if each.relied_on]
        yield from _differs("stands on", _listed(answer.relied_on), _listed(stood_on))
    results = {_pair(check): check for check in decision.checks}
    for pair, wanted_check in answer.checks.items():
        if pair not in results:
            yield f"{pair} was not asked"
            continue
        yield from _check_faults(pair, wanted_check, results[pair])


def _check_faults(pair: str, wanted: CheckExpected, came: pb.CheckResult) -> Iterator[str]:
    standing = _name(pb.CheckStanding, came.standing, _STANDINGS)
    yield from _differs(pair, wanted.standing, standing)
    if wanted.by is not None and standing.startswith("MET"):
        by = _name(pb.BasisKind, came.bases[came.met_by].kind, _KINDS)
        yield from _differs(f"{pair} is met by", wanted.by, by)
    yield from _against_faults(f"the bases of {pair}", wanted.against, [came])


def _against_faults(what: str, wanted: Against, came: Iterable[pb.CheckResult]) -> Iterator[str]:
    found = _against(came)
    for kind, reasons in wanted.items():
        yield from _differs(f"against {what} of kind {kind}", _listed(reasons), _listed(found[kind]))


def _against(checks: Iterable[pb.CheckResult]) -> dict[str, set[str]]:
    """Collect reasons by the kind of the basis that they are against."""
    found: dict[str, set[str]] = defaultdict(set)
    for check in checks:
        found[_NOTHING].update(each.reason for each in check.missing)
        for basis in check.bases:
            kind = _name(pb.BasisKind, basis.kind, _KINDS)
            found[kind].update(each.reason for each in basis.rules.objections)
    return found


def _differs(what: str, wanted: str, came: str) -> Iterator[str]:
    if wanted != came:
        yield f"{what}: expected {wanted or 'none'}, came {came or 'none'}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _pair(check: pb.CheckResult) -> str:
    return f"{_name(Threat, check.required.threat, _THREATS)}:{check.required.check}"


def _required(pair: str) -> pb.RequiredCheck:
    threat, check = pair.split(":")
    return pb.RequiredCheck(check=check, threat=Threat.Value(f"{_THREATS}{threat}"))


def _name(enum: type, number: int, prefix: str) -> str:
    return str(enum.Name(number)).removeprefix(prefix)  # type: ignore[attr-defined]
