"""What one bad partner costs the others: ``python -m benchmarks.isolation [--seconds 10]``.

NL, a node as its users start it, has two partners. With CN, an honest node, it exchanges records at a steady rate, one
at a time in both directions; each is timed from its submission until the other side's national system sees it. XA is a
nuisance, a different one in each phase (``benchmarks.nuisances``). Between any two phases XA is quiet, and its link is
resumed. The first and the last phase are without any nuisance: what the machine itself does in between shows there.

The mark: CN's p99 stays within three times what it is without XA.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import grpc
from rich.console import Console

from benchmarks import nuisances
from benchmarks.figures import percentile
from gateway.cli.agreement_files import sign
from gateway.trust.agreements import parse_agreement
from gateway.trust.documents import read_document
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes

RATE: Final = 20
"""Records a second in each direction."""
MARK: Final = 3.0
WAITING_FOR_XA: Final = 3_000
"""Records that NL has for XA when the phases begin: something to be slow about."""
_SETTLE_SECONDS: Final = 1.0
_SPAWN: Final = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Phase:
    """What was seen while one nuisance lasted; times in seconds, memory in bytes."""

    name: str
    out: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    memory_before: int = 0
    memory_after: int = 0
    nuisances_records: int = 0
    last_reason: str = ""

    def p99(self) -> tuple[float, float, float]:
        """Give the three 99th percentiles in milliseconds: to CN, from CN, and of NL's answers to its clients."""
        a, b, c = (1000 * percentile(each, 99) for each in (self.out, self.back, self.answered))
        return a, b, c


@dataclass(frozen=True, slots=True)
class World:
    """NL and CN, NL's process, and who tells XA what to be."""

    nl: nodes.Home
    cn: nodes.Home
    node: nodes.NodeProcess
    orders: Connection

    def let_xa_be(self, nuisance: str) -> None:
        """Have XA be this nuisance, or none; returns when it has begun."""
        self.orders.send(nuisance)
        self.orders.recv()


def agreement_with(partner: str) -> bytes:
    """Give the shipped agreement as one between NL and this partner."""
    text = nodes.AGREEMENT.read_text("utf-8")
    return text.replace('"CN"', f'"{partner}"').replace("cn-nl-security", f"{partner.lower()}-nl-security").encode()


@contextmanager
def world_of(place: Path, batch_records: int) -> Iterator[World]:
    """Found all three, and run NL and CN; NL takes batches of so many records."""
    nl, cn = nodes.make_home(place, "NL"), nodes.make_home(place, "CN")
    xa = nodes.make_home(place, "XA", endpoints=["127.0.0.1:9"])
    nodes.introduce(cn, nl)
    text = agreement_with("XA")
    nodes.introduce(xa, nl, agreement=text)
    agreement = parse_agreement(read_document(sign(xa.path, sign(nl.path, text))).text)
    nodes.set_settings(nl, f"[links]\nbatch_records = {batch_records}")
    orders, heard = _SPAWN.Pipe()
    process = _SPAWN.Process(target=nuisances.run, args=(xa, nl, agreement, heard), daemon=True)
    process.start()
    try:
        with nodes.serving(nl, cn) as (node, _):
            yield World(nl, cn, node, orders)
    finally:
        process.kill()


def samples(issuer: str, count: int, agreement: str, first: int) -> list[national.Submission]:
    """Give submissions that nobody has made before in this run."""
    made = nodes.submissions(issuer, count, seed=first)
    for number, each in enumerate(made):
        each.request_id = f"{agreement}-{first}-{number}"
        each.record.header.agreement_id = agreement
    return made


