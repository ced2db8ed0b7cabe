"""What a member's officers answer: requests, alerts and recalls of partners, as soon as each arrives."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Coroutine
from typing import Final
from uuid import uuid4

import grpc

from mock_partners.network.tally import Tally
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.records.v1 import alert_answer_pb2 as alert_answers
from mutualrecognition.records.v1 import request_pb2 as states
from mutualrecognition.records.v1.control_answer_pb2 import ControlAnswer

_CALL_SECONDS: Final = 60


class Answers:
    """Watches what comes in at one member, and answers it; ``run`` goes on until it is cancelled."""

    def __init__(self, administration: str, channel: grpc.aio.Channel, tally: Tally) -> None:
        self._own = administration
        self._tally = tally
        self._requests = RequestsServiceStub(channel)
        self._alerts = AlertsServiceStub(channel)
        self._recalls = RecallsServiceStub(channel)

    async def run(self) -> None:
        """Answer everything until cancelled; a watch that breaks is an incident, and the others go on."""
        await asyncio.gather(
            *(
                self._told(name, each)
                for name, each in (
                    ("requests", self._answer_requests()),
                    ("alerts", self._answer_alerts()),
                    ("recalls", self._answer_recalls()),
                )
            )
        )

    async def _told(self, name: str, watching: Coroutine[None, None, None]) -> None:
        try:
            await watching
        except grpc.aio.AioRpcError as error:
            self._tally.incident(f"{self._own} watches {name} no more: {error.code().name} {error.details()}")

    async def _answer_requests(self) -> None:
        mine = requests.RequestFilter(open_only=True, side=requests.REQUEST_SIDE_TO_ANSWER)
        async for news in self._requests.WatchRequests(requests.WatchRequestsRequest(filter=mine)):
            for each in news.requests:
                if each.state == states.REQUEST_STATE_RECEIVED:
                    await self._answer_request(each)

    async def _answer_request(self, asked: requests.Request) -> None:
        """Accept one half of what is asked, decline the other for want of capacity: which, its id decides."""
        answer = ControlAnswer(request_id=asked.request_id, state=states.REQUEST_STATE_ACCEPTED)
        if zlib.crc32(asked.request_id.encode()) % 2:
            answer.state = states.REQUEST_STATE_DECLINED
            answer.decline_reason = states.DECLINE_REASON_NO_CAPACITY
        call = requests.AnswerRequestRequest(call_id=str(uuid4()), asker=asked.asker, control=answer)
        await self._requests.AnswerRequest(call, timeout=_CALL_SECONDS)
        self._tally.due[f"{self._own} {asked.asker}"] += 1
        self._tally.done["requests answered"] += 1

    async def _answer_alerts(self) -> None:
        mine = alerts.AlertFilter(open_only=True, side=alerts.ALERT_SIDE_TO_ANSWER)
        async for news in self._alerts.WatchAlerts(alerts.WatchAlertsRequest(filter=mine)):
            for each in news.alerts:
                if not each.acknowledged:
                    await self._answer_alert(each)

    async def _answer_alert(self, alert: alerts.Alert) -> None:
        call = alerts.AnswerAlertRequest(
            call_id=str(uuid4()),
            alert_id=alert.alert_id,
            issuer=alert.issuer,
            state=alert_answers.ALERT_STATE_ACKNOWLEDGED,
        )
        await self._alerts.AnswerAlert(call, timeout=_CALL_SECONDS)
        self._tally.due[f"{self._own} {alert.issuer}"] += 1
        self._tally.done["alerts acknowledged"] += 1

    async def _answer_recalls(self) -> None:
        async for news in self._recalls.WatchRecalls(recalls.WatchRecallsRequest()):
            for each in news.recalls:
                if (each.origin, each.state) == (recalls.RECALL_ORIGIN_RECEIVED, recalls.RECALL_STATE_OPEN):
                    call = recalls.AnswerRecallRequest(recall_id=each.recall_id, complete=True)
                    await self._recalls.AnswerRecall(call, timeout=_CALL_SECONDS)
                    self._tally.done["recalls answered"] += 1
