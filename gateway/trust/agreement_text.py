"""The text of an agreement as people see it: TOML that is read with all its mistakes, and the line of a value."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from gateway.errors import DocumentInvalid, Violation

HEADER: Final = "mutualrecognition/agreement/v1"
SYNTAX: Final = "toml"
"""The rule of what is not TOML; its violation's path is ``line 12``."""

Location = tuple[int | str, ...]
"""Leads to a value, lists by index from 0, as in ``("flows", 1, "fields")``; empty for the text as a whole."""

_AT_MOST: Final = 10
_PLACE: Final = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")
_AT_THE_END: Final = re.compile(r"(.*) \(at end of document\)")


def read_tables(text: str) -> dict[str, Any]:
    """Read the header line, then TOML.

    Raises:
        DocumentInvalid: with every line that cannot be read, as far as that can be told, in ``violations``.
    """
    header, _, body = text.partition("\n")
    if header != HEADER:
        raise DocumentInvalid(f"An agreement begins with the line {HEADER}.")
    body = f"#\n{body}"  # a comment in place of the header, so that line numbers are the text's
    try:
        return tomllib.loads(body)
    except RecursionError:
        raise DocumentInvalid("The agreement is not TOML that anybody would write: it is nested too deeply.") from None
    except ValueError as error:  # TOMLDecodeError is one; so is a number of more digits than Python reads
        faults = _syntax_faults(body)
        more = f" There are {len(faults) - 1} more such lines." if len(faults) > 1 else ""
        raise DocumentInvalid(f"The agreement is not TOML: {error}.{more}", violations=tuple(faults)) from None


def _syntax_faults(body: str) -> list[Violation]:
    """Find the lines that are no TOML: each that fails is left out, and the rest is read again.

    A line that fails in its place and not by itself is the consequence of one before, such as a bracket that nobody
    closed: then nothing below it can be told.
    """
    lines = body.split("\n")
    faults: list[Violation] = []
    while len(faults) < _AT_MOST and (fault := _fault_in("\n".join(lines))):
        message, line = fault
        fails_by_itself = _fault_in(lines[line - 1]) is not None
        if fails_by_itself or not faults:
            faults.append(Violation(f"line {line}", SYNTAX, f"line {line}: {message}"))
        if not fails_by_itself:
            break
        lines[line - 1] = "#"
    return faults


def _fault_in(toml: str) -> tuple[str, int] | None:
    try:
        tomllib.loads(toml)
    except (ValueError, RecursionError) as error:
        return _told(str(error), toml.count("\n") + 1)
    return None


def _told(error: str, lines: int) -> tuple[str, int]:
    """Take message and line out of what tomllib says."""
    if placed := _PLACE.fullmatch(error):
        return f"{placed[1]} (column {placed[3]})", int(placed[2])
    if ended := _AT_THE_END.fullmatch(error):
        return f"{ended[1]} at the end of the text", lines
    return error, lines


def place_in(text: str, location: Location) -> str:
    """Say where in an agreement's text a value stands: its table, the line of that table's heading, its key."""
    if not location:
        return "as a whole"
    table, *rest = location
    if not (rest and isinstance(rest[0], int) and _heading_lines(text, str(table))):
        return _key_words(location)
    number = rest[0]
    lines = _heading_lines(text, str(table))
    where = f"[[{table}]] table {number + 1}"
    if number < len(lines):
        where += f" (line {lines[number]})"
    return f"{where}, {_key_words(tuple(rest[1:]))}" if rest[1:] else where


def line_of(text: str, location: Location) -> int:
    """Give the line, from 1, of a value's key; of its table's heading where the key is not there; else the header's."""
    if not location:
        return 1
    table, *rest = location
    headings = _heading_lines(text, str(table))
    if rest and isinstance(rest[0], int) and rest[0] < len(headings):
        start = headings[rest[0]]
        return _key_line(text, start, str(rest[1])) if rest[1:] else start
    return _key_line(text, 1, str(table))


def location_of(path: str) -> Location:
    """Read a violation's path, as in ``flows[1].fields[2]``, back into a location."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)
    return tuple(int(number) if number else name for number, name in parts)


def line_of_violation(text: str, violation: Violation) -> int:
    """Give the line at which a violation is to be mended."""
    if violation.rule == SYNTAX:
        return int(violation.path.removeprefix("line "))
    return line_of(text, location_of(violation.path))


def _key_line(text: str, start: int, key: str) -> int:
    """Find ``key =`` below line ``start``, before the next heading; ``start`` when it is not there."""
    named = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    for number, line in enumerate(text.split("\n")[start:], start + 1):
        if line.lstrip().startswith("[") and line.lstrip().startswith("[["):
            break
        if named.match(line):
            return number
    return start


def _key_words(location: Location) -> str:
    key, *rest = location
    return f"key {key}, value {rest[0] + 1}" if rest and isinstance(rest[0], int) else f"key {key}"


def _heading_lines(text: str, table: str) -> list[int]:
    heading = re.compile(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]")
    return [number for number, line in enumerate(text.split("\n"), 1) if heading.match(line)]
