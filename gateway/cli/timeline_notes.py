"""What a timeline's records do not say: where its requests and alerts stand, and why one was taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import grpc

from gateway.cli.client import CALL_SECONDS
from gateway.cli.describing import summary, when
from gateway.cli.enum_words import short
from gateway.cli.hand_calls import Hand
from gateway.cli.timeline import name_of
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import consignments_service_pb2 as pb
from mutualrecognition.national.v1 import records_service_pb2 as records
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

_REQUESTS: Final = frozenset({"control_request", "screening_request", "information_request"})


def timeline_notes(found: Iterable[pb.Consignment], channel: grpc.Channel) -> Mapping[tuple[str, str], str]:
    """Give a note for each record that needs one, by its issuer and its record_id."""
    told = _Notes(channel)
    return {name_of(entry): note for consignment in found for entry in consignment.timeline if (note := told.on(entry))}


class _Notes:
    def __init__(self, channel: grpc.Channel) -> None:
        self._hand = Hand.on(channel)
        self._records = RecordsServiceStub(channel)

    def on(self, entry: pb.TimelineEntry) -> str:
        if entry.fate == pb.RECORD_FATE_WITHDRAWN:
            return self._taken_back(entry.record.record.header.issuer, entry.by)
        if entry.fate == pb.RECORD_FATE_CORRECTED:
            return ""
        record = entry.record.record
        match record.WhichOneof("body"):
            case kind if kind in _REQUESTS:
                return self._request(getattr(record, kind or "").request_id, *name_of(entry))
            case "alert" if not record.alert.lifts:
                return self._alert(record.alert.alert_id, record.header.issuer)
        return ""

    def _request(self, name: str, issuer: str, record_id: str) -> str:
        call = requests.GetRequestRequest(request_id=name)
        lives = self._hand.requests.GetRequest(call, timeout=CALL_SECONDS).requests
        return "; ".join(
            f"{each.asked}: {short(each, 'state')}"
            for each in lives
            if any((step.step.by, step.step.record_id) == (issuer, record_id) for step in each.steps)
        )

    def _alert(self, name: str, issuer: str) -> str:
        lives = self._hand.alerts.GetAlert(alerts.GetAlertRequest(alert_id=name), timeout=CALL_SECONDS).alerts
        return "; ".join(f"{each.receiver}: {_standing(each)}" for each in lives if each.issuer == issuer)

    def _taken_back(self, issuer: str, record_id: str) -> str:
        call = records.GetRecordRequest(issuer=issuer, record_id=record_id)
        stored = self._records.GetRecord(call, timeout=CALL_SECONDS).record
        header = stored.record.header
        return f"taken back by {header.issuer} on {when(header.issued_at.seconds)}: {summary(stored.record)}"


def _standing(alert: alerts.Alert) -> str:
    let_go = [each.container_number or each.house_document for each in alert.held if each.lifted_by]
    lifted = f", lifted for {' '.join(let_go)}" if let_go else ""
    return f"{short(alert, 'standing')}{lifted}"
