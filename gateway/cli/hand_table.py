"""What is in hand as rows: by when, what, with whom, where it stands, and what is to be done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from rich.table import Table
from rich.text import Text

from gateway.cli.describing import readable
from gateway.cli.enum_words import short
from gateway.cli.screen import printable
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.records.v1 import request_pb2 as states
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_UNANSWERED: Final = frozenset({states.REQUEST_STATE_SENT, states.REQUEST_STATE_RECEIVED})
UNSETTLED: Final = (
    recalls.RECALL_STATE_OPEN,
    recalls.RECALL_STATE_ACKNOWLEDGED,
    recalls.RECALL_STATE_ESCALATED,
)
"""States of recalls in which something is still to be said."""

_BOXES: Final = 3
"""Containers that a row names; of more it gives the number."""

_CONTAINER: Final = 11
"""Letters of a container's number, which no narrow screen may cut."""

_SOON: Final = _HOUR


class Row(NamedTuple):
    """One matter in hand. ``due`` is POSIX seconds, None when nothing is due; ``late`` that it is over."""

    due: int | None
    late: bool
    mine: bool
    what: str
    whom: str
    state: str
    goods: str
    to_do: str
    name: str


def row_of_request(request: requests.Request, own: str) -> Row:
    """Say what a request asks of whom."""
    mine = request.asked == own
    due = _due(request)
    return Row(
        due=due,
        late=request.overdue,
        mine=mine,
        what=short(request, "matter").lower(),
        whom=f"{'from' if mine else 'to'} {request.asker if mine else request.asked}",
        state=short(request, "state"),
        goods=goods_of(request),
        to_do=_step(request) if request.open and mine else _wait(request),
        name=request.request_id,
    )


def row_of_alert(alert: alerts.Alert, own: str) -> Row:
    """Say what an alert asks of whom."""
    mine = alert.receiver == own
    body = alert.record.record.alert
    held = [each.container_number or each.house_document for each in alert.held if not each.lifted_by]
    to_do = "" if not alert.open else ("acknowledge" if not alert.acknowledged else "act, or say why not")
    return Row(
        due=alert.ack_required_by.seconds if not alert.acknowledged and alert.open else None,
        late=alert.escalated and not alert.acknowledged,
        mine=mine,
        what=short(body, "type").replace("_", " "),
        whom=f"{'from' if mine else 'to'} {alert.issuer if mine else alert.receiver}",
        state=short(alert, "standing"),
        goods=_some(held) or printable(body.tin or body.programme),
        to_do=to_do if mine else (f"{alert.receiver} is to {to_do}" if to_do else ""),
        name=alert.alert_id,
    )


def rows_of_recall(recall: recalls.Recall) -> Iterator[Row]:
    """Say what a recall asks of whom: of this side, or of each partner that has still to answer ours."""
    mine = recall.origin == recalls.RECALL_ORIGIN_RECEIVED
    for party in recall.parties:
        if party.complete or party.unreachable:
            continue
        answered = party.HasField("answered_at")
        to_do = "tell the rest" if answered else "answer"
        yield Row(
            due=None if answered else recall.ack_required_by.seconds,
            late=recall.state == recalls.RECALL_STATE_ESCALATED and not answered,
            mine=mine,
            what="recall",
            whom=f"{'from' if mine else 'to'} {party.partner}",
            state=short(recall, "state"),
            goods=f"{recall.decisions:,} decisions" if mine else f"{recall.records:,} records",
            to_do=to_do if mine else f"{party.partner} is to {to_do}",
            name=recall.recall_id,
        )


def hand_table(rows: Iterable[Row], now: int) -> Table:
    """Make a table, what is due first on top; what is late is red, what is due within the hour yellow."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("due", "what", "with", "stands", "goods", "to do", "name"):
        least = _CONTAINER if name in ("goods", "to do") else None
        table.add_column(name, no_wrap=name in ("due", "with", "stands"), min_width=least, overflow="fold")
    for row in sorted(rows, key=lambda row: (row.due is None, row.due or 0, row.name)):
        style = "red" if row.late else "yellow" if row.due is not None and row.due - now <= _SOON else ""
        words = (due_in_words(row, now), row.what, row.whom, row.state, row.goods, row.to_do, row.name)
        table.add_row(*(Text(printable(word)) for word in words), style=style)
    return table


def row_json(row: Row) -> str:
    """Write a row for programs; times in POSIX seconds."""
    return json.dumps(row._asdict())


def due_in_words(row: Row, now: int) -> str:
    """Say how long there is, or how long it is over."""
    if row.due is None:
        return ""
    left = row.due - now
    return f"in {_span(left)}" if left >= 0 else f"! {_span(-left)} ago"


def message_json(message: Any, cursor: str = "") -> str:  # noqa: ANN401  a request or an alert
    """Write a request or an alert for programs, and the cursor after which a watch goes on."""
    return json.dumps({**readable(message), **({"cursor": cursor} if cursor else {})})


def _due(request: requests.Request) -> int | None:
    if not request.open:
        return None
    if request.state in _UNANSWERED:
        return request.respond_by.seconds
    if request.state == states.REQUEST_STATE_SCHEDULED:
        return request.scheduled_for.seconds
    return request.cutoff.seconds if request.HasField("cutoff") else request.respond_by.seconds


def _step(request: requests.Request) -> str:
    if request.state in _UNANSWERED:
        return "accept or decline"
    if request.state == states.REQUEST_STATE_COUNTER_PROPOSED:
        return "wait for the asker, or accept"
    return "do it, then complete" if not request.overdue else "complete or abort: the terminal has closed"


def _wait(request: requests.Request) -> str:
    if not request.open:
        return ""
    if request.state == states.REQUEST_STATE_COUNTER_PROPOSED:
        return "ask again under the same name, or call it off"
    return f"{request.asked} is to {'answer' if request.state in _UNANSWERED else 'complete it'}"


def goods_of(request: requests.Request) -> str:
    """Name what a request is about."""
    kind = request.record.record.WhichOneof("body") or "control_request"
    body = getattr(request.record.record, kind)
    reference: ConsignmentRef = body.consignment
    documents = [each.number for each in reference.transport_documents]
    return _some(list(reference.container_numbers)) or _some(documents) or getattr(body, "tin", "") or reference.ucr


def _some(numbers: list[str]) -> str:
    told = " ".join(numbers[:_BOXES])
    return told + (f" and {len(numbers) - _BOXES} more" if len(numbers) > _BOXES else "")


def _span(seconds: int) -> str:
    if seconds < _HOUR:
        return f"{seconds // 60} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // 60:02} min"
    return f"{seconds // _DAY} days"
