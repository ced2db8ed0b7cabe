"""Cuts below TCP, where nobody acknowledges: ``python -m benchmarks.cable_cuts [--rounds 5] [--way NAME]``.

Two nodes on two hosts, a router between them (``benchmarks.cable``). Each way of failing has its turn: a cable is
pulled; the router swallows what goes both ways, or one. Both ends are given records while the line is dead. It is
noticed, and back, as ``benchmarks.cuts`` counts it. At last the line becomes narrow, late and lossy where the kernel
can, and both are given records again: all must arrive, and the link must not have been taken up anew for it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from benchmarks import cable
from benchmarks.cuts import Line, report
from benchmarks.results import Say, add_record_option, telling
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes

WAYS: Final[Mapping[str, Callable[[cable.Network], None]]] = {
    "swallowed both ways": partial(cable.Network.swallow, both=True),
    "swallowed one way": partial(cable.Network.swallow, both=False),
    "cable pulled": cable.Network.pull,
}
_PEER, _NATIONAL, _OPERATIONS = 7400, 7401, 7402
_HEARTBEAT_SECONDS: Final = 5.0
_OUTAGE_SECONDS: Final = 12.0
_A_FEW: Final = 20
_SLOW_SECONDS: Final = 60


@dataclass(slots=True)
class Ends:
    """Both nodes, and how many records each was given so far."""

    homes: Sequence[nodes.Home]
    given: int = 0

    async def give(self) -> None:
        """Have both issue some records; returns when they are durable here, wherever the partner is."""
        turn = next(_turns)
        for home in self.homes:
            made = nodes.submissions(home.administration, _A_FEW)
            for each in made:
                each.request_id += f"-{turn}"
            await nodes.submit(home, made)
        self.given += _A_FEW

    async def settled(self, seconds: float) -> None:
        """Return when each holds all of the other's, with receipts; and once, in order."""
        for home, partner in zip(self.homes, reversed(self.homes), strict=True):
            await nodes.link_until(home, partner.administration, self._has_all, seconds=seconds)
        for home in self.homes:
            held = await nodes.stored(home, national.DIRECTION_RECEIVED)
            assert len({each.record.header.record_id for each in held}) == len(held) == self.given

    def _has_all(self, link: object) -> bool:
        return nodes.is_settled(link) and link.issued.size == self.given


_turns = count()


@asynccontextmanager
async def ends(place: Path, network: cable.Network) -> AsyncIterator[tuple[Ends, Line]]:
    """Run CN and NL, each on its host."""
    homes = [await asyncio.to_thread(_home, place, host) for host in network.hosts]
    await asyncio.to_thread(nodes.introduce, *homes)
    async with AsyncExitStack() as stack:
        for home, host in zip(homes, network.hosts, strict=True):
            node = nodes.NodeProcess(home, wrapper=host.wrapper, environment=_listening(host))
            stack.callback(node.kill)
            await asyncio.to_thread(node.wait_ready)
        found = [replace(home, **_reached(host)) for home, host in zip(homes, network.hosts, strict=True)]
        one, other = [await stack.enter_async_context(nodes.links_of(home)) for home in found]
        line = Line(lambda: None, network.mend, (one, other))
        await line.opened()
        yield Ends(found), line


def _home(place: Path, host: cable.Host) -> nodes.Home:
    return nodes.make_home(place, host.name, endpoints=[f"{host.address}:{_PEER}"])


def _listening(host: cable.Host) -> dict[str, str]:
    return {
        "GATEWAY_PEER__LISTEN": f"{host.address}:{_PEER}",
        "GATEWAY_NATIONAL__LISTEN": f"{host.at_home}:{_NATIONAL}",
        "GATEWAY_OPERATIONS__LISTEN": f"{host.at_home}:{_OPERATIONS}",
    }


def _reached(host: cable.Host) -> dict[str, str]:
    return {"national": f"{host.at_home}:{_NATIONAL}", "operations": f"{host.at_home}:{_OPERATIONS}"}


async def measure(place: Path, *, rounds: int, seed: int, ways: Sequence[str], say: Say) -> dict[str, Line]:
    """Let the line fail so many times in each way; then make it narrow, and say how long a few records took then."""
    chance = Random(seed)  # noqa: S311  moments to cut at
    with cable.network() as network:
        async with ends(place, network) as (both, line):
            found = {name: replace(line, cut=partial(WAYS[name], network), noticed=[], back=[]) for name in ways}
            for _ in range(rounds):
                for each in found.values():
                    await asyncio.sleep(chance.uniform(0.0, _HEARTBEAT_SECONDS))
                    failing = asyncio.create_task(each.fail(chance.uniform(0.0, _OUTAGE_SECONDS)))
                    await asyncio.sleep(1)  # so that it is given into a line that is dead
                    await both.give()
                    await failing
                    await both.settled(nodes.SECONDS)
            say(await _narrow(both, network))
        return found


async def _narrow(both: Ends, network: cable.Network) -> str:
    before = [await nodes.link_of(home, "NL" if home.administration == "CN" else "CN") for home in both.homes]
    told = network.narrow()
    began = asyncio.get_running_loop().time()
    await both.give()
    await both.settled(_SLOW_SECONDS)
    after = [await nodes.link_of(home, "NL" if home.administration == "CN" else "CN") for home in both.homes]
    assert [each.session for each in after] == [each.session for each in before], "the link was taken up anew"
    seconds = asyncio.get_running_loop().time() - began
    return f"narrow line ({told}): {_A_FEW} records each way took {seconds:.1f} s, in the same session"


def main() -> None:
    """Measure and print; fails when a mark is missed, or a record is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cable_cuts", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often the line fails in each way (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="which moments (default: 1)")
    parser.add_argument("--way", choices=WAYS, help="only this way of failing")
    add_record_option(parser)
    chosen = parser.parse_args()
    cable.move_in("benchmarks.cable_cuts")
    ways = [chosen.way] if chosen.way else list(WAYS)
    with (
        telling(f"python -m benchmarks.cable_cuts --rounds {chosen.rounds}", record=chosen.record) as say,
        tempfile.TemporaryDirectory(prefix="cable-") as place,
    ):
        report(asyncio.run(measure(Path(place), rounds=chosen.rounds, seed=chosen.seed, ways=ways, say=say)), say)


if __name__ == "__main__":
    main()
