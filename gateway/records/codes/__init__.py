"""Code lists: data with an edition and dates, never enums, since they change without anybody asking this program.

The lists beside this file are small and made for tests and the demo (the countries are complete). An operator loads
the official ones, in the same form: comment lines ``# list:``, ``# edition:``, ``# complete: yes|no``, ``# source:``,
then CSV with the columns ``code, meaning, valid_from, valid_until, same_as``. Dates are ISO 8601 days, empty where
open; ``same_as`` names the code that an alias stands for. A code that no list knows is told as a warning, and stored.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from gateway.errors import Malformed

SHIPPED = ("control_result", "country", "currency", "hs", "locode", "package_type")
_COLUMNS = ["code", "meaning", "valid_from", "valid_until", "same_as"]


@dataclass(frozen=True, slots=True)
class Code:
    """One code; ``same_as`` is the code it stands for, when it is an alias."""

    code: str
    meaning: str
    valid_from: date | None
    valid_until: date | None
    same_as: str

    def holds_on(self, day: date) -> bool:
        """Tell whether the code is in use on ``day``; both ends are included."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list in one edition; ``complete`` when a code that is missing does not exist."""

    name: str
    edition: str
    complete: bool
    source: str
    codes: Mapping[str, Code]


def read_code_list(text: str) -> CodeList:
    """Read a list from the text of its file; :class:`Malformed` names the line that is wrong."""
    lines = text.splitlines()
    said = dict(_comment(line) for line in lines if line.startswith("#"))
    missing = [key for key in ("list", "edition", "complete", "source") if not said.get(key)]
    if missing:
        raise Malformed(f"The code list does not say: {', '.join(missing)} (as in '# edition: 2022').")
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    if rows.fieldnames != _COLUMNS:
        raise Malformed(f"The code list {said['list']} must have the columns {', '.join(_COLUMNS)}.")
    codes = _codes(said["list"], rows)
    return CodeList(said["list"], said["edition"], said["complete"] == "yes", said["source"], codes)


@cache
def shipped() -> Mapping[str, CodeList]:
    """Give the lists that come with this program, by name. They are package data: a part of the program, not input."""
    here = files(__package__)
    return {name: read_code_list((here / f"{name}.csv").read_text(encoding="utf-8")) for name in SHIPPED}


def _comment(line: str) -> tuple[str, str]:
    key, _, value = line[1:].partition(":")
    return key.strip(), value.strip()


def _codes(name: str, rows: Iterable[dict[str, str | None]]) -> dict[str, Code]:
    codes: dict[str, Code] = {}
    for number, row in enumerate(rows, start=1):
        code = row["code"] or ""
        if not code or None in row.values() or code in codes:
            raise Malformed(f"Row {number} of the code list {name} has no code, too few columns or a code twice.")
        codes[code] = Code(
            code,
            row["meaning"] or "",
            _day(name, number, row["valid_from"]),
            _day(name, number, row["valid_until"]),
            row["same_as"] or "",
        )
    if stray := sorted(code.code for code in codes.values() if code.same_as and code.same_as not in codes):
        raise Malformed(f"In the code list {name}, these are the same as codes that are not there: {', '.join(stray)}.")
    return codes


def _day(name: str, number: int, text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"Row {number} of the code list {name}: {text!r} is no day such as 2022-01-31.") from None
