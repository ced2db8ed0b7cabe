"""What was seen on the links: who, when, which way, what kind of message, and a few facts; reports draw it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.linklog.checkpoints import parse_checkpoint
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.rpc.link_ends import Between, LinkEnds
from mutualrecognition.federation.v1.link_pb2 import LinkFrame

_MOST: Final = 50_000
"""Events kept; of a longer run the oldest are dropped."""


class Way(StrEnum):
    """Which way a message went at the end that saw it."""

    OUT = "out"
    IN = "in"
    BEGIN = "begin"
    END = "end"
    DEED = "deed"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that one end saw. ``at`` is seconds since the trace began; ``behaviour`` marks what was not honest.

    ``kind`` is that of the frame; a deed is no message: something that a node or an operator did.
    """

    at: float
    seen_by: str
    partner: str
    way: Way
    kind: str
    facts: str = ""
    behaviour: str = ""


class Trace:
    """Collects events of any number of nodes in one process."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._events: deque[Event] = deque(maxlen=_MOST)
        self._marked: dict[int, tuple[LinkFrame, str]] = {}  # with the frame, so that its id stays its own

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that was seen, in order."""
        return tuple(self._events)

    def mark(self, frame: LinkFrame, behaviour: str) -> LinkFrame:
        """Say that a frame which is about to go out is not what an honest node would send now; gives it back."""
        self._marked[id(frame)] = (frame, behaviour)
        return frame

    def deed(self, seen_by: str, what: str, *, partner: str = "", behaviour: str = "") -> None:
        """Note what was done beside the frames."""
        self._add(Event(self._now(), seen_by, partner, Way.DEED, what, behaviour=behaviour))

    def step(self, number: int) -> None:
        """Note that a step of a play begins, by its number from 0 on."""
        self._add(Event(self._now(), "", "", Way.STEP, str(number)))

    def answer(self, seen_by: str, partner: str, what: str, behaviour: str) -> None:
        """Note what a call beside the sessions was answered."""
        self._add(Event(self._now(), seen_by, partner, Way.IN, "Answer", what, behaviour))

    def of(self, administration: str) -> Between:
        """Give what looks at the streams of a node and changes nothing."""

        def between(partner: str, ends: LinkEnds) -> LinkEnds:
            async def write(frame: LinkFrame) -> None:
                _, behaviour = self._marked.pop(id(frame), (frame, ""))
                self._note(administration, partner, Way.OUT, frame, behaviour)
                await ends.write(frame)

            async def incoming() -> AsyncIterator[LinkFrame]:
                self._add(Event(self._now(), administration, partner, Way.BEGIN, "session"))
                try:
                    async for frame in ends.incoming:
                        self._note(administration, partner, Way.IN, frame)
                        yield frame
                finally:
                    self._add(Event(self._now(), administration, partner, Way.END, "session"))

            return LinkEnds(incoming(), write)

        return between

    def _note(self, seen_by: str, partner: str, way: Way, frame: LinkFrame, behaviour: str = "") -> None:
        self._add(Event(self._now(), seen_by, partner, way, kind_of(frame), facts_of(frame), behaviour))

    def _add(self, event: Event) -> None:
        self._events.append(event)

    def _now(self) -> float:
        return time.monotonic() - self._began


def kind_of(frame: LinkFrame) -> str:
    """Name the kind of a frame as the protocol does."""
    return (frame.WhichOneof("frame") or "unknown frame").capitalize()


def facts_of(frame: LinkFrame) -> str:
    """Say in a few words what is in a frame; nothing of the content of records."""
    match frame.WhichOneof("frame"):
        case "hello":
            hello = frame.hello
            return f"issued {_size(hello.issued.checkpoint)}, held {_size(hello.held.checkpoint)}"
        case "batch":
            return _entries(frame.batch.first, len(frame.batch.entries))
        case "receipt":
            return f"up to {frame.receipt.size}"
        case "goodbye":
            return frame.goodbye.reason
    return ""


def _entries(first: int, count: int) -> str:
    if not count:
        return f"no entries, size {first}"
    return f"entry {first}" if count == 1 else f"entries {first} to {first + count - 1}"


def _size(checkpoint: bytes) -> str:
    if not checkpoint:
        return "0"
    try:
        return str(parse_checkpoint(parse_note(checkpoint, CHECKPOINT_LIMITS).text).size)
    except Exception:  # noqa: BLE001  a hostile note has no size
        return "?"
