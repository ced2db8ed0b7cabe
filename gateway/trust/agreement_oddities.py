"""What is odd in an agreement and yet allowed: rows that can never count, dates that may be slips of the pen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from gateway.errors import Violation
from gateway.trust.agreement_text import Location, place_in
from gateway.trust.agreements import parse_agreement
from gateway.trust.terms import Terms
from mutualrecognition.records.v1.aeo_status_pb2 import AeoRole
from mutualrecognition.records.v1.method_pb2 import MethodKind
from mutualrecognition.records.v1.threat_pb2 import Threat

DAY: Final = 24 * 3600
_LONG_YEARS: Final = 12
_OLD_HOURS: Final = 366 * 24
_THREATS: Final = frozenset(name.removeprefix("THREAT_") for name in Threat.keys()[1:])
_METHODS: Final = frozenset(name.removeprefix("METHOD_KIND_") for name in MethodKind.keys()[1:])
_ROLES: Final = frozenset(name.removeprefix("AEO_ROLE_") for name in AeoRole.keys()[1:])
_KIND_OF_BASIS: Final = {"control": "inspection_outcome", "screening": "screening_result", "aeo": "aeo_status"}

_ANSWERS: Final = {
    "control_request": "control_answer",
    "screening_request": "screening_answer",
    "information_request": "information_answer",
    "alert": "alert_answer",
    "recall": "recall_answer",
}
_ABOUT_GOODS: Final = frozenset({"control_request", "screening_request"})

Oddity = tuple[Location, str, str]
"""Where, which rule, and a sentence."""


def oddities(text: str, *, now: int) -> tuple[Violation, ...]:
    """Tell what people should look at again before they sign; the message begins with the place in the text.

    Raises:
        DocumentInvalid: the text is no agreement.
    """
    terms = parse_agreement(text).terms
    found = (
        *_dates(terms, now),
        *_unused(terms),
        *_without_a_flow(terms),
        *_lives_cut_short(terms),
        *_equivalence(terms),
        *_codes_of_no_record(terms),
    )
    return tuple(
        Violation(_path(location), f"odd.{rule}", f"{place_in(text, location)}: {sentence}.")
        for location, rule, sentence in found
    )


def _dates(terms: Terms, now: int) -> Iterator[Oddity]:
    days = (terms.valid_until - terms.valid_from) // DAY
    if terms.valid_until <= now:
        yield ("valid_until",), "ended", "the agreement has ended already"
    elif days > _LONG_YEARS * 366:
        yield ("valid_until",), "long", f"it lasts {days // 365} years, and no version of it need be signed before"
    if terms.notice_days > days:
        yield ("notice_days",), "notice_beyond_end", "notice takes longer than the agreement lasts"
    for number, flow in enumerate(terms.flows):
        if flow.retention_days > 3660:
            sentence = f"kept {flow.retention_days} days, over ten years"
            yield ("flows", number, "retention_days"), "long_retention", sentence


def _unused(terms: Terms) -> Iterator[Oddity]:
    used = {purpose for flow in terms.flows for purpose in flow.purposes}
    for purpose in terms.purposes:
        if purpose not in used:
            yield ("purposes",), "unused_purpose", f"nothing is released for {purpose}"
    taking_part = {party for flow in terms.flows for party in (flow.sender, flow.receiver)}
    for party in terms.parties:
        if party not in taking_part:
            yield ("parties",), "idle_party", f"nothing goes to {party} or comes from it"


def _without_a_flow(terms: Terms) -> Iterator[Oddity]:
    ways = {(flow.sender, flow.receiver, flow.kind) for flow in terms.flows}
    for number, row in enumerate(terms.response_times):
        if (row.asker, row.responder, row.kind) not in ways:
            sentence = f"{row.asker} may not send {row.kind} to {row.responder}, so nobody need answer in time"
            yield ("response_times", number), "nothing_to_answer", sentence
    kinds = {flow.kind for flow in terms.flows}
    for number, age in enumerate(terms.max_status_age):
        if age.kind not in kinds:
            yield ("max_status_age", number), "no_such_flow", f"nobody releases {age.kind}"


def _lives_cut_short(terms: Terms) -> Iterator[Oddity]:
    """Find what may be asked and not be answered, and goods that may leave without the asker hearing of it."""
    ways = {(flow.sender, flow.receiver, flow.kind) for flow in terms.flows}
    for number, flow in enumerate(terms.flows):
        asker, asked, answer = flow.sender, flow.receiver, _ANSWERS.get(flow.kind)
        if answer is not None and (asked, asker, answer) not in ways:
            sentence = f"{asked} may not send {answer} to {asker}, so what {asker} says as {flow.kind} gets no answer"
            yield ("flows", number), "no_answer", sentence
        if flow.kind in _ABOUT_GOODS and (asked, asker, "movement_event") not in ways:
            sentence = (
                f"{asked} may not send movement_event to {asker}, so {asker} does not hear when loading overtakes it"
            )
            yield ("flows", number), "loading_unheard", sentence


def _equivalence(terms: Terms) -> Iterator[Oddity]:
    ways = {(flow.sender, flow.receiver, flow.kind) for flow in terms.flows}
    rows = Counter((row.issuer, row.relying, row.basis, row.method, row.counts_as) for row in terms.equivalence)
    for number, row in enumerate(terms.equivalence):
        kind = _KIND_OF_BASIS[row.basis]
        if not any(
            (one, other, kind) in ways for one in _named(terms, row.issuer) for other in _named(terms, row.relying)
        ):
            sentence = f"{row.issuer} does not release {kind} to {row.relying}, so this row can never count"
            yield ("equivalence", number), "never_counts", sentence
        if row.max_age_hours > _OLD_HOURS:
            yield ("equivalence", number, "max_age_hours"), "old", f"a {row.basis} of over a year ago still counts"
        if rows[row.issuer, row.relying, row.basis, row.method, row.counts_as] > 1:
            named = " ".join(filter(None, (row.basis, row.method)))
            sentence = f"another row speaks of {named} as {row.counts_as} too, and whichever is met counts"
            yield ("equivalence", number), "twice", sentence


def _named(terms: Terms, code: str) -> tuple[str, ...]:
    """Give the parties that a row means: one, or a union's members."""
    return next((union.members for union in terms.unions if union.code == code), (code,))


def _codes_of_no_record(terms: Terms) -> Iterator[Oddity]:
    """Find threats, methods and roles that no record of this version can name: such a row never counts."""
    for number, row in enumerate(terms.equivalence):
        methods = () if row.method is None else (row.method,)
        for key, codes, known in (
            ("threats", row.threats, _THREATS),
            ("method", methods, _METHODS),
            ("roles", row.roles, _ROLES),
        ):
            for code in sorted(set(codes) - known):
                yield ("equivalence", number, key), "no_such_code", f"no record can name {code}"
    for number, combination in enumerate(terms.combinations):
        for code in sorted(set(combination.threats) - _THREATS):
            yield ("combinations", number, "threats"), "no_such_code", f"no record can name {code}"


def _path(location: Location) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
