"""Behaviours as they are written, when they are on, and how several go together."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.rpc.link_ends import LinkEnds
from mock_partners.behaviours import Own, SpecInvalid, Trace, dress, parse
from mock_partners.behaviours.spec import read_spec
from mutualrecognition.federation.v1.link_pb2 import Batch, Goodbye, Hello, LinkFrame, Receipt


class Clock:
    """A clock that a test sets."""

    seconds = 100.0

    def now(self) -> int:
        return 1_800_000_000

    def monotonic(self) -> float:
        return self.seconds


@dataclasses.dataclass
class Config:
    """What a behaviour asks of a node's settings before it has signed anything."""

    administration: str = "XA"
    domain: str = "customs.xa.example"


def own(clock: Clock, trace: Trace | None = None) -> Own:
    return Own(Config(), Path("nowhere"), clock=clock, trace=trace)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "given", "begins", "ends"),
    [
        ("late", "late", {}, 0, float("inf")),
        ("late:by=200ms", "late", {"by": "200ms"}, 0, float("inf")),
        ("fork@30s", "fork", {}, 30, float("inf")),
        ("flood:rate=500@10s-1m", "flood", {"rate": "500"}, 10, 60),
        ("drifting-clock:by=-10m@1h-2h", "drifting-clock", {"by": "-10m"}, 3600, 7200),
    ],
)
def test_a_spec_is_name_values_and_schedule(
    text: str, name: str, given: dict[str, str], begins: float, ends: float
) -> None:
    spec = read_spec(text)
    assert (spec.name, spec.given, spec.schedule.begins, spec.schedule.ends) == (name, given, begins, ends)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Late", "is not NAME"),
        ("lazy", "There is no behaviour 'lazy'"),
        ("late:by", "'by' in 'late:by' is not key=value"),
        ("late:for=5s", "late has no value 'for'; it has: by"),
        ("late:by=soon", "'soon' is not a span of time"),
        ("fork@soon", "'soon' is not a span of time"),
        ("fork@30s-10s", "ends before it begins"),
        ("flood:rate=none", "'none' is not a number from 1 on"),
        ("newer-schema:records=all", "'all' is none of field, value, kind"),
    ],
)
def test_what_is_none_is_told_in_words(text: str, told: str) -> None:
    with pytest.raises(SpecInvalid, match=told.replace("[", r"\[")):
        parse(text)


def test_it_is_on_as_scheduled_and_as_switched() -> None:
    clock, behaviour = Clock(), parse("drifting-clock@10s-20s")
    worn = dress([behaviour], own(clock))
    wrong = worn.clock(clock)
    seen = []
    for clock.seconds in (109.0, 110.0, 119.0, 120.0):
        seen.append(wrong.now() - clock.now())
    assert seen == [0, 600, 600, 0]
    clock.seconds = 115.0
    behaviour.end()
    assert not behaviour.on
    behaviour.begin()
    assert behaviour.on


async def test_several_go_together_and_the_trace_marks_what_is_not_honest() -> None:
    sent: list[LinkFrame] = []
    trace = Trace()

    async def write(frame: LinkFrame) -> None:
        sent.append(frame)

    async def heard() -> AsyncIterator[LinkFrame]:
        yield LinkFrame(hello=Hello())

    worn = dress([parse("duplicating"), parse("withhold-receipts")], own(Clock(), trace))
    ends = worn.between("NL", LinkEnds(heard(), write))
    assert [frame.WhichOneof("frame") async for frame in ends.incoming] == ["hello"]
    for frame in (LinkFrame(batch=Batch(first=7)), LinkFrame(receipt=Receipt(size=1)), LinkFrame(goodbye=Goodbye())):
        await ends.write(frame)
    assert [frame.WhichOneof("frame") for frame in sent] == ["batch", "batch", "goodbye"]
    out = [(each.kind, each.behaviour) for each in trace.events if each.way == "out"]
    assert out == [("Batch", ""), ("Batch", "duplicating"), ("Goodbye", "")]
    assert [each.kind for each in trace.events if each.way == "deed"] == ["no receipt for 1"]


async def test_an_honest_node_is_traced_and_otherwise_as_it_was() -> None:
    sent: list[LinkFrame] = []

    async def write(frame: LinkFrame) -> None:
        sent.append(frame)

    async def heard() -> AsyncIterator[LinkFrame]:
        yield LinkFrame(hello=Hello())

    trace, frame = Trace(), LinkFrame(batch=Batch(first=7))
    ends = dress([], own(Clock(), trace)).between("NL", LinkEnds(heard(), write))
    await ends.write(frame)
    assert sent == [frame]
    assert sent[0] is frame
    assert [(each.seen_by, each.partner, each.kind, each.facts) for each in trace.events] == [
        ("XA", "NL", "Batch", "no entries, size 7")
    ]
