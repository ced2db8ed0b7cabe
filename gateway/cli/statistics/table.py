"""The figures on a screen: one table a partner, both directions beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from gateway.cli.describing import when
from gateway.cli.screen import printable
from gateway.cli.statistics.words import duration_words, outcome_words, share_words
from mutualrecognition.national.v1 import statistics_service_pb2 as pb

Line = tuple[str, str, str]


def figure_table(own: str, figures: pb.PartnerFigures) -> Table:
    """Make the table: what it is about, we on them, they on us."""
    partner = figures.partner or "no partner"
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column(f"{own} on {partner}", justify="right")
    table.add_column(f"{partner} on {own}", justify="right")
    for title, lines in (
        ("decisions", _decisions(figures.relying, figures.relied_on)),
        ("checks not repeated", _avoided(figures.relying, figures.relied_on)),
        ("what arrival showed", _findings(figures.relying, figures.relied_on)),
        ("contradictions by", _sources(figures.relying, figures.relied_on)),
        ("requests", _requests(figures.asked, figures.answered)),
        ("list of operators", _list(figures.list)),
    ):
        shown = list(lines)
        if shown:
            table.add_row(title, style="bold")
            for name, ours, theirs in shown:
                table.add_row(f"  {printable(name)}", ours, theirs)
    return table


def _decisions(ours: pb.RelianceFigures, theirs: pb.RelianceFigures) -> Iterator[Line]:
    left = {outcome_words(each): each.decisions for each in ours.outcomes}
    right = {outcome_words(each): each.decisions for each in theirs.outcomes}
    yield from _counts(left, right)
    if ours.overridden or theirs.overridden:
        yield "overridden by an officer", f"{ours.overridden:,}", f"{theirs.overridden:,}"


def _avoided(ours: pb.RelianceFigures, theirs: pb.RelianceFigures) -> Iterator[Line]:
    left = {each.method: each.checks for each in ours.avoided}
    right = {each.method: each.checks for each in theirs.avoided}
    yield from _counts(left, right)


def _findings(ours: pb.RelianceFigures, theirs: pb.RelianceFigures) -> Iterator[Line]:
    for name in ("confirmed", "contradicted", "not_checked", "undecided", "open"):
        left, right = getattr(ours.findings, name), getattr(theirs.findings, name)
        if left or right:
            yield name.replace("_", " "), f"{left:,}", f"{right:,}"
    yield "contradictions", share_words(ours.findings.contradictions), share_words(theirs.findings.contradictions)
    yield "in the sample", share_words(ours.sample.contradictions), share_words(theirs.sample.contradictions)


def _sources(ours: pb.RelianceFigures, theirs: pb.RelianceFigures) -> Iterator[Line]:
    for kind in ("offices", "devices", "methods"):
        left = {each.name: share_words(each.contradictions) for each in getattr(ours, kind)}
        right = {each.name: share_words(each.contradictions) for each in getattr(theirs, kind)}
        for name in [*left, *(each for each in right if each not in left)]:
            yield f"{kind[:-1]} {name}", left.get(name, ""), right.get(name, "")


def _requests(ours: pb.RequestFigures, theirs: pb.RequestFigures) -> Iterator[Line]:
    if not (ours.sent or theirs.sent):
        return
    for name in ("sent", "answered", "completed", "declined", "expired"):
        yield name, f"{getattr(ours, name):,}", f"{getattr(theirs, name):,}"
    yield "overtaken", share_words(ours.overtaken), share_words(theirs.overtaken)
    if ours.HasField("median_seconds") or theirs.HasField("median_seconds"):
        half, most = zip(_answered_within(ours), _answered_within(theirs), strict=True)
        yield "answered within, half", *half
        yield "nine of ten", *most


def _answered_within(figures: pb.RequestFigures) -> tuple[str, str]:
    if not figures.HasField("median_seconds"):
        return "", ""
    return duration_words(figures.median_seconds), duration_words(figures.ninety_percent_seconds)


def _list(figures: pb.ListFigures) -> Iterator[Line]:
    heard = when(figures.complete_as_of.seconds) if figures.HasField("complete_as_of") else "not heard yet"
    yield "complete as of", heard, ""
    if figures.statements:
        yield "statements", f"{figures.statements:,}", ""
        yield "that ended benefits", f"{figures.suspensions:,}", ""
    if figures.HasField("median_seconds_to_visibility"):
        yield "visible here within, half", duration_words(figures.median_seconds_to_visibility), ""
        yield "the longest", duration_words(figures.longest_seconds_to_visibility), ""


def _counts(left: dict[str, int], right: dict[str, int]) -> Iterator[Line]:
    for name in sorted({*left, *right}):
        yield name, f"{left.get(name, 0):,}", f"{right.get(name, 0):,}"
