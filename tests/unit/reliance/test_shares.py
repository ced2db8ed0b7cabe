"""Shares: the interval is Wilson's, and honest where there are few cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reliance.shares import Share, at_most, median

COUNTS = st.integers(0, 10**7).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize(
    ("cases", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_interval_is_the_one_in_the_books(cases: int, total: int, low: float, high: float) -> None:
    assert Share(cases, total).interval == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_interval_holds_the_share_and_is_one(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    low, high = share.interval
    assert 0 <= low <= high <= 1
    assert share.value is None or low <= share.value <= high


@given(COUNTS.filter(lambda counts: counts[1] > 0))
def test_more_cases_of_the_same_share_say_more(counts: tuple[int, int]) -> None:
    cases, total = counts
    (low, high), (lower, higher) = Share(10 * cases, 10 * total).interval, Share(cases, total).interval
    assert high - low < higher - lower


def test_of_nothing_everything_is_possible() -> None:
    assert Share(0, 0).value is None
    assert Share(0, 0).interval == (0.0, 1.0)


def test_quantiles_are_values_that_occurred() -> None:
    assert median([]) is None
    assert at_most([], 90) is None
    assert median([1, 2, 30]) == 2
    assert median([1, 2, 30, 40]) == 2
    assert at_most(list(range(1, 11)), 90) == 9
    assert at_most([7], 90) == 7
