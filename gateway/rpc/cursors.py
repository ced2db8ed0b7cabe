"""Cursors and page tokens: a place in this node's order, that stays good for ever and of which nothing is kept."""

from __future__ import annotations

from typing import Any, Final, Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import Malformed
from gateway.views.deadlines import DAY_SECONDS, DAYS_AT_MOST, day_keys

PAGE_DEFAULT: Final = 100
PAGE_AT_MOST: Final = 1000
LAST_SEQUENCE: Final = 2**63 - 1


def sequence_of(token: str, what: str) -> int:
    """Read a cursor or a page token; 0 for an empty one. ``what`` names it in the error.

    Raises:
        Malformed: it is none that a node gives out.
    """
    if not token:
        return 0
    if not (token.isascii() and token.isdigit() and len(token) < 20 and int(token) <= LAST_SEQUENCE):
        raise Malformed(f"This {what} is none that this node gave out.")
    return int(token)


def place_of(cursor: str, newest: int) -> int:
    """Read a watch's cursor; 0 for an empty one. ``newest`` is how far this node has come.

    Raises:
        Malformed: it is none that this node gives out, or not before its store was restored from an earlier copy: what
            is stored from here on under the numbers in between, the watch would pass over.
    """
    place = sequence_of(cursor, "cursor")
    if place > newest:
        raise Malformed(
            "This cursor is beyond all that this node has stored: it is another node's, or the store was restored from "
            "an earlier copy. Begin without a cursor, and pass over what is known already."
        )
    return place


def page_limit(page_size: int) -> int:
    """Give how many a page may have.

    Raises:
        Malformed: it asks for more than any page has, or for fewer than none.
    """
    if not 0 <= page_size <= PAGE_AT_MOST:
        raise Malformed(f"page_size is 1 to {PAGE_AT_MOST}, or 0 for {PAGE_DEFAULT}.")
    return page_size or PAGE_DEFAULT


class DueStretch(Protocol):
    """A request for what falls due in a stretch of time."""

    @property
    def due_from(self) -> Timestamp:
        """From when."""
        ...

    @property
    def due_until(self) -> Timestamp:
        """Until when."""
        ...

    def HasField(self, field_name: Any) -> bool:  # noqa: ANN401, N802  as generated classes have it
        """Tell whether a field is there."""
        ...


def due_days(request: DueStretch) -> frozenset[str]:
    """Give the keys of the days that are asked for; none when nothing is said of days.

    Raises:
        Malformed: one end is missing, or they lie too far apart or the wrong way round.
    """
    if not (request.HasField("due_from") or request.HasField("due_until")):
        return frozenset()
    first, last = request.due_from.seconds, request.due_until.seconds
    together = request.HasField("due_from") and request.HasField("due_until")
    if not together or not 0 <= last - first <= DAYS_AT_MOST * DAY_SECONDS:
        raise Malformed(f"Give due_from and due_until, the earlier first, at most {DAYS_AT_MOST} days apart.")
    return day_keys(first, last)
