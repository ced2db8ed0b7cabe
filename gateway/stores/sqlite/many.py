"""Many rows in few statements.

SQLite's binding lets go of Python's lock around every step of a statement, and takes it again after; beside an event
loop that is busy, each time costs a wait. So rows go in by the dozen: one step stores or looks up many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

import apsw

ROWS: Final = 64
"""Rows of one statement; at most eleven columns stay well below SQLite's bound on variables."""


def insert_rows(
    connection: apsw.Connection, table: str, columns: str, rows: Sequence[Sequence[Any]], *, or_ignore: bool = False
) -> None:
    """Insert rows in their order; with ``or_ignore`` those that are there already are passed over.

    ``table`` and ``columns`` are constants of the caller's, never input.
    """
    verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
    for some in _dozens(rows):
        connection.execute(_insert(verb, table, columns, len(some)), tuple(chain.from_iterable(some)))


def select_rows(
    connection: apsw.Connection, query: str, keys: Sequence[Sequence[Any]], *, bindings: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Run a query for many keys; it ends in ``IN``, before a list of row values that this adds.

    ``bindings`` are for what stands before. Row values of several columns find no partial index.
    """
    for some in _dozens(keys):
        values = f"(VALUES {_marks(len(some[0]), len(some))})"
        yield from connection.execute(f"{query} {values}", (*bindings, *chain.from_iterable(some)))


def _dozens(rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Sequence[Any]]]:
    return (rows[start : start + ROWS] for start in range(0, len(rows), ROWS))


@cache
def _insert(verb: str, table: str, columns: str, count: int) -> str:
    return f"{verb} INTO {table} ({columns}) VALUES {_marks(columns.count(',') + 1, count)}"


@cache
def _marks(width: int, count: int) -> str:
    row = f"({', '.join('?' * width)})"
    return ", ".join([row] * count)
