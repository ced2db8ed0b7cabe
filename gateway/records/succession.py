"""Which statement may follow which: the rules between a record and the one that it supersedes.

States move only along their allowed transitions. The caller brings the earlier record; whether it is the latest one
of its issuer, and that both have one issuer, is for the caller to know.
"""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.descriptor import EnumDescriptor

from gateway.errors import Violation
from gateway.records.kinds import kind_of
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1 import alert_answer_pb2 as alerts
from mutualrecognition.records.v1 import request_pb2 as requests
from mutualrecognition.records.v1.aeo_status_pb2 import AeoStatus
from mutualrecognition.records.v1.record_pb2 import Record

_BEGINNINGS = frozenset({aeo.AEO_STATE_APPLIED, aeo.AEO_STATE_CERTIFIED})
_ENDED = frozenset({aeo.AEO_STATE_REVOKED, aeo.AEO_STATE_WITHDRAWN_BY_OPERATOR, aeo.AEO_STATE_EXPIRED})

AEO_MOVES: Mapping[int, frozenset[int]] = {
    aeo.AEO_STATE_APPLIED: frozenset({aeo.AEO_STATE_CERTIFIED}),
    aeo.AEO_STATE_CERTIFIED: _ENDED | {aeo.AEO_STATE_SUSPENDED},
    aeo.AEO_STATE_SUSPENDED: _ENDED | {aeo.AEO_STATE_CERTIFIED},
    aeo.AEO_STATE_REVOKED: frozenset(),
    aeo.AEO_STATE_WITHDRAWN_BY_OPERATOR: frozenset(),
    aeo.AEO_STATE_EXPIRED: frozenset(),
}
"""Where a standing may go under one certificate number. A new number begins anew, at APPLIED or CERTIFIED."""

_DONE = frozenset(
    {
        requests.REQUEST_STATE_DECLINED,
        requests.REQUEST_STATE_COMPLETED,
        requests.REQUEST_STATE_ABORTED,
        requests.REQUEST_STATE_CANCELLED,
        requests.REQUEST_STATE_OVERTAKEN,
        requests.REQUEST_STATE_EXPIRED,
    },
)
_OVERTAKING = frozenset({requests.REQUEST_STATE_OVERTAKEN, requests.REQUEST_STATE_EXPIRED})
_ANSWERING = frozenset(
    {
        requests.REQUEST_STATE_ACCEPTED,
        requests.REQUEST_STATE_DECLINED,
        requests.REQUEST_STATE_COUNTER_PROPOSED,
    },
)

REQUEST_MOVES: Mapping[int, frozenset[int]] = {
    requests.REQUEST_STATE_SENT: frozenset({requests.REQUEST_STATE_CANCELLED}),
    requests.REQUEST_STATE_RECEIVED: _ANSWERING | _OVERTAKING,
    requests.REQUEST_STATE_COUNTER_PROPOSED: _ANSWERING | _OVERTAKING,
    requests.REQUEST_STATE_ACCEPTED: _OVERTAKING
    | {
        requests.REQUEST_STATE_SCHEDULED,
        requests.REQUEST_STATE_IN_PROGRESS,
        requests.REQUEST_STATE_COMPLETED,
        requests.REQUEST_STATE_ABORTED,
    },
    requests.REQUEST_STATE_SCHEDULED: _OVERTAKING
    | {
        requests.REQUEST_STATE_SCHEDULED,
        requests.REQUEST_STATE_IN_PROGRESS,
        requests.REQUEST_STATE_COMPLETED,
        requests.REQUEST_STATE_ABORTED,
    },
    requests.REQUEST_STATE_IN_PROGRESS: frozenset(
        {
            requests.REQUEST_STATE_COMPLETED,
            requests.REQUEST_STATE_ABORTED,
            requests.REQUEST_STATE_OVERTAKEN,
        },
    ),
    **{state: frozenset() for state in _DONE},
}
"""Where a request may go; steps that nobody needs to report (SCHEDULED, IN_PROGRESS) may be left out."""

