"""The timeline: carries out one step after the other, and says what came of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import singledispatchmethod
from itertools import count
from typing import TYPE_CHECKING

import grpc

from mock_partners.staging import deciding
from mock_partners.staging.looking import Looks, standing_of
from mock_partners.staging.nodes import CALL_SECONDS, NothingCame, until
from mock_partners.staging.recalling import Recalling
from mock_partners.staging.report import Line
from mock_partners.staging.script import Scenario, ScenarioInvalid
from mock_partners.staging.stage import Stage
from mock_partners.staging.steps import (
    Advance,
    Answer,
    Compromise,
    Conduct,
    Copy,
    Decide,
    LineStep,
    Looking,
    LookingBack,
    Override,
    Replay,
    Revisit,
    Step,
    Submit,
    Suspend,
    Switch,
)
from mock_partners.staging.wording import Wording
from mutualrecognition.national.v1 import decision_pb2 as decisions
from mutualrecognition.national.v1 import recognition_service_pb2 as recognition
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub

if TYPE_CHECKING:  # the stub's asynchronous half exists for the type checker alone
    from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceAsyncStub

Look = Callable[[], Awaitable[decisions.Decision]]


class Acts:
    """Carries out the steps of one play, in order, on an open stage."""

    def __init__(self, scenario: Scenario, stage: Stage) -> None:
        self._scenario = scenario
        self._stage = stage
        self._wording = Wording(scenario.facts)
        self._looks = Looks(stage, self._wording)
        self._decided: dict[str, tuple[str, str]] = {}
        self._recalling = Recalling(stage, self._wording, self._decided)

    async def carry_out(self, number: int, step: Step) -> Line:
        """Do one step; what goes wrong stands in the line.

        Raises:
            ScenarioInvalid: the step cannot be carried out as it is written.
        """
        name = step.name or f"step-{number}"
        try:
            return await self._do(step, name)
        except NothingCame as error:
            return Line(f"{step.do} {name}", "it comes about", "it does not", (str(error),), step.why or "")
        except grpc.aio.AioRpcError as error:
            fault = f"the node refused the call: {error.code().name} {error.details()}"
            return Line(f"{step.do} {name}", "an answer", error.code().name, (fault,), step.why or "")

    @singledispatchmethod
    async def _do(self, step: object, name: str) -> Line:
        raise ScenarioInvalid(f"The step {name!r} is of no kind that can be carried out: {type(step).__name__}.")

    @_do.register
    async def _submit(self, step: Submit, name: str) -> Line:
        record = self._wording.record(step, name, self._stage.clock.now())
        submissions = [
            national.Submission(request_id=f"scenario-{name}-{number}", record=record, recipients=step.to)
            for number in range(step.count)
        ]
        answer = await self._stage.records(step.by).SubmitRecords(
            national.SubmitRecordsRequest(submissions=submissions), timeout=CALL_SECONDS
        )
        result = next((each for each in answer.results if each.HasField("refusal")), answer.results[-1])
        what = f"{step.by} {step.kind} {name}" + (f" ({step.count})" if step.count > 1 else "")
        if step.refused is not None or result.HasField("refusal"):
            wanted, came = step.refused or "accepted", result.refusal.reason or "accepted"
            violations = (f"{each.path} {each.rule}: {each.message}" for each in result.refusal.violations)
            said = " ".join((result.refusal.message, *violations))
            faults = () if wanted == came else (f"expected {wanted}, came {came}: {said}",)
            return Line(what, wanted, came, faults, step.why or "")
        self._wording.record_ids[name] = result.record_id
        return await self._arrival(step, what, result)

    async def _arrival(self, step: Submit, what: str, result: national.SubmissionResult) -> Line:
        partners = {release.partner for release in result.releases} & self._stage.running
        if not (step.arrives and partners):
            return Line(what, "waits", "waits")

        async def without_receipt() -> set[str]:
            stored = await self._looks.record(step.by, result.record_id)
            return partners - {each.partner for each in stored.deliveries if each.HasField("receipted_at")}

        await until(without_receipt, lambda found: not found, f"the receipt for {what}")
        wanted = "QUARANTINED" if step.quarantined else "ACCEPTED"
        faults, came = [], set[str]()
        for partner in sorted(partners):
            stored = await self._looks.record(partner, result.record_id)
            came.add(standing := standing_of(stored))
            if standing != wanted:
                rules = "; ".join(f"{each.path} {each.rule}: {each.message}" for each in stored.violations)
                faults.append(f"{partner}: expected {wanted}, came {standing} {rules}".strip())
        where = f"at {', '.join(sorted(partners))}"
        return Line(what, f"{where} {wanted}", f"{where} {' '.join(came)}", tuple(faults), step.why or "")

    @_do.register
    async def _advance(self, step: Advance, name: str) -> Line:  # noqa: ARG002  as all steps
        self._stage.clock.advance(step.time)
        return Line(f"{_span(step.time)} pass", "", "")

    @_do.register
    async def _switch(self, step: Switch, name: str) -> Line:  # noqa: ARG002  as all steps
        if step.do == "stop":
            await self._stage.stop(step.node)
            return Line(f"the node of {step.node} goes off", "", "")
        await self._stage.start(step.node)
        if step.links:
            await self._stage.wait_for_links(step.node)
        return Line(f"the node of {step.node} is on again", "", "")

    @_do.register
    async def _conduct(self, step: Conduct, name: str) -> Line:  # noqa: ARG002  as all steps
        if step.do == "misbehave":
            await self._stage.misbehave(step.node)
            return Line(f"{step.node} misbehaves", "", "")
        self._stage.behave(step.node)
        return Line(f"{step.node} behaves again", "", "")

    @_do.register
    async def _line(self, step: LineStep, name: str) -> Line:  # noqa: ARG002  as all steps
        if step.do == "cut":
            await self._stage.cut()
            return Line("every line is cut", "", "")
        await self._stage.mend()
        return Line("every line is mended", "", "")

    @_do.register
    async def _copy(self, step: Copy, name: str) -> Line:  # noqa: ARG002  as all steps
        if step.do == "copy":
            self._stage.copy(step.node)
            return Line(f"the store of {step.node} is copied", "", "")
        self._stage.put_back(step.node)
        return Line(f"the store of {step.node} is put back", "", "")

    @_do.register
    async def _suspend(self, step: Suspend, name: str) -> Line:  # noqa: ARG002  as all steps
        if step.agreement is not None:
            await self._stage.suspend_agreement(step.at, step.agreement, step.reason)
            return Line(f"{step.at} suspends {step.agreement}", "", "")
        if step.do == "suspend":
            await self._stage.suspend(step.at, step.partner, step.reason)
            return Line(f"{step.at} suspends {step.partner}", "", "")
        await self._stage.resume(step.at, step.partner, step.reason)
        return Line(f"{step.at} resumes {step.partner}", "", "")

    @_do.register
    async def _compromise(self, step: Compromise, name: str) -> Line:  # noqa: ARG002  as all steps
        await self._stage.end_log_keys(step.node, self._stage.clock.now() - step.since)
        return Line(f"{step.node} ends its log key, {_span(step.since)} ago", "partners know", "partners know")

    @_do.register
    async def _decide(self, step: Decide, name: str) -> Line:
        parts = (self._scenario.question, step.question)
        filled = self._wording.question(parts, self._stage.clock.now(), name)
        question = deciding.question_of(filled, step.require, name)
        tries = count(1)

        async def ask() -> decisions.Decision:
            request = recognition.DecideRequest(request_id=f"scenario-{name}-{next(tries)}", question=question)
            answer = await self._recognition(step.at).Decide(request, timeout=CALL_SECONDS)
            return answer.decision

        decision = await (self._until_outcome(ask, step.expect) if step.soon else ask())
        self._decided[name] = (step.at, decision.decision_id)
        return self._compared(f"{step.at} decides {name}", step.expect, decision)

    async def _until_outcome(self, look: Look, expected: Answer) -> decisions.Decision:
        """Look again until the outcome is the expected one; gives what is seen last."""
        wanted = decisions.Outcome.Value(f"OUTCOME_{expected.outcome}")
        try:
            return await until(look, lambda found: found.outcome == wanted, "the outcome")
        except NothingCame:
            return await look()

    @_do.register
    async def _revisit(self, step: Revisit, name: str) -> Line:  # noqa: ARG002  as all steps
        at, decision_id = self._decision(step.decision)

        async def look() -> decisions.Decision:
            answer = await self._recognition(at).GetDecision(
                recognition.GetDecisionRequest(decision_id=decision_id), timeout=CALL_SECONDS
            )
            return answer.decision

        seen = await self._until_outcome(look, step.expect)
        return self._compared(f"{at} sees {step.decision} again", step.expect, seen)

    @_do.register
    async def _replay(self, step: Replay, name: str) -> Line:  # noqa: ARG002  as all steps
        at, decision_id = self._decision(step.decision)
        answer = await self._recognition(at).ReplayDecision(
            recognition.ReplayDecisionRequest(decision_id=decision_id), timeout=CALL_SECONDS
        )
        came = recognition.ReplayVerdict.Name(answer.verdict).removeprefix("REPLAY_VERDICT_")
        faults = () if came == step.verdict else (f"expected {step.verdict}, came {came}",)
        return Line(f"{at} replays {step.decision}", step.verdict, came, faults, step.why or "")

    @_do.register
    async def _override(self, step: Override, name: str) -> Line:  # noqa: ARG002  as all steps
        at, decision_id = self._decision(step.decision)
        answer = await self._recognition(at).OverrideDecision(
            recognition.OverrideDecisionRequest(
                decision_id=decision_id,
                outcome=decisions.Outcome.Value(f"OUTCOME_{step.outcome}"),
                reason=step.reason,
                officer_ref="officer-1",
            ),
            timeout=CALL_SECONDS,
        )
        came = decisions.Outcome.Name(answer.decision.override.outcome).removeprefix("OUTCOME_")
        faults = () if came == step.outcome else (f"expected {step.outcome}, came {came}",)
        return Line(f"{at} overrides {step.decision}", step.outcome, came, faults, step.why or "")

    @_do.register
    async def _look(self, step: Looking, name: str) -> Line:  # noqa: ARG002  as all steps
        return await self._looks.at(step)

    @_do.register
    async def _look_back(self, step: LookingBack, name: str) -> Line:  # noqa: ARG002  as all steps
        return await self._recalling.carry_out(step)

    def _compared(self, what: str, answer: Answer, decision: decisions.Decision) -> Line:
        faults = deciding.faults(answer, decision, self._wording.record_ids)
        return Line(what, deciding.expected(answer), deciding.told(decision, answer), faults, answer.why)

    def _decision(self, step: str) -> tuple[str, str]:
        if step not in self._decided:
            raise ScenarioInvalid(f"No step called {step!r} has decided anything yet.")
        return self._decided[step]

    def _recognition(self, administration: str) -> RecognitionServiceAsyncStub:
        return RecognitionServiceStub(self._stage.national(administration))


def _span(seconds: int) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
