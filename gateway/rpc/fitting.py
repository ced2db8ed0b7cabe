"""How much goes into one message to a national system: what there are many of is dealt out to several, or to pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeVar

from google.protobuf.message import Message

from gateway.rpc.life_watch import Cursor

MESSAGE_BYTES: Final = 1024 * 1024
M = TypeVar("M", bound=Message)


def portions(several: Iterable[M]) -> Iterator[list[M]]:
    """Deal messages out to portions that fit, in their order; each has one at least."""
    taken: list[M] = []
    size = 0
    for each in several:
        weight = each.ByteSize()
        if taken and size + weight > MESSAGE_BYTES:
            yield taken
            taken, size = [], 0
        taken.append(each)
        size += weight
    if taken:
        yield taken


def told_in_parts(several: Iterable[M], *, before: Cursor, reached: Cursor) -> Iterator[tuple[list[M], str]]:
    """Deal out what a watch tells, each portion with the cursor that goes with it: only the last one's moves on."""
    parts = list(portions(several))
    return ((part, str(reached if part is parts[-1] else before)) for part in parts)


def as_many_as_fit(several: Iterable[M]) -> list[M]:
    """Take messages while they fit into one answer, but one at least."""
    return next(portions(several), [])


def page_of(placed: Iterable[tuple[int, M]], *, after: int) -> tuple[Sequence[M], int]:
    """Take messages while they fit, each of which stands at a place in order, and all of one place together.

    Gives the place after which the next page begins; 0 when all are taken. What stands at the first place beyond
    ``after`` is always taken, so that every page leads on.
    """
    taken: list[M] = []
    size, place = 0, after
    for at, standing_there in groupby(placed, key=itemgetter(0)):
        several = [each for _, each in standing_there]
        weight = sum(each.ByteSize() for each in several)
        if place > after and size + weight > MESSAGE_BYTES:
            return taken, place
        taken += several
        size, place = size + weight, at
    return taken, 0
