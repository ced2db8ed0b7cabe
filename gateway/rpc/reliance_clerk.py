"""The clerk for the ledger: keeps what arrival showed, tells the partners, and suspends reliance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gateway.errors import Absent, Malformed
from gateway.exchange.purposes import purpose_towards
from gateway.exchange.submission import Submissions
from gateway.ports.decisions import Decisions
from gateway.ports.ledger import Closing, Goods, Ledger, LedgerLine
from gateway.ports.suspensions import Suspension, Suspensions
from gateway.ports.world import Clock, Randomness
from gateway.recognition.scopes import scope_of
from gateway.reliance.feedback import feedback_record, finding_of, require_sound
from gateway.reliance.figures import SAMPLED
from gateway.reliance.notices import bases_of
from gateway.rpc.clients import Caller
from gateway.rpc.reliance_messages import GOODS
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import reliances_service_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts
from mutualrecognition.national.v1.decision_pb2 import Decision
from mutualrecognition.records.v1.recall_answer_pb2 import GoodsState

NOTED_AT_MOST: Final = 1000
REASON_AT_MOST: Final = 512


class RelianceClerk:
    """Gives feedback, notes goods, suspends."""

    def __init__(
        self,
        *,
        submissions: Submissions,
        ledger: Ledger,
        decisions: Decisions,
        suspensions: Suspensions,
        book: Callable[[], TrustBook],
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._submissions = submissions
        self._ledger = ledger
        self._decisions = decisions
        self._suspensions = suspensions
        self._book = book
        self._clock = clock
        self._randomness = randomness

    async def give_feedback(self, caller: Caller, call: pb.GiveFeedbackRequest) -> LedgerLine:
        """Close an entry, and tell the partners for whom an agreement says so; a repeat changes nothing.

        Raises:
            Absent: no such decision relied.
            RecordInvalid: the report contradicts itself.
        """
        line = await self.line(call.decision_id)
        require_sound(feedback_record(line, call.report, line.records))
        if line.report != call.report.SerializeToString() or line.finding is not finding_of(call.report):
            await self._tell_partners(caller, line, call)
        return await self._ledger.close(
            Closing(
                decision_id=line.decision_id,
                report=call.report.SerializeToString(),
                finding=finding_of(call.report),
                goods=_goods(call.goods_state) if call.goods_state else None,
                at=self._clock.now(),
                by=caller.name,
            )
        )

    async def note_goods(self, caller: Caller, call: pb.NoteGoodsRequest) -> Sequence[str]:
        """Note where goods are; gives the decisions that have no entry.

        Raises:
            Malformed: no state, no decision, or too many.
        """
        if not 1 <= len(call.decision_ids) <= NOTED_AT_MOST:
            raise Malformed(f"A call names 1 to {NOTED_AT_MOST} decisions (decision_ids).")
        if not call.state:
            raise Malformed("Say where the goods are (state).")
        at = call.at.seconds if call.HasField("at") else self._clock.now()
        return await self._ledger.note_goods(call.decision_ids, _goods(call.state), at=at, by=caller.name)

    async def suspend(self, caller: Caller, call: pb.SuspendRelianceRequest) -> Suspension:
        """Suspend reliance from the next decision on.

        Raises:
            Malformed: no partner, no reason, or an end that is over.
            RequestReused: the request id was used for another one.
        """
        now = self._clock.now()
        if not call.scope.partner or call.scope.partner not in self._book().partners:
            raise Malformed("Say whose statements are not relied on: scope.partner, a partner of this node.")
        if call.HasField("until") and call.until.seconds <= now:
            raise Malformed("The end of the suspension (until) is over already.")
        suspension = Suspension(
            suspension_id=self._randomness.record_id(),
            scope=scope_of(call.scope),
            reason=_reason(call.reason),
            since=now,
            until=call.until.seconds if call.HasField("until") else None,
            by=caller.name,
        )
        return await self._suspensions.suspend(suspension, request_id=_request_id(call.request_id))

    async def lift(self, caller: Caller, call: pb.LiftSuspensionRequest) -> Suspension:
        """End a suspension.

        Raises:
            Absent: there is none.
        """
        reason = _reason(call.reason)
        return await self._suspensions.lift(call.suspension_id, at=self._clock.now(), by=caller.name, reason=reason)

    async def line(self, decision_id: str) -> LedgerLine:
        """Give an entry.

        Raises:
            Absent: there is none.
        """
        for line in await self._ledger.lines([decision_id]):
            return line
        raise Absent(f"There is no decision {decision_id!r} in the ledger.")

    async def _tell_partners(self, caller: Caller, line: LedgerLine, call: pb.GiveFeedbackRequest) -> None:
        """Tell those for whom an agreement says so.

        Each time under another id: a report may say again what one before the last said. Told twice, after a crash, it
        counts once.
        """
        said = call.SerializeToString(deterministic=True)
        stored = await self._decisions.get(line.decision_id)
        if stored is None:
            return
        decision = Decision.FromString(stored.answer)
        facts = DecisionFacts.FromString(stored.facts) if line.outcome == SAMPLED else None
        for partner, record_ids in _relied_on(decision, line).items():
            purpose = purpose_towards(self._book(), partner, "arrival_feedback", self._clock.now())
            if purpose is not None:
                # on what of a partner's a decision that drew the goods could have relied; of others a notice tells
                drawn_on = bases_of(decision, facts, partner) if facts is not None else ()
                record = feedback_record(line, call.report, record_ids, drawn_on)
                record.header.purpose = purpose
                call_id = self._randomness.record_id()
                submission = national.Submission(request_id=call_id, record=record, recipients=[partner])
                await self._submissions.submit_call(caller.name, submission, said)


def _relied_on(decision: Decision, line: LedgerLine) -> Mapping[str, Sequence[str]]:
    """Give for each partner those of its records that a decision relied on, as far as they stand in the ledger."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in decision.records:
        if each.relied_on and each.partner and each.record_id in line.records:
            found[each.partner].append(each.record_id)
    return found


def _goods(state: GoodsState.ValueType) -> Goods:
    if state not in GOODS:
        raise Malformed(f"There is no state {state} of goods.")
    return GOODS[state]


def _reason(given: str) -> str:
    if not 1 <= len(given) <= REASON_AT_MOST:
        raise Malformed(f"Say why in 1 to {REASON_AT_MOST} characters (reason).")
    return given


def _request_id(given: str) -> str:
    if not (1 <= len(given) <= 64 and given.isascii() and given.isprintable() and " " not in given):
        raise Malformed("A request id has 1 to 64 printable ASCII characters without spaces.")
    return given
