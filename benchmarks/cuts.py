"""How soon a cut is noticed, and how soon the link is back: ``python -m benchmarks.cuts [--rounds 20]``.

Links of two nodes each, one link for each way in which a line can fail: reset; silent both ways or one way, so that no
end is told anything; half open, so that one end is told. One of them is at work, the others are idle. All fail at
once, at a random moment, and each is mended at another. A cut is noticed when neither node says that the link is open;
it is back when both say so. Lines that fail below TCP: ``benchmarks.cable_cuts``.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.figures import percentile
from benchmarks.results import Say, add_record_option, telling
from gateway import config
from gateway.app import open_node
from gateway.cli.addresses import free_addresses
from gateway.cli.serving import write_log
from mock_partners.fault_proxy import FaultProxy, Faults, Silence, open_proxy
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub
from tests import nodes

NOTICED_SECONDS: Final = 15.0
BACK_SECONDS: Final = 10.0
_HEARTBEAT_SECONDS: Final = 5.0
_OUTAGE_SECONDS: Final = 12.0
_LOOK_SECONDS: Final = 0.05
_PATIENCE: Final = 150.0
_AT_ONCE: Final = 100
_PAUSE_SECONDS: Final = 0.3

Way = Callable[[FaultProxy, FaultProxy], None]


def _reset(there: FaultProxy, back: FaultProxy) -> None:
    for each in (there, back):
        each.dead = True
        each.cut()


def _silent(there: FaultProxy, back: FaultProxy) -> None:
    there.faults = back.faults = Faults(silent=Silence.BOTH)


def _one_way(there: FaultProxy, back: FaultProxy) -> None:
    there.faults, back.faults = Faults(silent=Silence.THERE), Faults(silent=Silence.BACK)


def _half_open(there: FaultProxy, back: FaultProxy) -> None:
    for each in (there, back):
        each.dead = True
        each.halve()


AT_WORK: Final = "silent both ways, at work"
WAYS: Final[Mapping[str, Way]] = {
    "reset": _reset,
    AT_WORK: _silent,
    "silent both ways": _silent,
    "silent one way": _one_way,
    "half open": _half_open,
}


def _mend(*lines: FaultProxy) -> None:
    for each in lines:
        each.dead, each.faults = False, Faults()


@dataclass(slots=True)
class Line:
    """A link of two nodes over a line that ``cut`` and ``mend`` can, and how long each round took."""

    cut: Callable[[], None]
    mend: Callable[[], None]
    ends: tuple[LinksServiceStub, LinksServiceStub]
    noticed: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)

    async def fail(self, outage: float) -> None:
        """Cut and mend it once; ``outage`` are the seconds from when it was noticed until it is mended."""
        began = time.monotonic()
        self.cut()
        await self._until(is_open=False)
        self.noticed.append(time.monotonic() - began)
        await asyncio.sleep(outage)
        began = time.monotonic()
        self.mend()
        await self.opened()
        self.back.append(time.monotonic() - began)

    async def opened(self) -> None:
        """Return when both ends say that the link is open."""
        await self._until(is_open=True)

    async def _until(self, *, is_open: bool) -> None:
        async with asyncio.timeout(_PATIENCE):
            while [await _is_open(end) for end in self.ends] != [is_open, is_open]:  # noqa: ASYNC110  they are asked
                await asyncio.sleep(_LOOK_SECONDS)


async def _is_open(end: LinksServiceStub) -> bool:
    answer = await end.ListLinks(operations.ListLinksRequest(), timeout=_PATIENCE)
    return any(link.state == operations.LINK_STATE_OPEN for link in answer.links)


@asynccontextmanager
async def line(place: Path, way: Way) -> AsyncIterator[Line]:
    """Run CN and NL in this process, each of which reaches the other over a line that can fail."""
    async with AsyncExitStack() as stack:
        homes, lines = [], []
        ports = free_addresses(2)
        for name, port in zip(("CN", "NL"), ports, strict=True):
            homes.append(await asyncio.to_thread(nodes.make_home, place, name, endpoints=[port]))
            lines.append((await stack.enter_async_context(open_proxy(port, homes[-1].peer, Faults())))[0])
        await asyncio.to_thread(nodes.introduce, *homes)
        for home in homes:
            await stack.enter_async_context(open_node(config.load(home.path), home.path))
        ends = [await stack.enter_async_context(nodes.links_of(home)) for home in homes]
        if place.name == AT_WORK:
            for home in homes:
                working = asyncio.create_task(_work(home))
                stack.callback(working.cancel)
        found = Line(partial(way, *lines), partial(_mend, *lines), (ends[0], ends[1]))
        await found.opened()
        yield found


async def _work(home: nodes.Home) -> None:
    """Submit steadily, so much that the transport's windows are full soon after a line has fallen silent."""
    for turn in count():
        made = nodes.submissions(home.administration, _AT_ONCE)
        for each in made:
            each.request_id += f"-{turn}"
        await nodes.submit(home, made)
        await asyncio.sleep(_PAUSE_SECONDS)


async def measure(place: Path, *, rounds: int, seed: int, ways: Mapping[str, Way] = WAYS) -> dict[str, Line]:
    """Let all lines fail so many times."""
    chance = Random(seed)  # noqa: S311  moments to cut at
    async with AsyncExitStack() as stack:
        found = {name: await stack.enter_async_context(line(place / name, way)) for name, way in ways.items()}
        for _ in range(rounds):
            await asyncio.sleep(chance.uniform(0.0, _HEARTBEAT_SECONDS))
            await asyncio.gather(*(each.fail(chance.uniform(0.0, _OUTAGE_SECONDS)) for each in found.values()))
        return found


def main() -> None:
    """Measure and print; fails when a mark is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuts", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="how often each line fails (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="which moments (default: 1)")
    add_record_option(parser)
    chosen = parser.parse_args()
    write_log(form="json", level="error")
    with (
        telling(f"python -m benchmarks.cuts --rounds {chosen.rounds}", record=chosen.record) as say,
        tempfile.TemporaryDirectory(prefix="cuts-") as place,
    ):
        report(asyncio.run(measure(Path(place), rounds=chosen.rounds, seed=chosen.seed)), say)


def report(found: Mapping[str, Line], say: Say) -> None:
    """Say how each line did; exits when a mark is missed."""
    for name, each in found.items():
        say(f"{name}: noticed after {_spread(each.noticed)}; back {_spread(each.back)} after it was mended")
    worst = max(max(each.noticed) for each in found.values()), max(max(each.back) for each in found.values())
    if worst[0] > NOTICED_SECONDS or worst[1] > BACK_SECONDS:
        raise SystemExit(f"marks missed: {NOTICED_SECONDS:g} s until noticed, {BACK_SECONDS:g} s until back")


def _spread(seconds: list[float]) -> str:
    return f"{percentile(seconds, 50):.1f} s (median), {max(seconds):.1f} s (worst)"


if __name__ == "__main__":
    main()
