"""The life of a request between two administrations: a fold of what was asked, answered, and happened to the goods.

A life is one asker's request, by its id, at one administration that is asked. Its steps are ordered by when they were
taken, never by when they arrived. A step that leads nowhere is kept and told with the reason. Two things end a request
without a word: goods that have gone (OVERTAKEN), and its deadline (EXPIRED): ``respond_by`` while there is no answer,
and for a counter-proposal that nobody takes up the cutoff, where one is known.

The name of a request belongs to its asker. A second request under the same name that replaces no first one counts for
nothing; one that does changes what is asked and by when, and begins no new life.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.ports.records import StoredRecord
from gateway.views import request_moves as moves
from gateway.views.steps import Ground, Saying, Step, read_each_once, receipted_at, successors
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.request_pb2 import DeclineReason

MATTERS: Final = {"control": "CONTROL", "screening": "SCREENING", "information": "INFORMATION"}
REQUEST_KINDS: Final = frozenset(f"{matter}_request" for matter in MATTERS)
ANSWER_KINDS: Final = frozenset(f"{matter}_answer" for matter in MATTERS)
_RANKS: Final = {Ground.RECEIPT: 0, Ground.RECORD: 1, Ground.GOODS: 2}


@dataclass(frozen=True, slots=True)
class LifeKey:
    """Which life: whose request, of which name, at whom."""

    asker: str
    asked: str
    request_id: str


@dataclass(frozen=True, slots=True)
class RequestLife:
    """One request as it stands. Times are POSIX seconds; ``cutoff`` None is unknown.

    ``request`` is what is asked, in the latest form; ``first`` the record that began the life. ``posted``: filed by an
    officer of the asker at the node of who is asked. ``answer`` is the last answer that counts. ``outcome`` is the
    record of the control or screening that the answer names, when this node has it. ``next_deadline`` is after when the
    clock will end the life, None when it will not. ``overdue``: it is accepted, and its cutoff has passed.
    """

    key: LifeKey
    matter: str
    posted: bool
    state: str
    first: StoredRecord
    request: Saying
    respond_by: int
    cutoff: int | None
    sent_at: int
    steps: tuple[Step, ...]
    answer: Saying | None
    outcome: StoredRecord | None
    next_deadline: int | None
    overdue: bool

    @property
    def is_open(self) -> bool:
        """Whether it can still go somewhere."""
        return self.state in moves.OPEN

    @property
    def body(self) -> Any:  # noqa: ANN401  one of three generated classes
        """What is asked."""
        return body_of(self.request)

    @property
    def at_once(self) -> bool:
        """Whether it may be completed without being accepted first."""
        return self.matter != "CONTROL"

    def named(self) -> str:
        """Give the record_id of the outcome that the answer names; empty when it names none."""
        return "" if self.answer is None else named_by(self.answer)

    def decline_reason(self) -> str:
        """Give why it was declined, empty when it was not."""
        said = body_of(self.answer) if self.answer and self.state == moves.DECLINED else None
        return DeclineReason.Name(said.decline_reason).removeprefix("DECLINE_REASON_") if said else ""


@dataclass(frozen=True, slots=True)
class Gone:
    """That goods were loaded or left: which record says so, and when it happened."""

    saying: Saying
    at: int


def body_of(saying: Saying) -> Any:  # noqa: ANN401
    """Give what a record says besides its header."""
    return getattr(saying.record, saying.stored.kind)


def named_by(answer: Saying) -> str:
    """Give the record_id of the outcome or result that an answer names; empty when it names none."""
    said = body_of(answer)
    return getattr(said, "outcome_record_id", "") or getattr(said, "result_record_id", "")


def keys_of(saying: Saying, own: str) -> Iterator[LifeKey]:
    """Give the lives that a request or an answer belongs to: several where it went to several partners."""
    body = body_of(saying)
    if saying.stored.kind in ANSWER_KINDS:
        for asker in saying.parties(own):
            yield LifeKey(asker, saying.issuer, body.request_id)
    elif body.on_behalf_of:
        yield LifeKey(body.on_behalf_of, saying.issuer, body.request_id)
    else:
        for asked in saying.parties(own):
            yield LifeKey(saying.issuer, asked, body.request_id)


def request_lives(
    records: Iterable[StoredRecord], own: str, now: int, gone: Mapping[LifeKey, Sequence[Gone]]
) -> tuple[RequestLife, ...]:
    """Fold requests, answers and outcomes into lives, in the order of their keys.

    ``gone`` tells for each life which goods of it have gone (``gateway.views.overtaking``).
    """
    sayings = read_each_once(records)
    by_id = {(each.issuer, each.record_id): each.stored for each in sayings}
    later = successors(sayings)
    requests: dict[LifeKey, list[Saying]] = defaultdict(list)
    answers: dict[LifeKey, list[Saying]] = defaultdict(list)
    for each in sorted(sayings, key=lambda each: each.place):
        into = requests if each.stored.kind in REQUEST_KINDS else answers
        if each.stored.kind in REQUEST_KINDS | ANSWER_KINDS:
            for key in keys_of(each, own):
                into[key].append(each)
    return tuple(
        _Life(key, requests[key], own, later).fold(answers.get(key, []), gone.get(key, ()), now, by_id)
        for key in sorted(requests, key=lambda key: (key.asker, key.asked, key.request_id))
    )


ById = Mapping[tuple[str, str], StoredRecord]
"""Records by issuer and record_id."""


class _Life:
    """Walks one life from its first record on."""

    def __init__(
        self, key: LifeKey, requests: Sequence[Saying], own: str, later: Mapping[tuple[str, str], Saying]
    ) -> None:
        self._key = key
        self._first = requests[0]
        self._requests = requests
        self._own = own
        self._later = later
        self._request = self._first
        self._state = moves.SENT
        self._answer: Saying | None = None
        self._steps: list[Step] = []
        self._known = {self._first.record_id}

    def fold(self, answers: Sequence[Saying], gone: Sequence[Gone], now: int, by_id: ById) -> RequestLife:
        events = [*self._asked(), *self._received(), *self._answered(answers), *self._departed(gone)]
        for step, saying in sorted(events, key=lambda event: _place(*event)):
            self._pass_time(step.at - 1)
            self._take(step, saying)
        self._pass_time(now - 1)
        life = RequestLife(
            key=self._key,
            matter=MATTERS[self._first.stored.kind.removesuffix("_request")],
            posted=bool(body_of(self._first).on_behalf_of),
            state=self._state,
            first=self._first.stored,
            request=self._request,
            respond_by=body_of(self._request).respond_by.seconds,
            cutoff=self._cutoff(),
            sent_at=self._first.at,
            steps=tuple(self._steps),
            answer=self._answer,
            outcome=None,
            next_deadline=self._deadline(),
            overdue=False,
        )
        overdue = life.is_open and life.cutoff is not None and life.cutoff < now
        return replace(life, outcome=self._outcome(life, by_id), overdue=overdue)

    def _asked(self) -> Iterator[tuple[Step, Saying]]:
        for each in self._requests:
            state = moves.name_of(body_of(each).state)
            yield self._step(each, state, each.at), each
            withdrawn = self._withdrawal_of(each)
            if withdrawn is not None:
                yield self._step(withdrawn, moves.CANCELLED, withdrawn.at, remark="withdrawn"), withdrawn

    def _received(self) -> Iterator[tuple[Step, Saying]]:
        """A gateway's receipt says that the request is there; one that was filed there is there from the beginning."""
        posted = bool(body_of(self._first).on_behalf_of)
        at = self._first.at if posted else receipted_at(self._first, self._key.asked)
        if at is not None:
            step = self._step(self._first, moves.RECEIVED, at, ground=Ground.RECEIPT, by=self._key.asked)
            yield step, self._first

    def _answered(self, answers: Sequence[Saying]) -> Iterator[tuple[Step, Saying]]:
        for each in answers:
            body = body_of(each)
            step = self._step(each, moves.name_of(body.state), each.at, remark=body.remark)
            withdrawn = self._withdrawal_of(each)
            if each.stored.kind.removesuffix("_answer") != self._first.stored.kind.removesuffix("_request"):
                step = replace(step, fault="It answers another kind of request.")
            elif withdrawn is not None:
                step = replace(step, fault=f"{each.issuer} took it back.")
            yield step, each

    def _departed(self, gone: Sequence[Gone]) -> Iterator[tuple[Step, Saying]]:
        for each in gone:
            yield self._step(each.saying, moves.OVERTAKEN, each.at, ground=Ground.GOODS), each.saying

    def _step(
        self, saying: Saying, state: str, at: int, *, ground: Ground = Ground.RECORD, by: str = "", remark: str = ""
    ) -> Step:
        """Make a step; nothing of a life comes before it began, whatever the clocks of others say."""
        at = max(at, self._first.at)
        return Step(state, at, by or saying.issuer, ground, saying.record_id, saying.stored.stored_at, remark=remark)

    def _pass_time(self, until: int) -> None:
        """Let the clock end what is still without an answer after its deadline."""
        deadline = self._deadline()
        if deadline is not None and deadline <= until:
            self._state = moves.EXPIRED
            self._steps.append(Step(moves.EXPIRED, deadline, "", Ground.CLOCK, "", deadline))

    def _take(self, step: Step, saying: Saying) -> None:
        fault = step.fault
        if saying.stored.kind in REQUEST_KINDS and step.ground is Ground.RECORD:
            fault = self._ask(step, saying)
        elif step.ground is Ground.GOODS:
            if self._state not in moves.OPEN:
                return  # goods go when the matter is over: no step at all
            self._state = step.state
        elif step.ground is Ground.RECEIPT:
            if self._state == moves.SENT:
                self._state = step.state
        elif not fault:
            fault = self._answer_with(step, saying)
        self._steps.append(replace(step, fault=fault))

    def _ask(self, step: Step, saying: Saying) -> str:
        if saying is self._first and step.state == moves.SENT:
            return ""
        if saying is not self._first and saying.record.header.supersedes not in self._known:
            return "The asker has used this request id before, and it replaces no request that is known here."
        if step.state == moves.SENT and self._state not in moves.UNANSWERED:
            return moves.why_not(self._state, moves.SENT)
        if step.state == moves.CANCELLED and self._state not in moves.OPEN:
            return moves.why_not(self._state, moves.CANCELLED)
        self._known.add(saying.record_id)
        if step.state == moves.SENT:
            self._request = saying
        else:
            self._state = moves.CANCELLED
        return ""

    def _answer_with(self, step: Step, saying: Saying) -> str:
        """Go where an answer leads. One that replaces the last answer and says the same corrects its details."""
        if saying.stored.kind == "withdrawal":
            self._state = moves.CANCELLED if self._state in moves.OPEN else self._state
            return "" if self._state == moves.CANCELLED else moves.why_not(self._state, moves.CANCELLED)
        corrects = self._answer is not None and saying.record.header.supersedes == self._answer.record_id
        same = step.state == self._state and (corrects or step.state == moves.RECEIVED)
        at_once = self._first.stored.kind != "control_request"
        if not same and not moves.may_go(self._state, step.state, at_once=at_once):
            return moves.why_not(self._state, step.state)
        self._state, self._answer = step.state, saying
        return ""

    def _deadline(self) -> int | None:
        if self._state not in moves.UNANSWERED:
            return None
        respond_by: int = body_of(self._request).respond_by.seconds
        cutoff = self._cutoff()
        return cutoff if self._state == moves.COUNTER_PROPOSED and cutoff is not None else respond_by

    def _cutoff(self) -> int | None:
        body = body_of(self._request)
        known = "vessel_cutoff" in body.DESCRIPTOR.fields_by_name and body.HasField("vessel_cutoff")
        return int(body.vessel_cutoff.seconds) if known else None

    def _withdrawal_of(self, saying: Saying) -> Saying | None:
        later = self._later.get((saying.issuer, saying.record_id))
        return later if later is not None and later.stored.kind == "withdrawal" else None

    def _outcome(self, life: RequestLife, by_id: ById) -> StoredRecord | None:
        """Give the record that the answer names, or the outcome of the control; never another issuer's."""
        if life.answer is None:
            return None
        control_id = getattr(body_of(life.answer), "control_id", "")
        its = self._key.asked, life.named()
        named = [by_id[its]] if its in by_id else []
        if not named and control_id:
            named = [
                each
                for each in by_id.values()
                if each.kind == "inspection_outcome"
                and Record.FromString(each.record).inspection_outcome.control_id == control_id
            ]
        said = [each for each in named if Record.FromString(each.record).header.issuer == self._key.asked]
        return max(said, key=lambda each: each.record_id, default=None)


def _place(step: Step, saying: Saying) -> tuple[int, bool, int, str, str]:
    begins = step.state == moves.SENT and not saying.record.header.supersedes
    return step.at, not begins, _RANKS[step.ground], step.record_id, step.state
