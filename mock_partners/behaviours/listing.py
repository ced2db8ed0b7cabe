"""All behaviours for a reader: what each does, what honest nodes must do, and the values that it has."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from mock_partners.behaviours.behaviour import Behaviour
from mock_partners.behaviours.registry import BEHAVIOURS


def rows() -> list[dict[str, Any]]:
    """Give them for a machine."""
    return [
        {
            "name": each.name,
            "does": each.does,
            "honest": each.honest,
            "values": {key: {"usual": value.usual, "means": value.means} for key, value in each.values.items()},
        }
        for each in BEHAVIOURS.values()
    ]


def table() -> Table:
    """Give them for a person."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    made.add_column("behaviour", no_wrap=True)
    made.add_column("what it does")
    made.add_column("what honest nodes must do")
    for each in BEHAVIOURS.values():
        made.add_row("\n".join((each.name, *values_of(each))), each.does, each.honest)
    return made


def values_of(behaviour: type[Behaviour]) -> list[str]:
    """Give its values as they are when nothing else is said, as in ``by=5s``."""
    return [f"{key}={value.usual}" for key, value in behaviour.values.items()]
