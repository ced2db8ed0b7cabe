"""Submissions from JSON that people or programs wrote: one object, JSON lines, or an array."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from google.protobuf import json_format

from gateway.errors import Malformed
from gateway.records.templates import without_comments
from mutualrecognition.national.v1.records_service_pb2 import Submission
from mutualrecognition.records.v1.record_pb2 import Record

MESSAGE_RECORDS: Final = 500
MESSAGE_BYTES: Final = 2 * 1024 * 1024
"""Well below what one message of the national API takes (1,000 and 3 MiB)."""

SUBMISSION_KEYS: Final = frozenset({"record", "request_id", "requestId", "recipients", "priority"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A submission and the place that it comes from, as in ``line 7``."""

    place: str
    submission: Submission


def read_submissions(source: IO[str], make_request_id: Callable[[], str]) -> Iterator[Placed]:
    """Read records, or submissions with request_id, recipients and priority, in proto3 JSON.

    JSON lines are read as they come, so that a pipe is submitted while it is written. What has no request id gets one
    from ``make_request_id``.

    Raises:
        Malformed: no JSON, a key twice, or a field that a record does not have; with the place.
    """
    for place, value in read_values(source):
        if isinstance(value, Malformed):
            raise value
        yield Placed(place, _submission(place, value, make_request_id))


def in_messages(submissions: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Gather submissions into messages that the national API takes."""
    gathered: list[Placed] = []
    size = 0
    for placed in submissions:
        grown = size + placed.submission.ByteSize() + 8
        if gathered and (len(gathered) == MESSAGE_RECORDS or grown > MESSAGE_BYTES):
            yield gathered
            gathered, grown = [], placed.submission.ByteSize() + 8
        gathered.append(placed)
        size = grown
    if gathered:
        yield gathered


def read_values(source: IO[str]) -> Iterator[tuple[str, Any]]:
    """Read one JSON value, the elements of an array, or JSON lines as they come, each with its place.

    A :class:`Malformed` stands where there is no JSON, or a key twice. Comment lines of a template are read past.
    """
    first = source.readline()
    number = 1
    while first and not first.strip():
        first, number = source.readline(), number + 1
    if not first:
        return
    value = _loaded(first, f"line {number}")
    if isinstance(value, Malformed):
        yield from _whole("\n" * (number - 1) + first + source.read())
        return
    if isinstance(value, list):
        yield from _elements(value)
        return
    yield f"line {number}", value
    for line in source:
        number += 1
        if line.strip():
            yield f"line {number}", _loaded(line, f"line {number}")


def _whole(text: str) -> Iterator[tuple[str, Any]]:
    value = _loaded(without_comments(text), "the input")
    if isinstance(value, list):
        yield from _elements(value)
    else:
        yield "the input", value


def _elements(values: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"item {index}", each) for index, each in enumerate(values, 1))


def _loaded(text: str, place: str) -> Any:  # noqa: ANN401  any JSON
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RecursionError:
        return Malformed(f"In {place}: nested too deeply.")
    except ValueError as error:
        return Malformed(f"In {place}: not JSON: {error}.")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _submission(place: str, value: Any, make_request_id: Callable[[], str]) -> Submission:  # noqa: ANN401
    if not isinstance(value, dict):
        raise Malformed(f"In {place}: a record is a JSON object.")
    submission = Submission()
    try:
        if SUBMISSION_KEYS & value.keys():
            json_format.ParseDict(value, submission)
        else:
            submission.record.CopyFrom(json_format.ParseDict(value, Record()))
    except (json_format.ParseError, RecursionError) as error:
        raise Malformed(f"In {place}: {_plain(str(error))}") from None
    if not submission.request_id:
        submission.request_id = make_request_id()
    return submission


def _plain(message: str) -> str:
    """Turn protobuf's sentence into one for whoever wrote the JSON."""
    unknown = re.search(r'has no field named "([^"]+)" at "([^"]+)"', message)
    if unknown:
        return f"there is no field {unknown[1]!r} in {unknown[2].removeprefix('Submission.')}."
    return message.split("\n", 1)[0].rstrip(".") + "."
