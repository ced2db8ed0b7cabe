"""Enum values as people name them, without the prefix that protobuf demands."""

from __future__ import annotations

from typing import Any

import click
from google.protobuf.message import Message


def value_of(enum: Any, prefix: str, word: str, option: str) -> Any:  # noqa: ANN401  each enum has a class of its own
    """Give the value that a word names; a word that names none is wrong usage, and the right ones are told."""
    name = f"{prefix}{word.upper()}"
    if name not in enum.keys() or not enum.Value(name):  # noqa: SIM118  an enum wrapper is no dict
        words = ", ".join(each.removeprefix(prefix) for each in enum.keys() if enum.Value(each))  # noqa: SIM118
        raise click.BadParameter(f"{word} is none of {words}.", param_hint=option)
    return enum.Value(name)


def short(message: Message, field: str) -> str:
    """Give an enum field's value without the enum's own prefix, as in NII_XRAY; empty when it is not stated."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    assert descriptor.enum_type is not None
    return short_name(descriptor.enum_type, getattr(message, field))


def short_name(enum: Any, number: int) -> str:  # noqa: ANN401  each implementation has a class of its own
    """Name a value of an enum, given by its descriptor."""
    value = enum.values_by_number.get(number)
    if value is None:
        return f"unknown value {number}"
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return "" if number == 0 else str(value.name.removeprefix(prefix))
