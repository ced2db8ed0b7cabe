"""A report stands by itself, shows what was not honest, and folds what is long."""

from __future__ import annotations

import re

from mock_partners.behaviours.trace import Event, Way
from mock_partners.reporting.page import page
from mock_partners.reporting.sequence import Look, lifelines, rows_of
from mock_partners.staging.report import Line, Report

EVENTS = [
    Event(0.0, "", "", Way.STEP, "0"),
    *(
        each
        for number in range(200)
        for each in (
            Event(number, "XA", "NL", Way.OUT, "Batch", f"entry {number}"),
            Event(number, "NL", "XA", Way.IN, "Batch", f"entry {number}"),
            Event(number, "NL", "XA", Way.OUT, "Receipt", f"up to {number + 1}"),
            Event(number, "XA", "NL", Way.OUT, "Heartbeat"),
        )
    ),
    Event(201, "XA", "NL", Way.OUT, "Batch", "no entries, size 200", "fork"),
    Event(202, "NL", "XA", Way.OUT, "Goodbye", "LOG_FORK"),
    Event(202, "NL", "XA", Way.END, "session"),
    Event(202, "XA", "NL", Way.END, "session"),
]


def report(*, fault: str = "") -> Report:
    """A play of one step."""
    made = Report("fork", "A partner with two histories", "why", behaviours=("fork",))
    made.lines.append(Line("NL looks", "SUSPENDED", "OPEN" if fault else "SUSPENDED", (fault,) if fault else ()))
    made.trace._events.extend(EVENTS)
    return made


def test_a_message_is_drawn_once_and_a_run_is_folded() -> None:
    rows = rows_of(EVENTS, ["NL looks"])
    assert [row.look for row in rows] == [
        Look.STEP, Look.MESSAGE, Look.MESSAGE, Look.FOLD, Look.MESSAGE, Look.MESSAGE, Look.MESSAGE, Look.END,
    ]  # fmt: skip
    assert rows[0].kind == "NL looks"
    assert rows[3].kind == "199 batches, 198 receipts"
    assert (rows[5].behaviour, rows[5].sender, rows[5].receiver) == ("fork", "XA", "NL")
    assert lifelines(rows) == ["NL", "XA"]


def test_of_a_partner_that_is_not_traced_what_came_in_is_drawn() -> None:
    (row,) = rows_of([Event(0.0, "XA", "NL", Way.IN, "Hello")])
    assert (row.sender, row.receiver) == ("NL", "XA")


def test_calls_that_were_refused_are_counted_by_their_answer() -> None:
    rows = rows_of([Event(0.0, "XA", "NL", Way.IN, "Answer", "OVERLOADED", "flood")] * 100)
    assert rows[2].kind == "97 calls answered OVERLOADED"


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    drawn = page("Scenarios", [report()])
    assert not re.search(r"<script|https?://|url\(|@import|src=", drawn)
    assert "default-src 'none'" in drawn
    assert "all as expected" in drawn
    assert 'class="badge"' in drawn


def test_what_failed_is_unfolded_and_hostile_text_is_text() -> None:
    drawn = page("Scenarios", [report(), report(fault="<b>came otherwise</b>\u202e")])
    assert drawn.count("<details open>") == 1
    assert "&lt;b&gt;came otherwise&lt;/b&gt;" in drawn
    assert "\u202e" not in drawn
    assert "1 of 2 failed" in drawn
