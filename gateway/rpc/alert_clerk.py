"""The clerk for alerts: makes the records by which one is issued, lifted, taken up and closed.

It takes one call at a time, as the clerk for requests does, and for the same reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from gateway.errors import Absent, Malformed, RecordInvalid, StepNotPossible, Violation
from gateway.exchange.submission import Submissions
from gateway.ports.world import Clock
from gateway.rpc.clients import Caller
from gateway.views.alert_desk import AlertDesk
from gateway.views.alerts import CLOSED, MOVES, AlertLife, state_name, why_not
from mutualrecognition.national.v1 import alerts_service_pb2 as pb
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.records.v1 import alert_pb2 as alerts
from mutualrecognition.records.v1.alert_answer_pb2 import AlertState
from mutualrecognition.records.v1.record_pb2 import Header, Record
from mutualrecognition.records.v1.subject_pb2 import Subject

ACK_SECONDS: Final[Mapping[int, int]] = {
    alerts.URGENCY_IMMEDIATE: 900,
    alerts.URGENCY_URGENT: 3_600,
    alerts.URGENCY_ROUTINE: 28_800,
}
"""How long somebody may take to take an alert up, where its issuer does not say."""


class AlertClerk:
    """Issues, answers and closes. Every method gives the lives that the call is about."""

    def __init__(self, *, administration: str, submissions: Submissions, desk: AlertDesk, clock: Clock) -> None:
        self._own = administration
        self._submissions = submissions
        self._desk = desk
        self._clock = clock
        self._turn = asyncio.Lock()

    async def issue(self, caller: Caller, call: pb.IssueAlertRequest) -> Sequence[AlertLife]:
        """Issue an alert, or lift one.

        Raises:
            RecordInvalid, NotCovered: it cannot be issued like this.
            Absent, StepNotPossible: what it lifts is not there, or over; or its name is taken.
        """
        said = call.SerializeToString(deterministic=True)
        digest = sha256(f"{caller.name}\n{call.call_id}".encode()).hexdigest()
        alert_id = call.alert.alert_id or f"{self._own}-{digest[:16]}"
        async with self._turn:
            there, again = await asyncio.gather(
                self._own_lives(alert_id), self._submissions.was_answered(caller.name, call.call_id, said)
            )
            if not again:
                if there:
                    raise StepNotPossible(f"This administration has issued an alert {alert_id} already.")
                record = self._issued(call, alert_id)
                recipients: Sequence[str] = call.partners
                if call.alert.lifts:
                    recipients = await self._lifted_at(call)
                await self._submit(caller, call.call_id, record, recipients, said)
            return await self._own_lives(alert_id)

    async def answer(self, caller: Caller, call: pb.AnswerAlertRequest) -> AlertLife:
        """Take up an alert of a partner.

        Raises:
            Absent: there is no such alert to take up.
            Malformed, RecordInvalid: it is no answer.
            StepNotPossible: the step leads nowhere from where the alert stands.
        """
        said = call.SerializeToString(deterministic=True)
        if call.state not in AlertState.values() or not call.state:
            raise Malformed("Say what has become of the alert: state.")
        async with self._turn:
            life, again = await asyncio.gather(
                self._to_answer(call), self._submissions.was_answered(caller.name, call.call_id, said)
            )
            if not again:
                after = state_name(call.state)
                if after not in MOVES[life.state]:
                    raise StepNotPossible(why_not(life.state, after))
                header = life.alert.record.header
                record = Record(header=Header(subject=header.subject, purpose=header.purpose))
                body = record.alert_answer
                body.alert_id, body.state, body.reason = call.alert_id, call.state, call.reason
                body.at.seconds = self._clock.now()
                await self._submit(caller, call.call_id, record, [life.key.issuer], said)
            return await self._to_answer(call)

    async def close(self, caller: Caller, call: pb.CloseAlertRequest) -> Sequence[AlertLife]:
        """Close an own alert for everybody who got it.

        Raises:
            Absent: there is none.
            StepNotPossible: it is closed.
        """
        said = call.SerializeToString(deterministic=True)
        async with self._turn:
            lives = await self._own_lives(call.alert_id)
            if not lives:
                raise Absent(f"This administration has issued no alert {call.alert_id!r}.")
            if not await self._submissions.was_answered(caller.name, call.call_id, said):
                if all(each.state == CLOSED for each in lives):
                    raise StepNotPossible(why_not(CLOSED, CLOSED))
                record = Record.FromString(lives[0].alert.stored.record)
                header = record.header
                older = header.record_id
                record.header.CopyFrom(Header(subject=header.subject, purpose=header.purpose, supersedes=older))
                record.alert.closed = True
                await self._submit(caller, call.call_id, record, [each.key.receiver for each in lives], said)
            return await self._own_lives(call.alert_id)

    def _issued(self, call: pb.IssueAlertRequest, alert_id: str) -> Record:
        record = Record(header=Header(purpose=call.purpose))
        body = record.alert
        body.CopyFrom(call.alert)
        body.alert_id = alert_id
        if not body.urgency:
            is_no_load = body.type == alerts.ALERT_TYPE_NO_LOAD
            body.urgency = alerts.URGENCY_IMMEDIATE if is_no_load else alerts.URGENCY_URGENT
        now = self._clock.now()
        if not body.HasField("ack_required_by"):
            body.ack_required_by.seconds = now + ACK_SECONDS.get(body.urgency, 0)
        elif body.ack_required_by.seconds <= now:
            violation = Violation("alert.ack_required_by", "alert.deadline", "It is over already: give a later one.")
            raise RecordInvalid("Nobody can acknowledge it in time.", violations=(violation,))
        record.header.subject.CopyFrom(_subject(body))
        return record

    async def _lifted_at(self, call: pb.IssueAlertRequest) -> Sequence[str]:
        """Give who got the alert that is lifted: they, and nobody else, must hear of it."""
        lives = await self._own_lives(call.alert.lifts)
        if not lives:
            raise Absent(f"This administration has issued no alert {call.alert.lifts!r} that could be lifted.")
        if all(each.state == CLOSED for each in lives):
            raise StepNotPossible(f"The alert {call.alert.lifts} is CLOSED: it holds nothing that could be lifted.")
        there = {each.container or each.house_document for each in lives[0].held}
        named = {*call.alert.container_numbers, *(each.number for each in call.alert.house_documents)}
        if strange := sorted(named - there):
            raise StepNotPossible(f"The alert {call.alert.lifts} does not hold {strange[0]}.")
        return sorted({each.key.receiver for each in lives})

    async def _to_answer(self, call: pb.AnswerAlertRequest) -> AlertLife:
        lives = [
            each
            for each in await self._desk.lives(call.alert_id)
            if each.key.receiver == self._own and call.issuer in ("", each.key.issuer)
        ]
        if not lives:
            raise Absent(f"There is no alert {call.alert_id!r} to answer here.")
        if len(lives) > 1:
            raise Malformed("Several administrations have used this name: say whose alert it is (issuer).")
        return lives[0]

    async def _own_lives(self, alert_id: str) -> Sequence[AlertLife]:
        return [each for each in await self._desk.lives(alert_id) if each.key.issuer == self._own]

    async def _submit(
        self, caller: Caller, call_id: str, record: Record, recipients: Sequence[str], said: bytes
    ) -> None:
        submission = national.Submission(request_id=call_id, record=record, recipients=recipients)
        await self._submissions.submit_call(caller.name, submission, said)


def _subject(alert: alerts.Alert) -> Subject:
    """Say what an alert is about; a large one is named by its first containers, and its body has all."""
    subject = Subject()
    if alert.tin:
        subject.operator.tin = alert.tin
    elif alert.programme:
        subject.programme = alert.programme
    elif alert.record_ids:
        subject.record_id = alert.record_ids[0]
    else:
        subject.consignment.container_numbers.extend(alert.container_numbers[:500])
        subject.consignment.transport_documents.extend(alert.house_documents[:500])
    return subject
