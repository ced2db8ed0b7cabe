"""How a behaviour is written on a command line or in a scenario: ``NAME[:key=value,…][@FROM[-UNTIL]]``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SPEC: Final = re.compile(r"(?P<name>[a-z][a-z-]*)(?::(?P<values>[^@]*))?(?:@(?P<from>[^-]+)(?:-(?P<until>.+))?)?")
_SPAN: Final = re.compile(r"(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_FOR_EVER: Final = float("inf")


class SpecInvalid(ValueError):
    """What was written is no behaviour; the message says what is."""


@dataclass(frozen=True, slots=True)
class Value:
    """One key of a behaviour: how its text is read, what it is when nothing is said, what it means."""

    read: Callable[[str], Any]
    usual: str
    means: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when until when, in seconds since the node began."""

    begins: float = 0.0
    ends: float = _FOR_EVER


@dataclass(frozen=True, slots=True)
class Spec:
    """A behaviour as it was written."""

    name: str
    given: Mapping[str, str]
    schedule: Schedule


def read_spec(text: str) -> Spec:
    """Take a spec apart; whether there is such a behaviour is not looked at.

    Raises:
        SpecInvalid: it does not have the form.
    """
    found = _SPEC.fullmatch(text.strip())
    if found is None:
        raise SpecInvalid(f"{text!r} is not NAME[:key=value,…][@FROM[-UNTIL]], as in late:by=5s@10s-1m.")
    given: dict[str, str] = {}
    for pair in filter(None, (found["values"] or "").split(",")):
        key, equals, value = pair.partition("=")
        if not (equals and key.strip() and value.strip()):
            raise SpecInvalid(f"{pair!r} in {text!r} is not key=value.")
        given[key.strip()] = value.strip()
    begins = span(found["from"]) if found["from"] else 0.0
    ends = span(found["until"]) if found["until"] else _FOR_EVER
    if ends <= begins:
        raise SpecInvalid(f"{text!r} ends before it begins.")
    return Spec(found["name"], given, Schedule(begins, ends))


def span(text: str) -> float:
    """Read a span of time, such as 200ms, 5s, 2m or -10m, as seconds.

    Raises:
        SpecInvalid: it is none.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise SpecInvalid(f"{text!r} is not a span of time, as in 200ms, 5s, 2m, 1h or 1d.")
    seconds = float(found[2]) * _UNITS[found[3]]
    return -seconds if found[1] else seconds


def count(text: str) -> int:
    """Read a number of things, 1 or more.

    Raises:
        SpecInvalid: it is none.
    """
    if not text.isdigit() or int(text) < 1:
        raise SpecInvalid(f"{text!r} is not a number from 1 on.")
    return int(text)


def one_of(*words: str) -> Callable[[str], str]:
    """Give what reads one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise SpecInvalid(f"{text!r} is none of {', '.join(words)}.")
        return text

    return read
