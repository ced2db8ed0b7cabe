"""Every figure as one row, for spreadsheets and for comparing both sides of an agreement."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Final, TextIO

from gateway.cli.statistics.words import outcome_words
from mutualrecognition.national.v1 import statistics_service_pb2 as pb

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_FINDINGS: Final = ("confirmed", "contradicted", "not_checked", "undecided", "open")
_REQUESTS: Final = ("sent", "answered", "completed", "declined", "expired")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``relied`` relied on ``relied_on``; ``low`` and ``high`` are those of a share, else empty."""

    relied: str
    relied_on: str
    figure: str
    name: str
    value: int
    of: int | str = ""
    low: float | str = ""
    high: float | str = ""


def write_csv(answer: pb.GetStatisticsResponse, file: TextIO) -> None:
    """Write a heading and one line a figure. Names from abroad cannot become formulas of a spreadsheet."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    for row in rows(answer):
        writer.writerow(_harmless(value) for value in astuple(row))


def rows(answer: pb.GetStatisticsResponse) -> Iterator[Row]:
    """Give every figure of an answer."""
    own = answer.administration
    for partner in answer.partners:
        name = partner.partner
        yield from _reliance(own, name, partner.relying)
        yield from _reliance(name, own, partner.relied_on)
        yield from _requests(own, name, partner.asked)
        yield from _requests(name, own, partner.answered)
        yield from _list(own, name, partner.list)


def _reliance(relied: str, relied_on: str, figures: pb.RelianceFigures) -> Iterator[Row]:
    for outcome in figures.outcomes:
        yield Row(relied, relied_on, "decisions", outcome_words(outcome), outcome.decisions)
    yield Row(relied, relied_on, "overridden", "", figures.overridden)
    for method in figures.avoided:
        yield Row(relied, relied_on, "checks_avoided", method.method, method.checks)
    for figure, found in (("findings", figures.findings), ("sample", figures.sample)):
        for name in _FINDINGS:
            yield Row(relied, relied_on, figure, name, getattr(found, name))
        yield _share(relied, relied_on, f"{figure}_contradictions", "", found.contradictions)
    for figure, sources in (("office", figures.offices), ("device", figures.devices), ("method", figures.methods)):
        for source in sources:
            yield Row(relied, relied_on, f"{figure}_decisions", source.name, source.decisions)
            yield _share(relied, relied_on, f"{figure}_contradictions", source.name, source.contradictions)


def _requests(asker: str, responder: str, figures: pb.RequestFigures) -> Iterator[Row]:
    for name in _REQUESTS:
        yield Row(asker, responder, "requests", name, getattr(figures, name))
    yield _share(asker, responder, "requests_overtaken", "", figures.overtaken)
    if figures.HasField("median_seconds"):
        yield Row(asker, responder, "requests", "median_seconds", figures.median_seconds)
        yield Row(asker, responder, "requests", "ninety_percent_seconds", figures.ninety_percent_seconds)


def _list(own: str, partner: str, figures: pb.ListFigures) -> Iterator[Row]:
    yield Row(own, partner, "list", "statements", figures.statements)
    yield Row(own, partner, "list", "suspensions", figures.suspensions)
    if figures.HasField("complete_as_of"):
        yield Row(own, partner, "list", "complete_as_of", figures.complete_as_of.seconds)
    if figures.HasField("median_seconds_to_visibility"):
        yield Row(own, partner, "list", "median_seconds_to_visibility", figures.median_seconds_to_visibility)
        yield Row(own, partner, "list", "longest_seconds_to_visibility", figures.longest_seconds_to_visibility)


def _share(relied: str, relied_on: str, figure: str, name: str, share: pb.Share) -> Row:
    return Row(relied, relied_on, figure, name, share.cases, share.of, round(share.low, 6), round(share.high, 6))


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