ALERT_MOVES: Mapping[int, frozenset[int]] = {
    alerts.ALERT_STATE_DELIVERED: frozenset(
        {alerts.ALERT_STATE_ACKNOWLEDGED, alerts.ALERT_STATE_ACTIONED, alerts.ALERT_STATE_NOT_POSSIBLE},
    ),
    alerts.ALERT_STATE_ACKNOWLEDGED: frozenset({alerts.ALERT_STATE_ACTIONED, alerts.ALERT_STATE_NOT_POSSIBLE}),
    alerts.ALERT_STATE_ACTIONED: frozenset(),
    alerts.ALERT_STATE_NOT_POSSIBLE: frozenset({alerts.ALERT_STATE_ACTIONED}),
}

_MOVES: Mapping[str, tuple[EnumDescriptor, Mapping[int, frozenset[int]]]] = {
    **{
        f"{matter}_{part}": (requests.RequestState.DESCRIPTOR, REQUEST_MOVES)
        for matter in ("control", "screening", "information")
        for part in ("request", "answer")
    },
    "alert_answer": (alerts.AlertState.DESCRIPTOR, ALERT_MOVES),
}


def moves_of(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Give where each state of a kind may go, by the states' names; empty for a kind that has no states."""
    if kind == "aeo_status":
        return _named(aeo.AeoState.DESCRIPTOR, AEO_MOVES)
    return _named(*_MOVES[kind]) if kind in _MOVES else {}


def check_succession(earlier: Record, later: Record) -> tuple[Violation, ...]:
    """Tell what is wrong with ``later`` superseding ``earlier``; empty when nothing is.

    The same state again is a correction of other fields and is allowed. A withdrawal may follow anything but a
    withdrawal. Both records keep the rules of :func:`gateway.records.check` already.
    """
    before, after = kind_of(earlier), kind_of(later)
    refused: tuple[str, str] | None = None
    if later.header.supersedes != earlier.header.record_id:
        refused = "other_record", "This names another record than the earlier one."
    elif before == "withdrawal":
        refused = "withdrawn", "Nothing follows a withdrawal."
    elif after not in (before, "withdrawal"):
        refused = "other_kind", f"A record of kind {after} cannot take the place of one of kind {before}."
    if refused:
        rule, sentence = refused
        return (Violation("header.supersedes", f"succession.{rule}", sentence),)
    if after == "aeo_status":
        return _standing(earlier.aeo_status, later.aeo_status)
    if after in _MOVES:
        states, moves = _MOVES[after]
        return _move(states, moves, getattr(earlier, after).state, getattr(later, after).state, f"{after}.state")
    return ()


def _named(states: EnumDescriptor, moves: Mapping[int, frozenset[int]]) -> Mapping[str, tuple[str, ...]]:
    names = {value.number: value.name for value in states.values}
    return {names[state]: tuple(names[after] for after in sorted(moves[state])) for state in sorted(moves)}


def _standing(earlier: AeoStatus, later: AeoStatus) -> tuple[Violation, ...]:
    """Check a standing against the one before; consent is apart from it, so its withdrawal may come at any time.

    A certificate number that is not there (an agreement may withhold it) may be the same one or a new one.
    """
    if earlier.tin != later.tin:
        sentence = "A standing cannot take the place of another operator's."
        return (Violation("aeo_status.tin", "succession.other_operator", sentence),)
    if not earlier.status or not later.status:
        return ()
    known = bool(earlier.certificate_number and later.certificate_number)
    same = earlier.certificate_number == later.certificate_number
    if later.status in _BEGINNINGS and not (known and same):
        return ()
    if known and not same:
        sentence = "Under a new certificate number, a standing begins with APPLIED or CERTIFIED."
        return (Violation("aeo_status.status", "succession.move", sentence),)
    return _move(aeo.AeoState.DESCRIPTOR, AEO_MOVES, earlier.status, later.status, "aeo_status.status")


def _move(
    states: EnumDescriptor,
    moves: Mapping[int, frozenset[int]],
    before: int,
    after: int,
    path: str,
) -> tuple[Violation, ...]:
    if before == after or after in moves.get(before, ()):
        return ()
    names = [states.values_by_number[state].name for state in (before, after)]
    return (Violation(path, "succession.move", f"No way leads from {names[0]} to {names[1]}."),)
