"""A partner that loses its copy is helped three times in 24 hours."""

from __future__ import annotations

import pytest

from gateway.exchange.resends import DAY, Resends


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def resends(now: list[float]) -> Resends:
    return Resends(lambda: now[0])


def lose(resends: Resends, times: int) -> None:
    for _ in range(times):
        resends.opened(lost_below=100, resume_from=0)


def test_three_losses_a_day(resends: Resends) -> None:
    lose(resends, 2)
    assert resends.allowed
    lose(resends, 1)
    assert not resends.allowed


def test_each_loss_is_forgotten_after_24_hours_by_itself(resends: Resends, now: list[float]) -> None:
    lose(resends, 1)
    now[0] += DAY / 2
    lose(resends, 2)
    now[0] += DAY / 2 - 1
    assert not resends.allowed
    now[0] += 1
    assert resends.allowed
    lose(resends, 1)
    assert not resends.allowed


def test_sessions_without_a_loss_do_not_count(resends: Resends) -> None:
    for size in range(10):
        resends.opened(lost_below=0, resume_from=size)
    assert resends.allowed


def test_going_on_after_a_broken_line_is_the_same_loss(resends: Resends) -> None:
    for reached in range(0, 100, 10):
        resends.opened(lost_below=100, resume_from=reached)
    assert resends.allowed


@pytest.mark.parametrize("reached", [10, 5], ids=["no further", "less"])
def test_asking_for_the_same_again_is_another_loss(resends: Resends, reached: int) -> None:
    lose(resends, 1)
    for _ in range(2):
        resends.opened(lost_below=100, resume_from=10)
        resends.opened(lost_below=100, resume_from=reached)
    assert not resends.allowed


def test_a_loss_after_newer_receipts_is_another_one(resends: Resends) -> None:
    for receipted in (100, 200, 300):
        resends.opened(lost_below=receipted, resume_from=receipted - 50)
    assert not resends.allowed
