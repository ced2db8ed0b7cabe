"""The meaning of a kind of record on the screen: its fields, values and rules as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli import screen
from gateway.records.explanation import OF_EVERY_FIELD, Explanation, FieldRow

_WIDTH_IN_FILES: Final = 160
_WIDE: Final = 120
"""From this width on, source and rules have columns of their own; the meaning names its source in any case."""


def tell_kinds(meanings: Mapping[str, str]) -> None:
    """Print every kind with the first sentence on it."""
    table = _table("kind", "what it says")
    for kind, meaning in meanings.items():
        table.add_row(kind, Text(meaning.partition(". ")[0].rstrip(".") + "."))
    _print(table, Text("\nThe header, which all have: gateway records explain header"))


def tell_explanation(found: Explanation) -> None:
    """Print one kind in full."""
    fields = _fields(found, wide=_console().width >= _WIDE)
    _print(Text(found.kind, "bold"), Text(found.meaning), Text(), fields)
    if any(row.values for row in found.fields):
        _print(Text("\nValues", "bold"), _values(found))
    _print(Text("\nRules", "bold"), _rules(found))


def _fields(found: Explanation, *, wide: bool) -> Table:
    table = _table("field", "type", "must", "meaning", *(("source", "rules") if wide else ()))
    for row in found.fields:
        rules = " ".join(row.rules)
        told = (row.meaning, row.source, rules) if wide else (f"{row.meaning} {rules}",)
        table.add_row(_short(row, found.kind), row.type, "yes" if row.required else "", *map(Text, told))
    return table


def _values(found: Explanation) -> Table:
    table = _table("field", "value", "meaning")
    for row in found.fields:
        for index, value in enumerate(row.values):
            table.add_row("" if index else _short(row, found.kind), Text(value.name), Text(value.meaning))
    return table


def _rules(found: Explanation) -> Table:
    table = _table("rule", "at", "what it asks", "in the proto")
    for rule in found.rules:
        table.add_row(rule.name, Text(rule.path or "record"), Text(rule.sentence), "yes" if rule.annotated else "")
    for where, constraint in OF_EVERY_FIELD:
        table.add_row(constraint.rule, Text(where), Text(constraint.sentence), "")
    return table


def _short(row: FieldRow, kind: str) -> Text:
    return Text(row.path.removeprefix(f"{kind}."))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        whole = column == columns[0] and _console().width >= _WIDE
        table.add_column(column, overflow="fold", no_wrap=whole)
    return table


def _console() -> Console:
    console = screen.out()
    return console if console.is_terminal else Console(width=_WIDTH_IN_FILES, highlight=False)


def _print(*parts: Table | Text) -> None:
    console = _console()
    for part in parts:
        console.print(part, soft_wrap=False)
