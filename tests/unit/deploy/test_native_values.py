"""What the compiled wheel's copy of a module says differently: the same values, line by line where they were."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.native_values import with_native_values

SOURCE = '''"""A module."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.values import once, remembers, value


@value
class Plain:
    """Three fields."""

    name: str
    number: int = 7
    found: dict[str, int] = field(default_factory=dict)


@value(order=True)
class Ordered:
    number: int


@value(eq=False)
class Itself:
    number: int


@remembers
@dataclass(frozen=True)
class Asked:
    """Counts how often it is asked."""

    asked: list[int] = field(repr=False)

    @once
    def often(self) -> int:
        """Once,
        or more often."""
        if self.asked:
            return (
                self.asked.append(0) or len(self.asked)
            )
        return 0


@remembers
class Free:
    def __init__(self) -> None:
        self.asked = 0

    @once
    def often(self) -> int:
        """Once."""
        self.asked += 1
        return self.asked
'''
MODULES = [
    each for each in sorted(Path("gateway").rglob("*.py")) if "from gateway.values import" in each.read_text("utf-8")
]


def lines_of(source: str) -> dict[str, int]:
    return {each.name: each.lineno for each in ast.walk(ast.parse(source)) if isinstance(each, ast.FunctionDef)}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": __name__}
    exec(with_native_values(SOURCE), found)
    return found


def test_values_are_what_they_were(made: dict[str, Any]) -> None:
    plain = made["Plain"]("a")
    assert (plain.name, plain.number, plain.found) == ("a", 7, {})
    assert plain == made["Plain"]("a", 7, {})
    assert plain.found is not made["Plain"]("a").found, "a factory makes a value for each"
    assert replace(plain, number=8) == made["Plain"]("a", number=8)
    assert made["Ordered"](1) < made["Ordered"](2)
    assert len({made["Ordered"](1), made["Ordered"](1)}) == 1
    assert made["Itself"](1) != made["Itself"](1)


def test_what_is_worked_out_is_kept(made: dict[str, Any]) -> None:
    asked = made["Asked"]([1])
    assert (asked.often, asked.often, asked.asked) == (2, 2, [1, 0])
    assert asked == made["Asked"]([1, 0]), "what is kept is no part of a value"
    assert made["Asked"]([]).often == 0
    free = made["Free"]()
    assert (free.often, free.often) == (1, 1)


def test_no_line_moves() -> None:
    for source in (SOURCE, *(module.read_text("utf-8") for module in MODULES)):
        written = with_native_values(source)
        assert written.count("\n") == source.count("\n")
        assert (
            lines_of(source).items() <= (lines_of(written) | {"__init__": lines_of(source).get("__init__", 0)}).items()
        )
