"""The clerk for recalls: makes the records by which one is declared and answered.

Each partner is told of the records that went to it, and of no others. The clerk takes one call at a time, as the clerk
for requests does, and for the same reason.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar

from gateway.errors import Absent, Malformed, NotCovered, RecordInvalid, StepNotPossible, Violation
from gateway.exchange.purposes import purpose_towards
from gateway.exchange.submission import Submissions
from gateway.ports.ledger import LedgerLine
from gateway.ports.records import Records
from gateway.ports.world import Clock
from gateway.reliance.answering import findings_known
from gateway.reliance.recall_desk import Origin, RecallDesk, RecallView
from gateway.reliance.recalls import RecallState
from gateway.reliance.selecting import Selection, selected
from gateway.rpc.clients import Caller
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1 import recalls_service_pb2 as pb
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.records.v1.record_pb2 import Purpose, Record
from mutualrecognition.records.v1.subject_pb2 import Subject

NAMED_AT_MOST: Final = 1000
"""Records in one record of kind ``recall``, and findings in one answer."""
ACK_SECONDS: Final = 24 * 3600
"""How long a partner may take to answer, where its issuer does not say."""
_REACHED: Final = 1000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a declaration reaches: each partner's records, and the partners that no agreement lets be told."""

    by_partner: Mapping[str, Sequence[str]]
    unreachable: frozenset[str]


