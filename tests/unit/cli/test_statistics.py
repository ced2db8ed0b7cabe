"""Figures as table, CSV and page: all there, and nothing from abroad can do harm."""

from __future__ import annotations

import csv
import io
import re

from rich.console import Console

from gateway.cli.statistics.page import page
from gateway.cli.statistics.rows import rows, write_csv
from gateway.cli.statistics.table import figure_table
from gateway.cli.statistics.words import duration_words, share_words
from gateway.reliance.shares import Share
from mutualrecognition.national.v1 import decision_pb2, statistics_service_pb2

NASTY = '=HYPERLINK("x")<script>alert(1)</script>\u202e'


def share(cases: int, total: int) -> statistics_service_pb2.Share:
    low, high = Share(cases, total).interval
    return statistics_service_pb2.Share(cases=cases, of=total, low=low, high=high)


def answer() -> statistics_service_pb2.GetStatisticsResponse:
    found = statistics_service_pb2.GetStatisticsResponse(administration="NL")
    partner = found.partners.add(partner="CN")
    partner.relying.outcomes.add(outcome=decision_pb2.OUTCOME_RELY, decisions=40)
    partner.relying.avoided.add(method="NII_XRAY", checks=38)
    partner.relying.findings.CopyFrom(
        statistics_service_pb2.FindingFigures(confirmed=39, contradicted=1, contradictions=share(1, 40))
    )
    partner.relying.offices.add(name=NASTY, decisions=40, contradictions=share(1, 40))
    partner.asked.CopyFrom(statistics_service_pb2.RequestFigures(sent=4, answered=3, overtaken=share(1, 4)))
    partner.asked.median_seconds = 5400
    partner.list.complete_as_of.seconds = 1_767_225_600
    return found


def test_page_fetches_nothing_runs_nothing_and_escapes_what_comes_from_abroad() -> None:
    drawn = page(answer())
    assert "NL relied on CN" in drawn
    assert "1 of 40" in drawn
    assert "<script" not in drawn
    assert "default-src 'none'" in drawn
    assert not re.search(r"(?:src|href)=|url\(|@import", drawn)


def test_page_of_nobody_says_so() -> None:
    assert "no partners yet" in page(statistics_service_pb2.GetStatisticsResponse(administration="NL"))


def test_csv_has_every_figure_and_no_formula() -> None:
    file = io.StringIO()
    write_csv(answer(), file)
    read = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert len(read) == len(list(rows(answer())))
    assert {"relied": "NL", "relied_on": "CN", "figure": "decisions", "name": "RELY", "value": "40"}.items() <= read[
        0
    ].items()
    assert all(not value.startswith(("=", "+", "-", "@")) for row in read for value in row.values())


def test_table_shows_both_directions() -> None:
    console = Console(file=io.StringIO(), width=160)
    console.print(figure_table("NL", answer().partners[0]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "NL on CN" in shown
    assert "CN on NL" in shown
    assert "1 of 40 (0.4-13 %)" in shown
    assert "\u202e" not in shown


def test_words_do_not_claim_what_is_not_known() -> None:
    assert share_words(share(0, 0)) == "none looked at"
    assert duration_words(59) == "59 s"
    assert duration_words(5400) == "90.0 min"
    assert duration_words(3 * 86_400) == "3.0 d"
