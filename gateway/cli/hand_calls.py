"""Calls about what is in hand: requests, alerts and recalls at a node, and everything on their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.cli.client import CALL_SECONDS, national_channel
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub


class Hand(NamedTuple):
    """The services of one node."""

    requests: RequestsServiceStub
    alerts: AlertsServiceStub
    recalls: RecallsServiceStub

    @classmethod
    def on(cls, channel: grpc.Channel) -> Hand:
        """Give them on an open channel."""
        return cls(RequestsServiceStub(channel), AlertsServiceStub(channel), RecallsServiceStub(channel))


class Stretch(NamedTuple):
    """From when to when something is to fall due, POSIX seconds."""

    first: int
    last: int


@contextmanager
def in_hand(home: Path) -> Iterator[Hand]:
    """Open the services at the national port of the node at ``home``."""
    with national_channel(home) as channel:
        yield Hand.on(channel)


def all_requests(hand: Hand, chosen: requests.RequestFilter, due: Stretch | None = None) -> Iterator[requests.Request]:
    """Give the requests on every page."""
    return _all(hand.requests.ListRequests, requests.ListRequestsRequest(filter=chosen), "requests", due)


def all_alerts(hand: Hand, chosen: alerts.AlertFilter, due: Stretch | None = None) -> Iterator[alerts.Alert]:
    """Give the alerts on every page."""
    return _all(hand.alerts.ListAlerts, alerts.ListAlertsRequest(filter=chosen), "alerts", due)


def all_recalls(hand: Hand, states: Iterable[recalls.RecallState.ValueType], due: Stretch) -> Iterator[recalls.Recall]:
    """Give the recalls on every page."""
    return _all(hand.recalls.ListRecalls, recalls.ListRecallsRequest(states=states), "recalls", due)


def new_call_id() -> str:
    """Name one call."""
    return str(uuid4())


def _all(call: Callable[..., Any], asked: Any, items: str, due: Stretch | None) -> Iterator[Any]:  # noqa: ANN401
    """Give what the answers to a call carry, page after page, of a stretch of time where there is one."""
    if due is not None:
        asked.due_from.CopyFrom(Timestamp(seconds=due.first))
        asked.due_until.CopyFrom(Timestamp(seconds=due.last))
    while True:
        page = call(asked, timeout=CALL_SECONDS)
        yield from getattr(page, items)
        if not page.next_page_token:
            return
        asked.page_token = page.next_page_token
