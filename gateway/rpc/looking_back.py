"""What a node looks back on, put together: the ledger, recalls, and the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.exchange.submission import Submissions
from gateway.ports.decisions import Decisions
from gateway.ports.duties import Duties
from gateway.ports.ledger import Ledger
from gateway.ports.records import Records
from gateway.ports.suspensions import Suspensions
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock, Randomness
from gateway.reliance.counting import Counter
from gateway.rpc.hand import InHand
from gateway.rpc.herald import Herald
from gateway.rpc.recall_clerk import RecallClerk
from gateway.rpc.recalls_service import RecallsService
from gateway.rpc.reliance_clerk import RelianceClerk
from gateway.rpc.reliances_service import ReliancesService
from gateway.rpc.statistics_service import StatisticsService
from gateway.rpc.timekeeper import Timekeeper
from gateway.rpc.turns import Turns
from gateway.trust.book import TrustBook
from gateway.views.register import OperatorRegister


@dataclass(frozen=True, slots=True)
class LookingBack:
    """The three services."""

    reliances: ReliancesService
    recalls: RecallsService
    statistics: StatisticsService


class Books(Protocol):
    """What of a store is looked back on."""

    @property
    def ledger(self) -> Ledger:
        """What was relied on."""
        ...

    @property
    def suspensions(self) -> Suspensions:
        """On what reliance is suspended."""
        ...

    @property
    def decisions(self) -> Decisions:
        """Decisions, in the order of their changes."""
        ...

    @property
    def duties(self) -> Duties:
        """How far the herald has come."""
        ...

    @property
    def views(self) -> ViewIndex:
        """Records by what they are about."""
        ...

    @property
    def records(self) -> Records:
        """Records."""
        ...


def look_back(
    books: Books,
    *,
    submissions: Submissions,
    in_hand: InHand,
    register: OperatorRegister,
    book: Callable[[], TrustBook],
    clock: Clock,
    randomness: Randomness,
    timekeeper: Timekeeper,
    turns: Turns,
) -> LookingBack:
    """Make the services, and have partners told what agreements say that they are told."""
    ledger, records, desk = books.ledger, books.records, in_hand.recall_desk
    reliance_clerk = RelianceClerk(
        submissions=submissions,
        ledger=ledger,
        decisions=books.decisions,
        suspensions=books.suspensions,
        book=book,
        clock=clock,
        randomness=randomness,
    )
    recall_clerk = RecallClerk(submissions=submissions, desk=desk, records=records, book=book, clock=clock)
    herald = Herald(
        submissions=submissions,
        desk=desk,
        index=books.views,
        decisions=books.decisions,
        duties=books.duties,
        book=book,
        clock=clock,
        turns=turns,
    )
    timekeeper.add("reliance notices", herald.notify)
    timekeeper.add("recalls", herald.recall)
    counter = Counter(ledger=ledger, records=records, requests=in_hand.request_desk, register=register)
    return LookingBack(
        reliances=ReliancesService(ledger=ledger, suspensions=books.suspensions, clerk=reliance_clerk),
        recalls=RecallsService(desk=desk, clerk=recall_clerk, watch=in_hand.watch),
        statistics=StatisticsService(counter=counter, book=book, clock=clock),
    )