class RecallClerk:
    """Declares and answers."""

    def __init__(
        self,
        *,
        submissions: Submissions,
        desk: RecallDesk,
        records: Records,
        book: Callable[[], TrustBook],
        clock: Clock,
    ) -> None:
        self._submissions = submissions
        self._desk = desk
        self._records = records
        self._book = book
        self._clock = clock
        self._turn = asyncio.Lock()

    async def would_reach(self, call: pb.DeclareRecallRequest) -> Declared:
        """Tell whom a declaration would reach; nothing is stored.

        Raises:
            Malformed: it names nothing in particular.
            Absent: no record fits, or none of them went to anybody.
        """
        selection = selection_of(call.selection)
        if selection.is_empty:
            raise Malformed("Say which records: by name, by office, by equipment or by operator (selection).")
        by_partner: dict[str, list[str]] = defaultdict(list)
        async for saying in selected(self._records, selection):
            for delivery in saying.stored.deliveries:
                by_partner[delivery.partner].append(saying.record_id)
        if not by_partner:
            raise Absent("No record of this administration that went to a partner fits this selection.")
        book, now = self._book(), self._clock.now()
        unreachable = {each for each in by_partner if purpose_towards(book, each, "recall", now) is None}
        return Declared(by_partner, frozenset(unreachable))

    async def declare(self, caller: Caller, call: pb.DeclareRecallRequest) -> tuple[RecallView, Declared]:
        """Recall records; a repeat changes nothing, and reaches whom an earlier try that broke off did not.

        Raises:
            Malformed, RecordInvalid, Absent: it cannot be declared like this.
            NotCovered: no agreement lets any of these partners be told.
            StepNotPossible: its name is taken.
        """
        said = call.SerializeToString(deterministic=True)
        async with self._turn:
            declared = await self.would_reach(call)
            reachable = sorted(declared.by_partner.keys() - declared.unreachable)
            if not reachable:
                partners = ", ".join(sorted(declared.unreachable))
                raise NotCovered(f"No agreement lets recalls go to {partners}: tell them by another way.")
            for partner in reachable:
                for number, names in enumerate(_parts(declared.by_partner[partner])):
                    call_id = _call_id(call.recall_id, partner, number)
                    record = self._recall(call, partner, names)
                    submission = national.Submission(request_id=call_id, record=record, recipients=[partner])
                    await self._submissions.submit_call(caller.name, submission, said)
            view = await self._own(call.recall_id)
        return view, declared

    async def answer(self, caller: Caller, call: pb.AnswerRecallRequest) -> tuple[RecallView, str]:
        """Tell a partner what was done on the ground of its records; gives the recall and the last answer's record_id.

        Raises:
            Absent: there is no such recall to answer.
            Malformed: several partners have used its name, and none is named.
            StepNotPossible: it is answered in full, or cannot be yet.
        """
        said = call.SerializeToString(deterministic=True)
        call_id = sha256(said).hexdigest()[:48]
        async with self._turn:
            view = await self._received(call)
            if await self._submissions.was_answered(caller.name, call_id, said):
                return view, ""
            if view.state is RecallState.SETTLED:
                raise StepNotPossible(f"The recall {call.recall_id} is answered in full already.")
            lines = [line async for line in self._lines(view)]
            findings = findings_known(lines, call.findings, complete=call.complete)
            issuer = view.lives[0].key.issuer
            parts = list(_parts(findings)) or [[]]
            record_id = ""
            for number, part in enumerate(parts):
                last = number == len(parts) - 1
                record = Record()
                record.header.subject.CopyFrom(view.lives[0].parts[0].record.header.subject)
                record.header.purpose = self._purpose(issuer, "recall_answer")
                body = record.recall_answer
                body.recall_id, body.complete = call.recall_id, call.complete and last
                body.at.seconds = self._clock.now()
                body.findings.extend(part)
                each_id = call_id if last else _call_id(call_id, issuer, number)
                submission = national.Submission(request_id=each_id, record=record, recipients=[issuer])
                record_id = (await self._submissions.submit_call(caller.name, submission, said)).record_id
            return await self._received(call), record_id

    def _recall(self, call: pb.DeclareRecallRequest, partner: str, names: Sequence[str]) -> Record:
        record = Record()
        record.header.subject.CopyFrom(_subject(call.selection, names))
        record.header.purpose = self._purpose(partner, "recall")
        body = record.recall
        body.recall_id, body.cause, body.text = call.recall_id, call.cause, call.text
        body.record_ids.extend(names)
        body.ack_required_by.seconds = self._deadline(call)
        return record

    def _deadline(self, call: pb.DeclareRecallRequest) -> int:
        now = self._clock.now()
        if not call.HasField("ack_required_by"):
            return now + ACK_SECONDS
        if call.ack_required_by.seconds <= now:
            violation = Violation("recall.ack_required_by", "recall.deadline", "It is over already: give a later one.")
            raise RecordInvalid("Nobody can acknowledge it in time.", violations=(violation,))
        return call.ack_required_by.seconds

    def _purpose(self, partner: str, kind: str) -> Purpose.ValueType:
        purpose = purpose_towards(self._book(), partner, kind, self._clock.now())
        if purpose is None:
            raise NotCovered(f"No agreement in force lets a {kind} go to {partner}.")
        return purpose

    async def _lines(self, view: RecallView) -> AsyncIterator[LedgerLine]:
        offset = 0
        while True:
            page = (await self._desk.decisions(view, offset=offset, limit=_REACHED)).page
            for line in page:
                yield line
            if len(page) < _REACHED:
                return
            offset += len(page)

    async def _own(self, recall_id: str) -> RecallView:
        return next(each for each in await self._desk.views(recall_id) if each.origin is Origin.DECLARED)

    async def _received(self, call: pb.AnswerRecallRequest) -> RecallView:
        views = [each for each in await self._desk.views(call.recall_id) if each.origin is Origin.RECEIVED]
        meant = [each for each in views if call.issuer in ("", each.issuer)]
        if not meant:
            raise Absent(f"No partner has declared a recall {call.recall_id!r} here that could be answered.")
        if len(meant) > 1:
            raise Malformed("Several administrations have used this name: say whose recall it is (issuer).")
        return meant[0]


def selection_of(given: pb.RecallSelection) -> Selection:
    """Read a selection.

    Raises:
        Malformed: it names more records than one call may.
    """
    if len(given.record_ids) > NAMED_AT_MOST:
        raise Malformed(f"A call names at most {NAMED_AT_MOST} records: call again for the rest, under another name.")
    return Selection(
        record_ids=tuple(dict.fromkeys(given.record_ids)),
        office=given.office,
        device=given.equipment_id,
        tin=given.tin,
        kind=given.kind,
        done_from=given.done_from.seconds,
        done_until=given.done_until.seconds if given.HasField("done_until") else 2**62,
    )


def _subject(selection: pb.RecallSelection, names: Sequence[str]) -> Subject:
    """Say what a recall is about: what was selected, or else the first record."""
    if selection.equipment_id:
        return Subject(equipment_id=selection.equipment_id)
    if selection.tin:
        subject = Subject()
        subject.operator.tin = selection.tin
        return subject
    return Subject(record_id=names[0])


def _call_id(name: str, partner: str, number: int) -> str:
    """Name one record of a call, the same one on a repeat."""
    return sha256(f"{name}\n{partner}\n{number}".encode()).hexdigest()[:48]


def _parts(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), NAMED_AT_MOST):
        yield values[start : start + NAMED_AT_MOST]
