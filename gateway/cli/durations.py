"""Spans of time on the command line: ``45s``, ``10m``, ``12h``, ``30d``."""

from __future__ import annotations

import re
from typing import Final

import click

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN: Final = re.compile(r"(0|[1-9][0-9]{0,8})([smhd])")


class Duration(click.ParamType[int]):
    """Seconds, from a number and its unit."""

    name = "duration"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        if isinstance(value, int):
            return value
        found = _SPAN.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is no span of time: write 45s, 10m, 12h or 30d.", param, ctx)
        return int(found[1]) * _SECONDS[found[2]]


DURATION: Final = Duration()
