"""How much goes into one message to a national system: what there are many of is dealt out to several, or to pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from google.protobuf.message import Message

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


def as_many_as_fit(several: Iterable[M]) -> list[M]:
    """Take messages while they fit into one answer, but one at least."""
    return next(portions(several), [])
