"""What a node has in hand, put together: the desks, clerks and services of requests and alerts, and the bell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.exchange.submission import Submissions
from gateway.ports.ledger import Ledger
from gateway.ports.records import Records
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.reliance.recall_desk import RecallDesk
from gateway.rpc.alert_clerk import AlertClerk
from gateway.rpc.alerts_service import AlertsService
from gateway.rpc.deadline_bell import DeadlineBell
from gateway.rpc.life_watch import LifeWatch
from gateway.rpc.request_clerk import Files, RequestClerk
from gateway.rpc.requests_service import RequestsService
from gateway.rpc.timekeeper import Timekeeper
from gateway.trust.book import TrustBook
from gateway.views.alert_desk import AlertDesk
from gateway.views.request_desk import RequestDesk
from gateway.views.tracing import ConsignmentTracer


@dataclass(frozen=True, slots=True)
class InHand:
    """Both services; and the desks and the watch, for those who look back on what was in hand."""

    requests: RequestsService
    alerts: AlertsService
    request_desk: RequestDesk
    recall_desk: RecallDesk
    watch: LifeWatch


def take_in_hand(
    *,
    administration: str,
    submissions: Submissions,
    records: Records,
    index: ViewIndex,
    ledger: Ledger,
    book: Callable[[], TrustBook],
    clock: Clock,
    timekeeper: Timekeeper,
) -> InHand:
    """Make the services of requests and alerts, and have their deadlines looked at."""
    tracer = ConsignmentTracer(index)
    requests = RequestDesk(administration=administration, index=index, records=records, tracer=tracer, clock=clock)
    alerts = AlertDesk(administration=administration, index=index, records=records, clock=clock)
    recalls = RecallDesk(index=index, records=records, ledger=ledger, book=book, clock=clock)
    bell = DeadlineBell(requests=requests, alerts=alerts, recalls=recalls)
    timekeeper.add("deadlines", bell.look)
    watch = LifeWatch(records=records, bell=bell, clock=clock)
    files = Files(desk=requests, index=index, records=records, book=book)
    return InHand(
        requests=RequestsService(
            administration=administration,
            desk=requests,
            clerk=RequestClerk(administration=administration, submissions=submissions, files=files, clock=clock),
            watch=watch,
        ),
        alerts=AlertsService(
            administration=administration,
            desk=alerts,
            clerk=AlertClerk(administration=administration, submissions=submissions, desk=alerts, clock=clock),
            watch=watch,
        ),
        request_desk=requests,
        recall_desk=recalls,
        watch=watch,
    )
