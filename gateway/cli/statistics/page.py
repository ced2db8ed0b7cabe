"""The figures as one page that needs no network: what is shown where, before the template draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined

from gateway.cli.describing import when
from gateway.cli.statistics.words import duration_words, outcome_words, per_cent, share_words, side_words
from mutualrecognition.national.v1 import statistics_service_pb2 as pb

MANY: Final = 20
"""Rows of one chart; the page says how many more there are."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``width`` is its share of the longest, 0 to 100; a whisker spans ``low`` to ``high`` of 100 %."""

    label: str
    words: str
    width: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title; ``left_out`` is how many did not fit."""

    title: str
    note: str
    bars: tuple[Bar, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """One direction of reliance: its title, what matters most in a few numbers, its charts."""

    title: str
    source: str
    numbers: tuple[tuple[str, str], ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One partner."""

    partner: str
    sides: tuple[Side, ...]
    facts: tuple[tuple[str, str], ...]


def page(answer: pb.GetStatisticsResponse) -> str:
    """Draw the page: HTML with its styles and drawings in it, no script, nothing fetched; all text is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("page.html.j2").read_text("utf-8"))
    return template.render(
        administration=answer.administration,
        begin=when(getattr(answer, "from").seconds),
        end=when(answer.until.seconds),
        counted=when(answer.counted_at.seconds),
        sections=[_section(answer.administration, each) for each in answer.partners],
    )


def _section(own: str, figures: pb.PartnerFigures) -> Section:
    partner = figures.partner or "no partner"
    return Section(
        partner=partner,
        sides=(
            _side(own, partner, figures.relying, relying=True),
            _side(own, partner, figures.relied_on, relying=False),
        ),
        facts=tuple(_facts(own, partner, figures)),
    )


def _side(own: str, partner: str, figures: pb.RelianceFigures, *, relying: bool) -> Side:
    relied = sum(each.decisions for each in figures.outcomes if outcome_words(each).startswith("RELY"))
    decided = sum(each.decisions for each in figures.outcomes)
    return Side(
        title=side_words(own, partner, relying=relying),
        source=f"from {own}'s own decisions"
        if relying
        else f"from what {partner} has told: not what did not rely, nor what is drawn and not verified yet",
        numbers=(
            ("decisions", f"{decided:,}"),
            ("relied", f"{relied:,}"),
            ("checks not repeated", f"{sum(each.checks for each in figures.avoided):,}"),
            ("contradictions", share_words(figures.findings.contradictions)),
        ),
        charts=tuple(chart for chart in _charts(figures) if chart.bars),
    )


def _charts(figures: pb.RelianceFigures) -> Iterable[Chart]:
    yield _count_chart("Decisions", [(outcome_words(each), each.decisions) for each in figures.outcomes])
    yield _count_chart("Checks not repeated, by method", [(each.method, each.checks) for each in figures.avoided])
    for name, sources in (("office", figures.offices), ("device", figures.devices), ("method", figures.methods)):
        yield _share_chart(f"Contradictions by {name}", sources)


def _count_chart(title: str, counts: list[tuple[str, int]]) -> Chart:
    longest = max((count for _, count in counts), default=0)
    bars = [Bar(name, f"{count:,}", 100 * count / longest if longest else 0.0) for name, count in counts]
    return Chart(title, "", tuple(bars[:MANY]), max(0, len(bars) - MANY))


def _share_chart(title: str, sources: Iterable[pb.SourceFigures]) -> Chart:
    looked_at = [each for each in sources if each.contradictions.of]
    bars = tuple(_share_bar(each) for each in looked_at[:MANY])
    note = "bar: what was found; line: where the true share lies with 95 % confidence"
    return Chart(title, note, bars, max(0, len(looked_at) - MANY))


def _share_bar(source: pb.SourceFigures) -> Bar:
    share = source.contradictions
    return Bar(source.name, share_words(share), 100 * share.cases / share.of, 100 * share.low, 100 * share.high)


def _facts(own: str, partner: str, figures: pb.PartnerFigures) -> Iterable[tuple[str, str]]:
    for asker, responder, asked in ((own, partner, figures.asked), (partner, own, figures.answered)):
        if asked.sent:
            yield f"requests of {asker} to {responder}", _request_words(asked)
    heard = when(figures.list.complete_as_of.seconds) if figures.list.HasField("complete_as_of") else "not heard yet"
    yield f"{partner}'s list of operators is complete as of", heard
    if figures.list.HasField("median_seconds_to_visibility"):
        half = duration_words(figures.list.median_seconds_to_visibility)
        longest = duration_words(figures.list.longest_seconds_to_visibility)
        yield "from the end of a benefit to its visibility here", f"half within {half}, the longest {longest}"


def _request_words(asked: pb.RequestFigures) -> str:
    words = [
        f"{asked.sent:,} sent",
        f"{asked.answered:,} answered",
        f"{asked.completed:,} completed",
        f"{asked.declined:,} declined",
        f"{asked.expired:,} expired",
        f"overtaken {per_cent(asked.overtaken.cases / asked.overtaken.of) if asked.overtaken.of else '0'} %",
    ]
    if asked.HasField("median_seconds"):
        words.append(f"half answered within {duration_words(asked.median_seconds)}")
    return ", ".join(words)
