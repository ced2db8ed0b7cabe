"""The national system of one member: states what leaves, decides on what comes, answers what it is asked.

It calls its own gateway at the national door and nothing else. What leaves and what comes follows from the seed
(``traffic.voyages``); when, from the rate.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final
from uuid import uuid4

import grpc

from mock_partners.network.answers import Answers
from mock_partners.network.profiles import Profile
from mock_partners.network.tally import Tally
from mock_partners.traffic.voyages import Voyage, voyage
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import decision_pb2 as decisions
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import recognition_service_pb2 as recognition
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.records.v1 import alert_pb2, method_pb2, threat_pb2
from mutualrecognition.records.v1.recall_pb2 import RECALL_CAUSE_EQUIPMENT_FAULT
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK

CALL_SECONDS: Final = 60
TRANSIT_SECONDS: Final = 20
"""From a vessel's departure to its arrival; every box is decided on halfway."""

_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Trade:
    """What one member's trade with one partner is like: records a second, and how many boxes a vessel has.

    ``vessels`` 0: there is no last one.
    """

    partner: str
    rate: float
    profile: Profile
    vessels: int

    @property
    def interval(self) -> float:
        """Seconds between two vessels."""
        return self.profile.records_a_voyage / self.rate


class NationalSystem:
    """Trades as ``exports`` and ``imports`` say, from the moment ``begins`` on (POSIX seconds)."""

    def __init__(
        self,
        administration: str,
        channel: grpc.aio.Channel,
        *,
        exports: Sequence[Trade],
        imports: Sequence[Trade],
        seed: int,
        tally: Tally,
    ) -> None:
        self._own = administration
        self._exports = exports
        self._imports = imports
        self._seed = seed
        self._tally = tally
        self._records = RecordsServiceStub(channel)
        self._recognition = RecognitionServiceStub(channel)
        self._requests = RequestsServiceStub(channel)
        self._alerts = AlertsServiceStub(channel)
        self._recalls = RecallsServiceStub(channel)
        self._answers = Answers(administration, channel, tally)
        self._ended = asyncio.Event()

    async def trade(self, begins: float) -> None:
        """Trade until ``end``; what has sailed by then is still decided on."""
        async with asyncio.TaskGroup() as group:
            for trade in self._exports:
                group.create_task(self._export(trade, begins))
            for trade in self._imports:
                group.create_task(self._import(trade, begins))

    async def answer(self) -> None:
        """Answer what comes in; for ever."""
        await self._answers.run()

    def end(self) -> None:
        """Let no further vessel depart."""
        self._ended.set()

    async def _export(self, trade: Trade, begins: float) -> None:
        for departs, aboard in self._schedule(self._own, trade.partner, trade, begins):
            if not await self._wait_until(departs):
                return
            try:
                await self._state(aboard)
            except grpc.aio.AioRpcError as error:
                self._fault(f"vessel {aboard.name}", error)

    async def _import(self, trade: Trade, begins: float) -> None:
        for departs, aboard in self._schedule(trade.partner, self._own, trade, begins):
            if not await self._wait_until(departs):
                return
            await self._wait_until(departs + TRANSIT_SECONDS / 2)
            try:
                if aboard.request:
                    await self._ask(aboard)
                await self._decide(aboard)
            except grpc.aio.AioRpcError as error:
                self._fault(f"vessel {aboard.name}", error)
            if time.time() > departs + TRANSIT_SECONDS:
                self._tally.done["vessels decided late"] += 1

    def _schedule(self, exporter: str, importer: str, trade: Trade, begins: float) -> Iterator[tuple[float, Voyage]]:
        phase = Random(f"{self._seed}/{exporter}/{importer}").random()  # noqa: S311  it must repeat
        for number in range(trade.vessels) if trade.vessels else count():
            departs = begins + (phase + number) * trade.interval
            yield departs, voyage(self._seed, exporter, importer, number, trade.profile.boxes)

    async def _wait_until(self, moment: float) -> bool:
        """Wait; False when trade has ended before."""
        try:
            await asyncio.wait_for(self._ended.wait(), max(0.0, moment - time.time()))
        except TimeoutError:
            return True
        return False

    async def _state(self, aboard: Voyage) -> None:
        request = national.SubmitRecordsRequest(submissions=aboard.submissions(int(time.time())))
        answer = await self._records.SubmitRecords(request, timeout=CALL_SECONDS)
        for result in answer.results:
            if result.HasField("refusal"):
                self._tally.incident(f"{self._own} refuses its own record: {result.refusal.message}")
            for release in result.releases:
                self._tally.due[f"{self._own} {release.partner}"] += 1
        self._tally.done["vessels"] += 1
        self._tally.done["records"] += len(answer.results)
        if aboard.alert:
            await self._alert(aboard)
        if aboard.recall:
            await self._recall(aboard.name, answer.results[1].record_id)

    async def _decide(self, aboard: Voyage) -> None:
        asked = [
            recognition.DecideRequest(request_id=f"{aboard.name}-{number}", question=question)
            for number, question in enumerate(aboard.questions())
        ]
        call = self._recognition.DecideMany(iter([recognition.DecideManyRequest(requests=asked)]), timeout=CALL_SECONDS)
        async for answer in call:
            for result in answer.results:
                if result.HasField("refusal"):
                    self._tally.incident(f"{self._own} does not decide: {result.refusal.message}")
                else:
                    name = decisions.Outcome.Name(result.decision.outcome).removeprefix("OUTCOME_")
                    self._tally.outcomes[name] += 1

    async def _ask(self, aboard: Voyage) -> None:
        call = requests.CreateRequestRequest(
            call_id=str(uuid4()), partner=aboard.exporter, purpose=PURPOSE_SECURITY_RISK
        )
        call.control.consignment.CopyFrom(aboard.questions()[0].consignment)
        call.control.methods_wanted.append(method_pb2.METHOD_KIND_NII_XRAY)
        call.control.threat_category = threat_pb2.THREAT_RADIOLOGICAL_NUCLEAR
        call.control.respond_by.seconds = int(time.time()) + 12 * _HOUR
        call.control.vessel_cutoff.seconds = int(time.time()) + 24 * _HOUR
        await self._requests.CreateRequest(call, timeout=CALL_SECONDS)
        self._tally.due[f"{self._own} {aboard.exporter}"] += 1
        self._tally.done["requests"] += 1

    async def _alert(self, aboard: Voyage) -> None:
        call = alerts.IssueAlertRequest(call_id=str(uuid4()), partners=[aboard.importer], purpose=PURPOSE_SECURITY_RISK)
        call.alert.type = alert_pb2.ALERT_TYPE_NO_LOAD
        call.alert.urgency = alert_pb2.URGENCY_IMMEDIATE
        call.alert.container_numbers.extend(aboard.cargo[0].containers)
        call.alert.ack_required_by.seconds = int(time.time()) + _HOUR
        await self._alerts.IssueAlert(call, timeout=CALL_SECONDS)
        self._tally.due[f"{self._own} {aboard.importer}"] += 1
        self._tally.done["alerts"] += 1

    async def _recall(self, recall_id: str, record_id: str) -> None:
        call = recalls.DeclareRecallRequest(
            recall_id=recall_id,
            selection=recalls.RecallSelection(record_ids=[record_id]),
            cause=RECALL_CAUSE_EQUIPMENT_FAULT,
            text="The unit was out of calibration (made up).",
        )
        call.ack_required_by.seconds = int(time.time()) + _HOUR
        await self._recalls.DeclareRecall(call, timeout=CALL_SECONDS)
        self._tally.done["recalls"] += 1

    def _fault(self, what: str, error: grpc.aio.AioRpcError) -> None:
        self._tally.incident(f"{self._own}, {what}: {error.code().name} {error.details()}")
