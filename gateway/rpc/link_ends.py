"""Both ends of a stream as a session has them: the frames that come in, and the way for those that go out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from mutualrecognition.federation.v1.link_pb2 import LinkFrame

Write = Callable[[LinkFrame], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LinkEnds:
    """One stream of one link, whichever side dialled it."""

    incoming: AsyncIterator[LinkFrame]
    write: Write


Between = Callable[[str, LinkEnds], LinkEnds]
"""What stands between the session with a partner and the stream: it may look at every frame, hold it, or change it."""


def nothing_between(partner: str, ends: LinkEnds) -> LinkEnds:  # noqa: ARG001  as whatever stands there
    """Give a session the stream itself."""
    return ends