async def exchange(phase: Phase, seconds: float, issuer: nodes.Home, receiver: nodes.Home, into: list[float]) -> None:
    """Submit at a steady rate, and time each until the receiver's watch has it."""
    count = int(seconds * RATE)
    given = samples(issuer.administration, count, "cn-nl-security", time.time_ns() // 1_000_000)
    wanted = national.RecordFilter(direction=national.DIRECTION_RECEIVED, partners=[issuer.administration])
    begun: dict[str, float] = {}
    seen: dict[str, float] = {}
    async with nodes.records_of(issuer) as at_issuer, nodes.records_of(receiver) as at_receiver:
        watch = at_receiver.WatchRecords(
            national.WatchRecordsRequest(from_now=True, filter=wanted), wait_for_ready=True
        )
        await watch.read()
        seeing = asyncio.create_task(_see(watch, seen, count))
        began = time.perf_counter()
        for number, each in enumerate(given):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            at = time.perf_counter()
            request = national.SubmitRecordsRequest(submissions=[each])
            answer = await at_issuer.SubmitRecords(request, timeout=nodes.SECONDS, wait_for_ready=True)
            begun[answer.results[0].record_id] = at
            if issuer.administration == "NL":
                phase.answered.append(time.perf_counter() - at)
        await asyncio.wait_for(seeing, nodes.SECONDS)
    into.extend(seen[name] - at for name, at in begun.items())


async def _see(watch: grpc.aio.UnaryStreamCall, seen: dict[str, float], count: int) -> None:
    while len(seen) < count:
        heard = await watch.read()
        now = time.perf_counter()
        seen.update((each.record.header.record_id, now) for each in heard.records)


async def measure(name: str, world: World, seconds: float) -> Phase:
    """Let CN and NL exchange while this nuisance lasts; empty: while there is none."""
    phase = Phase(name or "nobody", memory_before=_memory(world.node.pid))
    await asyncio.to_thread(world.let_xa_be, name)
    before = (await nodes.link_of(world.nl, "XA")).held.size
    await asyncio.sleep(_SETTLE_SECONDS)
    await asyncio.gather(
        exchange(phase, seconds, world.nl, world.cn, phase.out),
        exchange(phase, seconds, world.cn, world.nl, phase.back),
    )
    link = await nodes.link_of(world.nl, "XA")
    phase.nuisances_records, phase.last_reason = link.held.size - before, link.last_reason
    phase.memory_after = _memory(world.node.pid)
    await _calm(world)
    return phase


async def _calm(world: World) -> None:
    """Have XA be quiet, forgive what it did, and wait until its last session has ended."""
    await asyncio.to_thread(world.let_xa_be, "")
    async with nodes.links_of(world.nl) as links:
        await links.ResumeLink(operations.ResumeLinkRequest(partner="XA", reason="the next phase"))
    await nodes.link_until(world.nl, "XA", lambda link: link.state == operations.LINK_STATE_CLOSED)


async def run(world: World, seconds: float, names: Sequence[str], told: Console) -> list[Phase]:
    """Run all phases, one after the other."""
    await nodes.link_until(world.nl, "CN", lambda link: link.state == operations.LINK_STATE_OPEN)
    for_xa = samples("NL", WAITING_FOR_XA, "xa-nl-security", 1)
    for first in range(0, WAITING_FOR_XA, 500):
        await nodes.submit(world.nl, for_xa[first : first + 500])
    found: list[Phase] = []
    for name in ("", *names, ""):
        found.append(await measure(name, world, seconds))
        told.print(_row(found[-1], found[0]))
    return found


def _row(phase: Phase, base: Phase) -> str:
    parts = [f"{phase.name:18}"]
    labels = ("to CN", "from CN", "answer")
    for label, here, there in zip(labels, phase.p99(), base.p99(), strict=True):
        parts.append(f"{label} {here:7.1f} ms ({here / there:4.1f})")
    grown = (phase.memory_after - phase.memory_before) / 2**20
    parts.append(f"memory {phase.memory_after / 2**20:5.0f} MiB ({grown:+.0f})")
    parts.append(f"{phase.nuisances_records:,} records of XA {phase.last_reason}")
    return "  ".join(parts)


def _memory(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    return int(pages) * resource.getpagesize()


def main() -> None:
    """Measure, and say whether the mark is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.isolation", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each phase lasts (default: 10)")
    parser.add_argument("--batch-records", type=int, default=500, help="what NL takes at most (default: 500)")
    parser.add_argument("--only", action="append", choices=sorted(nuisances.NUISANCES), help="this nuisance alone")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isolation-") as place:
        names = chosen.only or list(nuisances.NUISANCES)
        told = Console(stderr=True, highlight=False, width=200)
        with world_of(Path(place), chosen.batch_records) as world:
            phases = asyncio.run(run(world, chosen.seconds, names, told))
    base = phases[0].p99()
    worst = max(here / there for each in phases for here, there in zip(each.p99(), base, strict=True))
    print(f"{datetime.now(UTC):%Y-%m-%d}: the worst p99 is {worst:.1f} times that without a nuisance (mark {MARK:g})")


if __name__ == "__main__":
    main()
