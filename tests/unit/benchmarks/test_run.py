"""The benchmark runs with tiny numbers and gives every figure that it promises. What the figures are is no test's."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.figures import Figures, percentile
from benchmarks.run import Effort, measure
from benchmarks.sample import RECORD_BYTES, Samples, one_of_each_kind
from gateway import records

TINY = Effort(records=20, rounds=2, warm_up=5, alone=3, echo_calls=50)


def test_a_run_gives_every_figure_and_leaves_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    figures = measure(TINY, tmp_path, told.append)
    written = json.loads(json.dumps(figures.as_json()))
    assert set(written) == {field.name for field in fields(Figures)} | {"machine"}
    assert written["bulk_ratio_to_echo"] > 0
    assert len(written["ratio_of_each_round"]) == TINY.rounds
    assert set(written["rules_us_by_kind"]) == set(records.KINDS)
    assert told
    assert list(tmp_path.iterdir()) == []
    console = Console(width=200, record=True, quiet=True)
    console.print(figures.table())


def test_samples_are_valid_differ_and_have_the_size_promised() -> None:
    samples = Samples()
    completed = samples.completed()
    assert completed.ByteSize() == RECORD_BYTES
    assert records.check(completed) == ()
    first, second = samples.submission(), samples.submission()
    assert first.record != second.record
    assert first.request_id != second.request_id
    assert [len(message.submissions) for message in samples.messages(1200)] == [500, 500, 200]


@pytest.mark.parametrize("kind", records.KINDS)
def test_the_record_of_each_kind_keeps_the_rules(kind: str) -> None:
    assert records.check(records.parse(one_of_each_kind()[kind])) == ()


def test_percentile_is_a_value_that_was_there() -> None:
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0
    assert percentile([1.0], 50) == 1.0
    assert percentile(list(range(100)), 50) == 50
