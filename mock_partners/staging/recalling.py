"""What an administration does when something was wrong: goods, recalls, what they reach, and the answers to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from google.protobuf.json_format import ParseDict, ParseError

from mock_partners.staging.nodes import CALL_SECONDS, NothingCame, until
from mock_partners.staging.report import Line
from mock_partners.staging.script import ScenarioInvalid
from mock_partners.staging.stage import Stage
from mock_partners.staging.steps import AnswerRecall, DeclareRecall, LookAtRecall, NoteGoods
from mock_partners.staging.wording import Wording
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import reliances_service_pb2 as reliances
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub
from mutualrecognition.records.v1.recall_answer_pb2 import GoodsState
from mutualrecognition.records.v1.recall_pb2 import RecallCause

if TYPE_CHECKING:  # the stubs' asynchronous halves exist for the type checker alone
    from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceAsyncStub
    from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceAsyncStub


class Recalling:
    """Carries out such steps of one play.

    ``decided`` knows the decisions by the names of their steps: who decided, and the decision's id.
    """

    def __init__(self, stage: Stage, wording: Wording, decided: dict[str, tuple[str, str]]) -> None:
        self._stage = stage
        self._decided = decided
        self._wording = wording

    @singledispatchmethod
    async def carry_out(self, step: object) -> Line:
        """Do one step.

        Raises:
            NothingCame: what it waits for does not come about.
            ScenarioInvalid: it names what there is not.
        """
        raise ScenarioInvalid(f"{type(step).__name__} is no step of a recall.")

    @carry_out.register
    async def _note_goods(self, step: NoteGoods) -> Line:
        at, decision_id = self._decision(step.decision)
        stub: ReliancesServiceAsyncStub = ReliancesServiceStub(self._stage.national(at))
        answer = await stub.NoteGoods(
            reliances.NoteGoodsRequest(decision_ids=[decision_id], state=GoodsState.Value(f"GOODS_STATE_{step.state}")),
            timeout=CALL_SECONDS,
        )
        faults = (f"{at} has no entry of {step.decision} in its ledger",) if answer.unknown else ()
        return Line(f"{at} notes the goods of {step.decision}", step.state, step.state, faults, step.why or "")

    @carry_out.register
    async def _declare(self, step: DeclareRecall) -> Line:
        request = recalls.DeclareRecallRequest(
            recall_id=step.name, cause=RecallCause.Value(f"RECALL_CAUSE_{step.cause}")
        )
        try:
            ParseDict(self._wording.filled(step.selection, self._stage.clock.now(), step.name), request.selection)
        except ParseError as error:
            raise ScenarioInvalid(f"The selection of {step.name!r} is none: {error}.") from None
        answer = await self._recalls(step.by).DeclareRecall(request, timeout=CALL_SECONDS)
        came = f"{len(answer.recall.record_ids)} records"
        wanted = f"{len(step.records)} records"
        named = {self._wording.record_ids[each] for each in step.records}
        faults = () if set(answer.recall.record_ids) == named else (f"expected {wanted}, came {came}",)
        return Line(f"{step.by} recalls {step.name}", wanted, came, faults, step.why or "")

    @carry_out.register
    async def _answer(self, step: AnswerRecall) -> Line:
        recall = await self._found(step.at, step.recall, step.record, lambda _: True)
        answer = await self._recalls(step.at).AnswerRecall(
            recalls.AnswerRecallRequest(recall_id=recall.recall.recall_id, complete=step.complete),
            timeout=CALL_SECONDS,
        )
        wanted, came = "SETTLED" if step.complete else "ACKNOWLEDGED", _state(answer.recall)
        faults = () if came == wanted else (f"expected {wanted}, came {came}",)
        return Line(f"{step.at} answers {recall.recall.recall_id}", wanted, came, faults, step.why or "")

    @carry_out.register
    async def _look(self, step: LookAtRecall) -> Line:
        """Wait until the recall stands where it should and reaches what it should."""
        names = {decision_id: name for name, (_, decision_id) in self._decided.items()}

        def told(found: recalls.GetRecallResponse) -> tuple[str, ...]:
            reached = [names.get(each.decision_id, each.decision_id) for each in found.decisions]
            return _told(step, _state(found.recall), reached, found.recall.not_released)

        wanted = _told(step, step.state or "", step.decisions or (), step.not_released or 0)
        what = f"{step.at} looks at the recall {step.recall or step.record}"
        try:
            found = await self._found(step.at, step.recall, step.record, lambda found: told(found) == wanted)
        except NothingCame:
            found = await self._found(step.at, step.recall, step.record, lambda _: True)
        came = told(found)
        faults = () if came == wanted else (f"expected {', '.join(wanted)}; came {', '.join(came)}",)
        return Line(what, ", ".join(wanted), ", ".join(came), faults, step.why or "")

    async def _found(
        self, at: str, name: str | None, record: str | None, holds: Callable[[recalls.GetRecallResponse], bool]
    ) -> recalls.GetRecallResponse:
        """Look for a recall, by its name or by the record that says it, until ``holds``."""
        stub = self._recalls(at)
        record_id = self._wording.record_ids.get(record or "", "")

        async def look() -> recalls.GetRecallResponse | None:
            listed = await stub.ListRecalls(recalls.ListRecallsRequest(), timeout=CALL_SECONDS)
            for each in listed.recalls:
                if each.recall_id == name or (record_id and each.record_id == record_id):
                    request = recalls.GetRecallRequest(recall_id=each.recall_id)
                    return await stub.GetRecall(request, timeout=CALL_SECONDS)
            return None

        seen = await until(
            look, lambda found: found is not None and holds(found), f"the recall {name or record} at {at}"
        )
        assert seen is not None  # until would have raised
        return seen

    def _decision(self, step: str) -> tuple[str, str]:
        if step not in self._decided:
            raise ScenarioInvalid(f"No step called {step!r} has decided anything yet.")
        return self._decided[step]

    def _recalls(self, administration: str) -> RecallsServiceAsyncStub:
        return RecallsServiceStub(self._stage.national(administration))


def _state(recall: recalls.Recall) -> str:
    return recalls.RecallState.Name(recall.state).removeprefix("RECALL_STATE_")


def _told(step: LookAtRecall, state: str, reached: Sequence[str], not_released: int) -> tuple[str, ...]:
    """Word what a step looks at, and no more."""
    parts = [state] if step.state else []
    if step.decisions is not None:
        parts.append(f"reaches {' '.join(reached) or 'nothing'}")
    if step.not_released is not None:
        parts.append(f"{not_released} not released")
    return tuple(parts)
