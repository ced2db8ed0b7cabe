"""Deadlines as keys of the view index, so that what falls due is looked up and nobody goes through everything.

A record with a deadline is filed under the minute and under the day in which it falls. A short stretch of time is read
by its minutes, a long one by its days; what is found is compared with the deadline itself.
"""

from __future__ import annotations

from typing import Final

from mutualrecognition.records.v1.record_pb2 import Record

_MINUTE: Final = 60
DAY_SECONDS: Final = 86_400
_BY_MINUTES: Final = 7_200
"""The longest stretch that is read by its minutes, in seconds."""
DAYS_AT_MOST: Final = 800
"""Days that are looked through at once; a longer stretch is cut at its end."""

_FIELDS: Final = {
    "control_request": ("respond_by", "vessel_cutoff"),
    "screening_request": ("respond_by",),
    "information_request": ("respond_by",),
    "alert": ("ack_required_by",),
    "recall": ("ack_required_by",),
}


def deadlines(record: Record) -> tuple[int, ...]:
    """Give the deadlines that a record sets, POSIX seconds."""
    kind = record.WhichOneof("body") or ""
    body = getattr(record, kind) if kind in _FIELDS else None
    return tuple(getattr(body, name).seconds for name in _FIELDS.get(kind, ()) if body.HasField(name))  # type: ignore[union-attr]


def deadline_keys(record: Record) -> frozenset[str]:
    """Give the keys under which a record is found by its deadlines."""
    found = deadlines(record)
    minutes, days = {at // _MINUTE for at in found}, {at // DAY_SECONDS for at in found}
    return frozenset([*map(_minute_key, minutes), *map(_day_key, days)])


def keys_between(after: int, until: int) -> frozenset[str]:
    """Give keys under which every record with a deadline beyond ``after``, up to ``until``, is found."""
    if until <= after:
        return frozenset()
    if until - after <= _BY_MINUTES:
        return frozenset(map(_minute_key, range((after + 1) // _MINUTE, until // _MINUTE + 1)))
    return day_keys(after + 1, until)


def day_keys(first: int, last: int) -> frozenset[str]:
    """Give the keys of the days from one moment to another."""
    begin = first // DAY_SECONDS
    return frozenset(map(_day_key, range(begin, min(last // DAY_SECONDS + 1, begin + DAYS_AT_MOST))))


def _minute_key(number: int) -> str:
    return f"due-minute:{number}"


def _day_key(number: int) -> str:
    return f"due-day:{number}"
