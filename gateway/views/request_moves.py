"""Where a request may go from where it stands (SAFE Framework, pillar 1, standards 7 and 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.records.succession import REQUEST_MOVES
from mutualrecognition.records.v1 import request_pb2 as requests
from mutualrecognition.records.v1.request_pb2 import RequestState

SENT: Final = "SENT"
RECEIVED: Final = "RECEIVED"
ACCEPTED: Final = "ACCEPTED"
DECLINED: Final = "DECLINED"
COUNTER_PROPOSED: Final = "COUNTER_PROPOSED"
SCHEDULED: Final = "SCHEDULED"
IN_PROGRESS: Final = "IN_PROGRESS"
COMPLETED: Final = "COMPLETED"
ABORTED: Final = "ABORTED"
CANCELLED: Final = "CANCELLED"
OVERTAKEN: Final = "OVERTAKEN"
EXPIRED: Final = "EXPIRED"

UNANSWERED: Final = frozenset({SENT, RECEIVED, COUNTER_PROPOSED})
"""States in which a request ends when nobody goes on in time."""
OPEN: Final = UNANSWERED | {ACCEPTED, SCHEDULED, IN_PROGRESS}
STATES: Final = OPEN | {DECLINED, COMPLETED, ABORTED, CANCELLED, OVERTAKEN, EXPIRED}


def name_of(state: RequestState.ValueType) -> str:
    """Give a state as views name it."""
    return RequestState.Name(state).removeprefix("REQUEST_STATE_")


def _moves() -> Mapping[str, frozenset[str]]:
    """Take the moves of answers and add what the asker may do and what an answer implies.

    An answer implies that the request was received, whether or not the receipt is here yet.
    """
    moves = {name_of(state): frozenset(map(name_of, after)) for state, after in REQUEST_MOVES.items()}  # type: ignore[arg-type]
    moves[SENT] = moves[RECEIVED] | {RECEIVED}
    return {state: after | {CANCELLED} if state in OPEN else after for state, after in moves.items()}


MOVES: Final = _moves()
AT_ONCE: Final = frozenset({SENT, RECEIVED, COUNTER_PROPOSED})
"""States from which a screening or an answer in words may be given without accepting first."""


def may_go(before: str, after: str, *, at_once: bool) -> bool:
    """Tell whether a request may go from one state to another; ``at_once`` for what is answered in one step."""
    return after in MOVES[before] or (at_once and after == COMPLETED and before in AT_ONCE)


def why_not(before: str, after: str) -> str:
    """Say why a step leads nowhere, and what to do."""
    advice = {
        DECLINED: "it was declined: the asker may ask again under a new request id",
        COMPLETED: "it is completed: what has changed since is said in a record that supersedes the outcome",
        ABORTED: "it was aborted: the asker may ask again under a new request id",
        CANCELLED: "the asker called it off: nothing is left to do",
        OVERTAKEN: "the goods have gone: the asker must ask where they arrive, or examine them there",
        EXPIRED: "its time ran out without an answer: the asker may ask again under a new request id",
    }
    if before in advice:
        return f"A request that is {before} cannot become {after}; {advice[before]}."
    if before == after:
        return f"The request is {before} already: nothing is left to say about that."
    ways = ", ".join(sorted(MOVES[before]))
    return f"A request that is {before} cannot become {after}; from here it may become {ways}."


NUMBERS: Final = {state: requests.RequestState.Value(f"REQUEST_STATE_{state}") for state in sorted(STATES)}
