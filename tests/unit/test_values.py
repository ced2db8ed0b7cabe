"""What ``value`` promises: cheap to make, and nobody may change it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

from gateway.values import once, value


@value
class Point:
    x: int
    y: int


@value(eq=False)
class Thing:
    x: int


@value(order=True)
class Place:
    x: int


class Worked:
    times = 0

    @once
    def out(self) -> int:
        """How often it was worked out."""
        self.times += 1
        return self.times


def test_equal_values_hash_alike_and_have_no_room_for_more() -> None:
    assert Point(1, 2) == Point(1, 2)
    assert len({Point(1, 2), Point(1, 2), Point(2, 1)}) == 2
    assert not hasattr(Point(1, 2), "__dict__")
    assert Place(1) < Place(2)


def test_without_eq_a_value_is_equal_to_itself_alone() -> None:
    one = Thing(1)
    assert one == one
    assert len({one, Thing(1)}) == 2


@pytest.mark.long
def test_the_type_checker_refuses_to_change_one(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from gateway.values import value\n\n@value\nclass Point:\n    x: int\n\nPoint(1).x = 2\nPoint()\n", "utf-8"
    )
    told, _, status = api.run(["--no-incremental", "--cache-dir", str(tmp_path / "cache"), str(program)])
    assert status == 1
    assert ":7: error" in told
    assert ":8: error" in told


def test_what_is_worked_out_once_stays() -> None:
    worked = Worked()
    assert (worked.out, worked.out, worked.times) == (1, 1, 1)
    assert Worked.__dict__["out"].__doc__ == "How often it was worked out."
