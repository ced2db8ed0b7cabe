"""What an answer may wait for: open requests of this side, and lists that are stale."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntEnum
from typing import Final

from gateway.recognition.facts import Facts
from gateway.recognition.reasons import Reason
from gateway.recognition.results import FAIL, Results
from gateway.recognition.stated import Stated
from gateway.values import value
from mutualrecognition.records.v1 import movement_event_pb2 as movement
from mutualrecognition.records.v1 import request_pb2 as request

_ANSWERS: Final = {"control_request": "control_answer", "screening_request": "screening_answer"}
_OVER: Final = frozenset(
    {
        request.REQUEST_STATE_DECLINED,
        request.REQUEST_STATE_ABORTED,
        request.REQUEST_STATE_CANCELLED,
        request.REQUEST_STATE_OVERTAKEN,
        request.REQUEST_STATE_EXPIRED,
    }
)
_GONE: Final = frozenset({movement.MOVEMENT_TYPE_LOADED, movement.MOVEMENT_TYPE_DEPARTED})


class AwaitedKind(IntEnum):
    """What can be awaited; the numbers are those of the API."""

    REQUEST = 1
    LIST = 2


@value(order=True)
class Awaited:
    """One thing that is awaited."""

    kind: AwaitedKind
    partner: str
    reference: str


def open_requests(facts: Facts) -> list[Awaited]:
    """Give this side's requests about these goods that may still bring something."""
    found = []
    for kind, answering in _ANSWERS.items():
        for each in facts.about_goods(kind):
            if not each.partner and _is_open(facts, each, answering):
                found += [
                    Awaited(AwaitedKind.REQUEST, partner, each.body.request_id) for partner in each.recipients or ("",)
                ]
    return sorted(set(found))


def stale_lists(bases: Iterable[tuple[str, Results]]) -> list[Awaited]:
    """Give the lists without which nothing else would be wrong with a basis; each comes with its issuer."""
    found = set()
    for issuer, results in bases:
        failed = {each.reason for some in results.values() for each in some if each.verdict is FAIL}
        if failed == {Reason.PARTNER_FEED_STALE}:
            found.add(Awaited(AwaitedKind.LIST, issuer, "aeo_status"))
    return sorted(found)


def _is_open(facts: Facts, asked: Stated, answering: str) -> bool:
    request_id, by = asked.body.request_id, asked.recipients or ("",)
    answers = [each for each in facts.of(answering) if each.body.request_id == request_id and each.partner in by]
    states = {asked.body.state, *(each.body.state for each in answers)}
    promised = {getattr(each.body, "control_id", "") or getattr(each.body, "result_record_id", "") for each in answers}
    if promised - {""}:  # done, or had been done before: the outcome comes or is here
        return not _has_come(facts, request_id, promised, by)
    if states & _OVER or _are_gone(facts, asked):
        return False
    return asked.body.respond_by.seconds > facts.now or bool(answers)


def _are_gone(facts: Facts, asked: Stated) -> bool:
    """Goods that were loaded since a control was asked for are controlled by nobody any more: it is overtaken."""
    return asked.kind == "control_request" and any(
        each.body.type in _GONE and each.at >= asked.at and facts.match(each).is_strong
        for each in facts.standing("movement_event")
    )


def _has_come(facts: Facts, request_id: str, promised: set[str], by: Collection[str]) -> bool:
    """Tell whether the control or the screening that an answer names is here, of whoever was asked."""
    controls = [each for each in facts.of("inspection_outcome") if each.partner in by]
    return any(each.body.request_id == request_id or each.body.control_id in promised for each in controls) or any(
        each.record_id in promised and each.partner in by for each in facts.of("screening_result")
    )
