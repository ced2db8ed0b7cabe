"""Counting what lies between this administration and a partner in a period, from the ledger and from the records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final

from gateway.ports.ledger import Ledger
from gateway.ports.links import Direction
from gateway.ports.records import RecordQuery, Records
from gateway.reliance.causes import counts_for_security
from gateway.reliance.figures import RelianceFigures, reliance_figures
from gateway.reliance.seeking import before_first_since
from gateway.reliance.shares import Share, at_most, median
from gateway.reliance.told import Told
from gateway.views.register import OperatorRegister
from gateway.views.request_desk import ALL_REQUESTS, RequestDesk
from gateway.views.requests import RequestLife
from gateway.views.steps import Ground, Saying, read

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, POSIX seconds, the end excluded."""

    begin: int
    end: int

    def holds(self, at: int) -> bool:
        """Tell whether a moment lies in it."""
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """How requests were answered; seconds to the first answer, None where there was none."""

    sent: int
    answered: int
    completed: int
    declined: int
    expired: int
    overtaken: Share
    median_seconds: int | None
    ninety_percent_seconds: int | None


@dataclass(frozen=True, slots=True)
class ListFigures:
    """How fresh a partner's list of operators is here."""

    complete_as_of: int
    statements: int
    suspensions: int
    median_seconds_to_visibility: int | None
    longest_seconds_to_visibility: int | None


@dataclass(frozen=True, slots=True)
class PartnerFigures:
    """What lies between this administration and one partner."""

    partner: str
    relying: RelianceFigures
    relied_on: RelianceFigures
    asked: RequestFigures
    answered: RequestFigures
    list: ListFigures


class Counter:
    """Counts; keeps nothing."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        records: Records,
        requests: RequestDesk,
        register: OperatorRegister,
    ) -> None:
        self._ledger = ledger
        self._records = records
        self._requests = requests
        self._register = register

    async def figures(self, partners: Iterable[str], period: Period) -> list[PartnerFigures]:
        """Count for each of these partners, in the order given."""
        decisions, bases = await self._ledger.tallies(begin=period.begin, end=period.end)
        lives = [life async for life in self._lives(period)]
        marks = {each.partner: each.complete_as_of for each in await self._register.watermarks()}
        return [
            PartnerFigures(
                partner=partner,
                relying=reliance_figures(
                    (each for each in decisions if each.partner == partner),
                    (each for each in bases if each.partner == partner),
                ),
                relied_on=await self._relied_on(partner, period),
                asked=request_figures(each for each in lives if each.key.asked == partner),
                answered=request_figures(each for each in lives if each.key.asker == partner),
                list=await self._list(partner, period, marks.get(partner, 0)),
            )
            for partner in partners
        ]

    async def _relied_on(self, partner: str, period: Period) -> RelianceFigures:
        told = Told(self._records, partner)
        query = RecordQuery(
            direction=Direction.RECEIVED,
            partners=frozenset({partner}),
            kinds=frozenset({"reliance_notice", "arrival_feedback"}),
        )
        async for saying in self._said(query, period.begin, until=None):
            told.hear(saying)
        return reliance_figures(*await told.tallies(period.begin, period.end))

    async def _list(self, partner: str, period: Period, complete_as_of: int) -> ListFigures:
        query = RecordQuery(
            direction=Direction.RECEIVED, partners=frozenset({partner}), kinds=frozenset({"aeo_status"})
        )
        statements = 0
        delays: list[int] = []
        async for saying in self._said(query, period.begin, until=period.end):
            statements += 1
            if not counts_for_security(saying.record.aeo_status):
                delays.append(max(0, saying.stored.stored_at - saying.at))
        delays.sort()
        return ListFigures(complete_as_of, statements, len(delays), median(delays), delays[-1] if delays else None)

    async def _lives(self, period: Period) -> AsyncIterator[RequestLife]:
        reached = 0
        while True:
            page = await self._requests.listed(ALL_REQUESTS, after=reached, limit=_PAGE)
            for life in page.lives:
                if period.holds(life.steps[0].at):
                    yield life
            if not page.reached:
                return
            reached = page.reached

    async def _said(self, query: RecordQuery, begin: int, *, until: int | None) -> AsyncIterator[Saying]:
        """Give records of a query that were stored from ``begin`` on, up to ``until``."""
        position = await before_first_since(self._records, begin)
        while True:
            page, reached = await self._records.after(position, limit=_PAGE, query=query)
            for stored in page:
                if stored.stored_at >= begin and (until is None or stored.stored_at < until):
                    yield read(stored)
            if reached == position or (until is not None and page and page[-1].stored_at >= until):
                return
            position = reached


def request_figures(lives: Iterable[RequestLife]) -> RequestFigures:
    """Add up how requests ended, and how long their first answers took."""
    ended: dict[str, int] = {}
    waits: list[int] = []
    sent = 0
    for life in lives:
        sent += 1
        ended[life.state] = ended.get(life.state, 0) + 1
        said = (step for step in life.steps if step.by == life.key.asked and step.ground is Ground.RECORD)
        answers = [step.at for step in said if step.counts]
        if answers:
            waits.append(max(0, min(answers) - life.steps[0].at))
    waits.sort()
    return RequestFigures(
        sent=sent,
        answered=len(waits),
        completed=ended.get("COMPLETED", 0),
        declined=ended.get("DECLINED", 0),
        expired=ended.get("EXPIRED", 0),
        overtaken=Share(ended.get("OVERTAKEN", 0), sent),
        median_seconds=median(waits),
        ninety_percent_seconds=at_most(waits, 90),
    )
