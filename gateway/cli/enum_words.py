"""Enum values as people name them, without the prefix that protobuf demands."""

from __future__ import annotations

from typing import Any

import click


def value_of(enum: Any, prefix: str, word: str, option: str) -> Any:  # noqa: ANN401  each enum has a class of its own
    """Give the value that a word names; a word that names none is wrong usage, and the right ones are told."""
    name = f"{prefix}{word.upper()}"
    if name not in enum.keys() or not enum.Value(name):  # noqa: SIM118  an enum wrapper is no dict
        words = ", ".join(each.removeprefix(prefix) for each in enum.keys() if enum.Value(each))  # noqa: SIM118
        raise click.BadParameter(f"{word} is none of {words}.", param_hint=option)
    return enum.Value(name)
