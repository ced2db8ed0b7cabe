"""A partner whose word changes: it contradicts what it was told, or takes back what it said, through its own door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from mock_partners.behaviours.behaviour import Behaviour, Member, Own
from mock_partners.behaviours.spec import Value, span
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.records.v1 import arrival_feedback_pb2 as feedbacks
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1 import method_pb2 as methods
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK, Record
from mutualrecognition.records.v1.withdrawal_pb2 import WITHDRAWAL_REASON_FACTS_WRONG

if TYPE_CHECKING:  # the stub's asynchronous half exists for the type checker alone
    from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceAsyncStub

_SECONDS: Final = 30
_PAGE: Final = 1000
_CONTROL: Final = "inspection_outcome"
_CLEAR: Final = outcomes.CONCLUSION_NO_DISCREPANCY


class Contradicts(Behaviour):
    """Finds on arrival what its partner has not found."""

    name = "contradicts"
    does = "Whatever its partners found clear, it says on arrival that it was not: by feedback for each control, once."
    honest = (
        "They keep their own word and its proof, take the feedback for what it is, its sender's word, and count "
        "it by partner, office and equipment."
    )
    again_after = 1.0

    def take_part(self, own: Own) -> None:
        """Become part of a node that has contradicted nobody yet."""
        super().take_part(own)
        self._told: set[str] = set()

    async def act(self, member: Member) -> None:
        """Contradict what has come so far."""
        stub = RecordsServiceStub(member.channel())
        found = [
            each
            for each in await _stored(stub, national.DIRECTION_RECEIVED, _CONTROL)
            if each.inspection_outcome.conclusion == _CLEAR and each.header.record_id not in self._told
        ]
        self._told.update(each.header.record_id for each in found)
        decided = {
            record_id: notice.reliance_notice.decision_id
            for notice in await _stored(stub, national.DIRECTION_ISSUED, "reliance_notice")
            for record_id in notice.reliance_notice.record_ids
        }
        now = self.own.clock.now()
        await _submit(stub, ((_feedback(each, now, decided), [each.header.issuer]) for each in found))
        if found:
            self.own.trace.deed(self.own.administration, f"contradicts {len(found)}", behaviour=self.name)


class WithdrawsADay(Behaviour):
    """Takes a day's outcomes back."""

    name = "withdraws-a-day"
    does = "It withdraws every control of the last day that it has told its partners of, without a word about why."
    honest = (
        "They rely on none of them from then on and can name what they were relied on for; what was decided "
        "before stays as it was decided."
    )
    values: ClassVar = {"of": Value(span, "1d", "how far back it goes")}

    async def act(self, member: Member) -> None:
        """Withdraw them."""
        stub = RecordsServiceStub(member.channel())
        since = self.own.clock.now() - self.given["of"]
        taken_back = [
            each
            for each in await _stored(stub, national.DIRECTION_ISSUED, _CONTROL)
            if each.header.issued_at.seconds >= since
        ]
        await _submit(stub, ((_withdrawal(each), []) for each in taken_back))
        self.own.trace.deed(self.own.administration, f"withdraws {len(taken_back)}", behaviour=self.name)


async def _stored(stub: RecordsServiceAsyncStub, direction: national.Direction.ValueType, kind: str) -> list[Record]:
    request = national.ListRecordsRequest(
        page_size=_PAGE, filter=national.RecordFilter(direction=direction, kinds=[kind])
    )
    answer = await stub.ListRecords(request, timeout=_SECONDS)
    return [each.record for each in answer.records if not each.superseded_by]


async def _submit(stub: RecordsServiceAsyncStub, made: Iterable[tuple[Record, list[str]]]) -> None:
    submissions = [
        national.Submission(request_id=f"by-itself-{record.WhichOneof('body')}-{about}", record=record, recipients=to)
        for record, to in made
        for about in [record.header.supersedes or record.arrival_feedback.record_ids[0]]
    ]
    if submissions:
        await stub.SubmitRecords(national.SubmitRecordsRequest(submissions=submissions), timeout=_SECONDS)


def _feedback(control: Record, now: int, decided: Mapping[str, str]) -> Record:
    made = Record()
    made.header.purpose = PURPOSE_SECURITY_RISK
    made.header.subject.CopyFrom(control.header.subject)
    body = made.arrival_feedback
    body.consignment.CopyFrom(control.inspection_outcome.consignment)
    body.record_ids.append(control.header.record_id)
    body.decision_id = decided.get(control.header.record_id, "")
    body.arrived_at.seconds = now
    body.checks_done.add(kind=methods.METHOD_KIND_PHYS_FULL_DEVAN)
    body.conclusion = outcomes.CONCLUSION_DISCREPANCY
    body.seal_state = feedbacks.SEAL_STATE_NUMBER_MISMATCH
    body.contradiction = True
    return made


def _withdrawal(control: Record) -> Record:
    made = Record()
    made.header.purpose = control.header.purpose
    made.header.supersedes = control.header.record_id
    made.header.subject.record_id = control.header.record_id
    made.withdrawal.reason = WITHDRAWAL_REASON_FACTS_WRONG
    return made
