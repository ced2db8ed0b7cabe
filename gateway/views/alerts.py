"""The life of an alert: a fold of what was issued, answered and lifted, for each administration that it went to.

ISSUED, then DELIVERED when the receiver's gateway has signed for it, ACKNOWLEDGED when a person or a system of the
receiver has taken it up, then ACTIONED or NOT_POSSIBLE. The issuer ends it: CLOSED by a word that replaces it, by a
withdrawal, or when everything that it held has been lifted. What nobody acknowledges by ``ack_required_by`` is
ESCALATED, by the clock, until somebody does.

A no-load forbids containers or house documents by name, never a vessel: each of them is a ``Held`` that is lifted by
itself, and what is not named proceeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.ports.records import StoredRecord
from gateway.records.succession import ALERT_MOVES
from gateway.views.steps import Ground, Saying, Step, read_each_once, receipted_at, successors
from mutualrecognition.records.v1.alert_answer_pb2 import AlertState
from mutualrecognition.records.v1.alert_pb2 import ALERT_TYPE_NO_LOAD_LIFTED, Alert

ISSUED: Final = "ISSUED"
DELIVERED: Final = "DELIVERED"
ESCALATED: Final = "ESCALATED"
ACKNOWLEDGED: Final = "ACKNOWLEDGED"
ACTIONED: Final = "ACTIONED"
NOT_POSSIBLE: Final = "NOT_POSSIBLE"
CLOSED: Final = "CLOSED"
LIFTED: Final = "LIFTED"
"""A step, no state: what is lifted in part goes on."""

UNACKNOWLEDGED: Final = frozenset({ISSUED, DELIVERED, ESCALATED})
ALERT_KINDS: Final = frozenset({"alert", "alert_answer"})


def state_name(state: AlertState.ValueType) -> str:
    """Give a state as views name it."""
    return AlertState.Name(state).removeprefix("ALERT_STATE_")


def _moves() -> Mapping[str, frozenset[str]]:
    moves = {state_name(state): frozenset(map(state_name, after)) for state, after in ALERT_MOVES.items()}  # type: ignore[arg-type]
    moves[ISSUED] = moves[DELIVERED] | {DELIVERED}
    return {**moves, ESCALATED: moves[DELIVERED] | {DELIVERED}, CLOSED: frozenset()}


MOVES: Final = _moves()


@dataclass(frozen=True, slots=True)
class AlertKey:
    """Which life: whose alert, of which name, at whom."""

    issuer: str
    receiver: str
    alert_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """One container or house document that an alert is about; ``lifted_by`` is the record that lets it go."""

    container: str
    house_document: str
    lifted_by: str


@dataclass(frozen=True, slots=True)
class AlertLife:
    """One alert as it stands at one receiver. ``alert`` is what it says in its latest form."""

    key: AlertKey
    state: str
    first: StoredRecord
    alert: Saying
    ack_required_by: int
    issued_at: int
    held: tuple[Held, ...]
    steps: tuple[Step, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody may still have to act: a lift asks for nothing once it is acknowledged."""
        done = {ACTIONED, CLOSED} | ({ACKNOWLEDGED} if self.body.type == ALERT_TYPE_NO_LOAD_LIFTED else set())
        return self.state not in done

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver has taken it up."""
        return any(step.state in (ACKNOWLEDGED, ACTIONED, NOT_POSSIBLE) and step.counts for step in self.steps)

    @property
    def escalated(self) -> bool:
        """Whether its time ran out before that, also if it was taken up since."""
        return any(step.state == ESCALATED for step in self.steps)

    @property
    def body(self) -> Alert:
        """What it says."""
        return self.alert.record.alert


def alert_keys(saying: Saying, own: str) -> Iterator[AlertKey]:
    """Give the lives that an alert or an answer belongs to."""
    for party in saying.parties(own):
        if saying.stored.kind == "alert":
            yield AlertKey(saying.issuer, party, saying.record.alert.alert_id)
        else:
            yield AlertKey(party, saying.issuer, saying.record.alert_answer.alert_id)


def alert_lives(records: Iterable[StoredRecord], own: str, now: int) -> tuple[AlertLife, ...]:
    """Fold alerts, answers and lifts into lives, in the order of their keys."""
    sayings = read_each_once(records)
    later = successors(sayings)
    alerts: dict[AlertKey, list[Saying]] = defaultdict(list)
    answers: dict[AlertKey, list[Saying]] = defaultdict(list)
    lifts: dict[AlertKey, list[Saying]] = defaultdict(list)
    for each in sorted(sayings, key=lambda each: each.place):
        if each.stored.kind not in ALERT_KINDS:
            continue
        for key in alert_keys(each, own):
            (alerts if each.stored.kind == "alert" else answers)[key].append(each)
            if each.stored.kind == "alert" and each.record.alert.lifts:
                lifts[replace(key, alert_id=each.record.alert.lifts)].append(each)
    ordered = sorted(alerts, key=lambda key: (key.issuer, key.receiver, key.alert_id))
    return tuple(_Life(key, alerts[key], later).fold(answers.get(key, []), lifts.get(key, []), now) for key in ordered)


class _Life:
    """Walks one life from its first record on."""

    def __init__(self, key: AlertKey, alerts: Sequence[Saying], later: Mapping[tuple[str, str], Saying]) -> None:
        self._key = key
        self._alerts = alerts
        self._first = alerts[0]
        self._alert = self._first
        self._later = later
        self._state = ISSUED
        self._answer: Saying | None = None
        self._steps: list[Step] = []
        self._known = {self._first.record_id}
        self._lifted: dict[tuple[str, str], str] = {}

    def fold(self, answers: Sequence[Saying], lifts: Sequence[Saying], now: int) -> AlertLife:
        events = [*self._said(), *self._delivered(), *self._answered(answers), *self._lifts(lifts)]
        for step, saying in sorted(events, key=lambda event: _place(*event)):
            self._pass_time(step.at - 1)
            self._take(step, saying)
        self._pass_time(now - 1)
        return AlertLife(
            key=self._key,
            state=self._state,
            first=self._first.stored,
            alert=self._alert,
            ack_required_by=self._alert.record.alert.ack_required_by.seconds,
            issued_at=self._first.at,
            held=tuple(self._held()),
            steps=tuple(self._steps),
        )

    def _said(self) -> Iterator[tuple[Step, Saying]]:
        for each in self._alerts:
            yield self._step(each, CLOSED if each.record.alert.closed else ISSUED, each.at), each
            withdrawn = self._withdrawal_of(each)
            if withdrawn is not None:
                yield self._step(withdrawn, CLOSED, withdrawn.at, remark="withdrawn"), withdrawn

    def _delivered(self) -> Iterator[tuple[Step, Saying]]:
        at = receipted_at(self._first, self._key.receiver)
        if at is not None:
            yield self._step(self._first, DELIVERED, at, ground=Ground.RECEIPT, by=self._key.receiver), self._first

    def _answered(self, answers: Sequence[Saying]) -> Iterator[tuple[Step, Saying]]:
        for each in answers:
            body = each.record.alert_answer
            step = self._step(each, state_name(body.state), each.at, remark=body.reason)
            taken_back = self._withdrawal_of(each) is not None
            yield replace(step, fault=f"{each.issuer} took it back." if taken_back else ""), each

    def _lifts(self, lifts: Sequence[Saying]) -> Iterator[tuple[Step, Saying]]:
        for each in lifts:
            taken_back = self._withdrawal_of(each) is not None
            fault = f"{each.issuer} took it back." if taken_back else ""
            yield replace(self._step(each, LIFTED, each.at), fault=fault), each

    def _step(
        self, saying: Saying, state: str, at: int, *, ground: Ground = Ground.RECORD, by: str = "", remark: str = ""
    ) -> Step:
        at = max(at, self._first.at)
        return Step(state, at, by or saying.issuer, ground, saying.record_id, saying.stored.stored_at, remark=remark)

    def _pass_time(self, until: int) -> None:
        """Let the clock escalate what nobody has taken up."""
        deadline = self._alert.record.alert.ack_required_by.seconds
        if self._state in (ISSUED, DELIVERED) and deadline <= until:
            self._state = ESCALATED
            self._steps.append(Step(ESCALATED, deadline, "", Ground.CLOCK, "", deadline))

    def _take(self, step: Step, saying: Saying) -> None:
        fault = step.fault
        if not fault:
            match step.state:
                case _ if step.ground is Ground.RECEIPT:
                    self._state = DELIVERED if self._state == ISSUED else self._state
                case "ISSUED":
                    fault = self._say(saying)
                case "CLOSED":
                    fault = self._close(saying)
                case "LIFTED":
                    self._lift(saying)
                case _:
                    fault = self._answer_with(step, saying)
        self._steps.append(replace(step, fault=fault))

    def _say(self, saying: Saying) -> str:
        if saying is self._first:
            return ""
        if saying.record.header.supersedes not in self._known:
            return "The issuer has used this alert id before, and it replaces no alert that is known here."
        if self._state == CLOSED:
            return "The alert is CLOSED: what is new is said in a new alert."
        self._known.add(saying.record_id)
        self._alert = saying
        return ""

    def _close(self, saying: Saying) -> str:
        if self._state == CLOSED:
            return "The alert is CLOSED already."
        if saying is not self._first and saying.record.header.supersedes not in self._known:
            return "It replaces no alert that is known here."
        self._known.add(saying.record_id)
        self._state = CLOSED
        return ""

    def _lift(self, saying: Saying) -> None:
        """Let go what a lift names; the alert is closed when nothing is held any more."""
        body = saying.record.alert
        for number in body.container_numbers:
            self._lifted.setdefault((number, ""), saying.record_id)
        for document in body.house_documents:
            self._lifted.setdefault(("", document.number), saying.record_id)
        if all(each.lifted_by for each in self._held()):
            self._state = CLOSED

    def _answer_with(self, step: Step, saying: Saying) -> str:
        corrects = self._answer is not None and saying.record.header.supersedes == self._answer.record_id
        same = step.state == self._state and (corrects or step.state == DELIVERED)
        if not same and step.state not in MOVES[self._state]:
            return why_not(self._state, step.state)
        if self._state != ESCALATED or step.state != DELIVERED:
            self._state = step.state
        self._answer = saying
        return ""

    def _held(self) -> Iterator[Held]:
        body = self._alert.record.alert
        for number in body.container_numbers:
            yield Held(number, "", self._lifted.get((number, ""), ""))
        for document in body.house_documents:
            yield Held("", document.number, self._lifted.get(("", document.number), ""))

    def _withdrawal_of(self, saying: Saying) -> Saying | None:
        later = self._later.get((saying.issuer, saying.record_id))
        return later if later is not None and later.stored.kind == "withdrawal" else None


def why_not(before: str, after: str) -> str:
    """Say why a step leads nowhere, and what to do."""
    if before == CLOSED:
        return f"The alert is CLOSED and cannot become {after}: nothing is left to do."
    if before == after:
        return f"The alert is {before} already: nothing is left to say about that."
    ways = ", ".join(sorted(MOVES[before])) or "nothing else"
    return f"An alert that is {before} cannot become {after}; from here it may become {ways}."


def _place(step: Step, saying: Saying) -> tuple[int, bool, int, str]:
    begins = step.state == ISSUED and not saying.record.header.supersedes
    rank = 0 if step.ground is Ground.RECEIPT else 1
    return step.at, not begins, rank, step.record_id
