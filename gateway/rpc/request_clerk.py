"""The clerk for requests: makes the records by which one is filed, answered and called off.

What a step may be is told by the life as it stands; so that two steps do not both stand on the same one, the clerk
takes one call at a time. The record then goes the way of every submission, and the repeat of a call does nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gateway.errors import Absent, Malformed, RecordInvalid, StepNotPossible, Violation
from gateway.exchange.release import purpose_name
from gateway.exchange.submission import Submissions
from gateway.ports.links import Direction
from gateway.ports.records import Records, StoredRecord
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.rpc.clients import Caller
from gateway.trust.book import TrustBook
from gateway.views import request_moves as moves
from gateway.views.gathering import gather
from gateway.views.request_desk import RequestDesk
from gateway.views.requests import MATTERS, LifeKey, RequestLife
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.request_pb2 import (
    DECLINE_REASON_ALREADY_CONTROLLED,
    REQUEST_STATE_CANCELLED,
    REQUEST_STATE_SENT,
)

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Files:
    """What the clerk looks things up in."""

    desk: RequestDesk
    index: ViewIndex
    records: Records
    book: Callable[[], TrustBook]


class RequestClerk:
    """Files, answers and calls off. Every method gives the life that the call is about."""

    def __init__(self, *, administration: str, submissions: Submissions, files: Files, clock: Clock) -> None:
        self._own = administration
        self._submissions = submissions
        self._desk = files.desk
        self._index = files.index
        self._records = files.records
        self._book = files.book
        self._clock = clock
        self._turn = asyncio.Lock()

    async def create(self, caller: Caller, call: pb.CreateRequestRequest) -> RequestLife:
        """Ask an administration; a posted officer asks the one whose node this is.

        Raises:
            Malformed, RecordInvalid, NotCovered: it cannot be asked like this.
            StepNotPossible: the name is taken.
        """
        matter = call.WhichOneof("request")
        if matter is None:
            raise Malformed("Say what is asked for: a control, a screening or information.")
        posted = caller.administration
        key = self._key_of_new(caller, call, matter)
        said = call.SerializeToString(deterministic=True)
        async with self._turn:
            if not await self._submissions.was_answered(caller.name, call.call_id, said):
                if any(life.key == key for life in await self._desk.lives(key.request_id)):
                    raise StepNotPossible(f"There is a request {key.request_id} of {key.asker} already.")
                record = Record()
                body = getattr(record, f"{matter}_request")
                body.CopyFrom(getattr(call, matter))
                body.request_id, body.state, body.on_behalf_of = key.request_id, REQUEST_STATE_SENT, posted
                record.header.subject.request_id = key.request_id
                record.header.purpose = call.purpose
                partner = posted or key.asked
                self._set_deadline(record, body, key, partner)
                await self._submit(caller, call.call_id, record, partner, said)
            return await self._life(key)

    async def answer(self, caller: Caller, call: pb.AnswerRequestRequest) -> RequestLife:
        """Take a step of a request that this administration was asked.

        Raises:
            Malformed, RecordInvalid: it is none.
            Absent: there is no such request to answer.
            StepNotPossible: it leads nowhere from where the request stands.
        """
        matter = call.WhichOneof("answer")
        if matter is None:
            raise Malformed("Say what has become of the request: an answer to a control, a screening or information.")
        said = call.SerializeToString(deterministic=True)
        given = getattr(call, matter)
        async with self._turn:
            life = self._one_of(
                [each for each in await self._desk.lives(given.request_id) if each.key.asked == self._own],
                f"There is no request {given.request_id!r} to answer here.",
                lambda each: call.asker in ("", each.key.asker),
                "Several administrations have used this name: say whose request it is (asker).",
            )
            if not await self._submissions.was_answered(caller.name, call.call_id, said):
                if life.matter != MATTERS[matter]:
                    raise Malformed(f"{given.request_id} asks for a {life.matter.lower()}: answer that.")
                self._require_step(life, given.state)
                record = Record()
                body = getattr(record, f"{matter}_answer")
                body.CopyFrom(given)
                record.header.subject.request_id = given.request_id
                record.header.purpose = life.request.record.header.purpose
                if matter == "control" and given.decline_reason == DECLINE_REASON_ALREADY_CONTROLLED:
                    body.outcome_record_id = await self._outcome(life.key.asker, body)
                await self._submit(caller, call.call_id, record, life.key.asker, said)
            return await self._life(life.key)

    async def cancel(self, caller: Caller, call: pb.CancelRequestRequest) -> RequestLife:
        """Call a request off; a posted officer only those of its administration that were filed here.

        Raises:
            Absent: there is no such request.
            StepNotPossible: it is over.
        """
        said = call.SerializeToString(deterministic=True)
        asker = caller.administration or self._own
        posted = bool(caller.administration)
        async with self._turn:
            life = self._one_of(
                [each for each in await self._desk.lives(call.request_id) if each.key.asker == asker],
                f"{asker} has asked nothing under the name {call.request_id!r} here.",
                lambda each: call.asked in ("", each.key.asked) and (each.posted or not posted),
                "It was asked of several: say of whom (asked).",
            )
            if not await self._submissions.was_answered(caller.name, call.call_id, said):
                if life.request.received:
                    raise StepNotPossible("A posted officer filed it at the partner's node, and calls it off there.")
                if not moves.may_go(life.state, moves.CANCELLED, at_once=False):
                    raise StepNotPossible(moves.why_not(life.state, moves.CANCELLED))
                record = Record.FromString(life.request.stored.record)
                older = record.header.record_id
                subject, purpose = record.header.subject, record.header.purpose
                record.header.CopyFrom(type(record.header)(subject=subject, purpose=purpose, supersedes=older))
                getattr(record, life.request.stored.kind).state = REQUEST_STATE_CANCELLED
                partner = life.key.asker if life.posted else life.key.asked
                await self._submit(caller, call.call_id, record, partner, said)
            return await self._life(life.key)

    def _key_of_new(self, caller: Caller, call: pb.CreateRequestRequest, matter: str) -> LifeKey:
        """Name whose request it is, and give it a name where it has none: the same for a repeat."""
        asker, asked = (caller.administration, self._own) if caller.administration else (self._own, call.partner)
        if caller.administration and call.partner not in ("", self._own):
            raise Malformed(f"A posted officer asks {self._own} alone: leave partner out.")
        if not asked or asked == asker:
            raise Malformed("Name the administration to ask: partner.")
        digest = sha256(f"{caller.name}\n{call.call_id}".encode()).hexdigest()
        return LifeKey(asker, asked, getattr(call, matter).request_id or f"{asker}-{digest[:16]}")

    def _set_deadline(self, record: Record, body: Any, key: LifeKey, partner: str) -> None:  # noqa: ANN401
        """Fill in by when an answer is needed, or look whether that can be."""
        now, kind = self._clock.now(), str(record.WhichOneof("body"))
        cutoff = body.vessel_cutoff.seconds if kind == "control_request" and body.HasField("vessel_cutoff") else None
        if body.HasField("respond_by"):
            if body.respond_by.seconds <= now:
                raise _no_deadline(kind, "It is over already: give a later one.")
            return
        hours = self._hours(record, key, partner, now)
        if hours is None:
            raise _no_deadline(kind, f"No agreement says how long {key.asked} may take to answer: give it.")
        body.respond_by.seconds = now + hours * HOUR
        if cutoff is not None and cutoff <= body.respond_by.seconds:
            raise _no_deadline(
                kind,
                f"{key.asked} may take {hours} hours by the agreement, and the terminal closes before: give an earlier "
                "one and say in words how urgent it is, or ask where the goods arrive.",
            )

    def _hours(self, record: Record, key: LifeKey, partner: str, now: int) -> int | None:
        kind = str(record.WhichOneof("body"))
        released = self._book().release(partner, kind, purpose_name(record.header.purpose), now)
        times = released.agreement.terms.response_times if released else ()
        wanted = (key.asked, key.asker, kind)
        fitting = [each.hours for each in times if (each.responder, each.asker, each.kind) == wanted]
        return min(fitting, default=None)

    def _require_step(self, life: RequestLife, state: Any) -> None:  # noqa: ANN401  the enum's number
        if state not in moves.NUMBERS.values():
            raise Malformed("Say what has become of the request: state.")
        after = moves.name_of(state)
        if not moves.may_go(life.state, after, at_once=life.at_once):
            raise StepNotPossible(moves.why_not(life.state, after))

    async def _outcome(self, asker: str, body: Any) -> str:  # noqa: ANN401
        """Give the outcome that ALREADY_CONTROLLED returns: an own one, on that control, that the asker has got."""
        gathered = await gather(self._index, [f"control:{body.control_id}"])
        known = {each.record_id for each in gathered.records if self._returnable(each, body.control_id, asker)}
        if body.outcome_record_id in known:
            return str(body.outcome_record_id)
        if body.outcome_record_id or not known:
            raise StepNotPossible(
                f"{asker} has got no outcome of the control {body.control_id!r} from here: submit the "
                "inspection_outcome first, then decline with its control_id."
            )
        return max(known)

    def _returnable(self, stored: StoredRecord, control_id: str, asker: str) -> bool:
        if stored.kind != "inspection_outcome" or stored.direction is not Direction.ISSUED or stored.superseded_by:
            return False
        named = Record.FromString(stored.record).inspection_outcome.control_id == control_id
        return named and any(each.partner == asker for each in stored.deliveries)

    async def _submit(self, caller: Caller, call_id: str, record: Record, partner: str, said: bytes) -> None:
        submission = national.Submission(request_id=call_id, record=record, recipients=[partner])
        await self._submissions.submit_call(caller.name, submission, said)

    async def _life(self, key: LifeKey) -> RequestLife:
        return next(each for each in await self._desk.lives(key.request_id) if each.key == key)

    @staticmethod
    def _one_of(
        lives: Sequence[RequestLife], absent: str, fits: Callable[[RequestLife], bool], several: str
    ) -> RequestLife:
        fitting = [each for each in lives if fits(each)]
        if not fitting:
            raise Absent(absent)
        if len(fitting) > 1:
            raise Malformed(several)
        return fitting[0]


def _no_deadline(kind: str, sentence: str) -> RecordInvalid:
    violation = Violation(f"{kind}.respond_by", "request.deadline", sentence)
    return RecordInvalid("The request has no deadline that can be kept.", violations=(violation,))
