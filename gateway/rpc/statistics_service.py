"""``national.v1.StatisticsService``: the figures by which an agreement is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import Absent, Malformed
from gateway.ports.ledger import Finding
from gateway.ports.world import Clock
from gateway.reliance.counting import Counter, ListFigures, PartnerFigures, Period, RequestFigures
from gateway.reliance.figures import RelianceFigures, Source, contradictions
from gateway.reliance.shares import Share
from gateway.rpc.guard import Context
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1 import statistics_service_pb2 as pb
from mutualrecognition.national.v1.decision_pb2 import Outcome
from mutualrecognition.national.v1.statistics_service_pb2_grpc import StatisticsServiceServicer


class StatisticsService(StatisticsServiceServicer):
    """Has them counted; keeps nothing of its own."""

    def __init__(self, *, counter: Counter, book: Callable[[], TrustBook], clock: Clock) -> None:
        self._counter = counter
        self._book = book
        self._clock = clock

    async def GetStatistics(self, request: pb.GetStatisticsRequest, context: Context) -> pb.GetStatisticsResponse:  # noqa: ARG002, N802
        """Count one period."""
        book = self._book()
        begin: Timestamp = getattr(request, "from")
        if not (request.HasField("from") and request.HasField("until") and begin.seconds < request.until.seconds):
            raise Malformed("Say from when until when: from must be earlier than until.")
        if request.partner and request.partner not in book.partners:
            raise Absent(f"There is no partner {request.partner!r} here.")
        partners = [request.partner] if request.partner else book.partners
        figures = await self._counter.figures(partners, Period(begin.seconds, request.until.seconds))
        return pb.GetStatisticsResponse(
            administration=book.own,
            until=request.until,
            counted_at=Timestamp(seconds=self._clock.now()),
            partners=map(_partner, figures),
            **{"from": begin},
        )


def _partner(figures: PartnerFigures) -> pb.PartnerFigures:
    return pb.PartnerFigures(
        partner=figures.partner,
        relying=_reliance(figures.relying),
        relied_on=_reliance(figures.relied_on),
        asked=_requests(figures.asked),
        answered=_requests(figures.answered),
        list=_list(figures.list),
    )


def _reliance(figures: RelianceFigures) -> pb.RelianceFigures:
    return pb.RelianceFigures(
        outcomes=[
            pb.DecisionCount(outcome=Outcome.Value(f"OUTCOME_{name}"), decisions=count)
            for name, count in figures.outcomes.items()
        ],
        overridden=figures.overridden,
        avoided=[pb.MethodCount(method=name, checks=count) for name, count in figures.avoided.items()],
        findings=_findings(figures.findings),
        sample=_findings(figures.sample),
        offices=_sources(figures.offices),
        devices=_sources(figures.devices),
        methods=_sources(figures.methods),
    )


def _findings(found: dict[Finding, int]) -> pb.FindingFigures:
    return pb.FindingFigures(
        confirmed=found.get(Finding.CONFIRMED, 0),
        contradicted=found.get(Finding.CONTRADICTED, 0),
        not_checked=found.get(Finding.NOT_CHECKED, 0),
        undecided=found.get(Finding.UNDECIDED, 0),
        open=found.get(Finding.OPEN, 0),
        contradictions=_share(contradictions(found)),
    )


def _sources(sources: Iterable[Source]) -> list[pb.SourceFigures]:
    return [
        pb.SourceFigures(name=each.name, decisions=each.decisions, contradictions=_share(each.contradictions))
        for each in sources
    ]


def _requests(figures: RequestFigures) -> pb.RequestFigures:
    return pb.RequestFigures(
        sent=figures.sent,
        answered=figures.answered,
        completed=figures.completed,
        declined=figures.declined,
        overtaken=_share(figures.overtaken),
        expired=figures.expired,
        median_seconds=figures.median_seconds,
        ninety_percent_seconds=figures.ninety_percent_seconds,
    )


def _list(figures: ListFigures) -> pb.ListFigures:
    return pb.ListFigures(
        complete_as_of=Timestamp(seconds=figures.complete_as_of) if figures.complete_as_of else None,
        statements=figures.statements,
        suspensions=figures.suspensions,
        median_seconds_to_visibility=figures.median_seconds_to_visibility,
        longest_seconds_to_visibility=figures.longest_seconds_to_visibility,
    )


def _share(share: Share) -> pb.Share:
    low, high = share.interval
    return pb.Share(cases=share.cases, of=share.total, low=low, high=high)
