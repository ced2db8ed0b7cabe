"""The demo from beginning to end: set up, tell, compare, clean up."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from gateway.cli.demo import proving, story
from gateway.cli.demo.declaring import declarations
from gateway.cli.demo.expectation import DIRECTORY, Expectation
from gateway.cli.demo.ledger import Ledger
from gateway.cli.demo.observing import Views
from gateway.cli.demo.processes import Answer, run
from gateway.cli.demo.story import Stage, StoryStops
from gateway.cli.demo.telling import Teller, listed
from gateway.cli.demo.world import ADMINISTRATIONS, AGREEMENTS, World

BULK_SEED: Final = "20260112"
_NEXT: Final = "Next: the same by hand in seven commands (README.md), or ./run demo --keep to look around"
_MIB: Final = 1024 * 1024

Act = tuple[str, Callable[[], None]]
_GENERATE: Final = (sys.executable, "-m", "mock_partners", "generate")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller asked for. ``programs`` replaces the program of a node, by administration.

    ``declarations`` is a CSV whose rows are sent in place of the bulk.
    """

    records: int
    declarations: Path | None
    keep: bool
    out: Path | None
    programs: Mapping[str, Sequence[str]]


def perform(teller: Teller, wishes: Wishes) -> int:
    """Play the demo; gives the exit code, 0 when nothing is wrong."""
    began = time.monotonic()
    with _stopped_by_signals(), _temporary(keep=wishes.keep) as directory, ThreadPoolExecutor(1) as pool:
        world = World(directory)
        made = None if wishes.declarations else pool.submit(_generate, directory / "bulk.jsonl", wishes.records)
        try:
            _set_up(teller, world, wishes, began)
            ledger = Ledger(Expectation([(DIRECTORY / file).read_text("utf-8") for *_, file in AGREEMENTS]))
            with Views(world.homes) as views:
                _play(Stage(teller, views, ledger), world, wishes, made)
            _finish(teller, world, wishes, ledger, time.monotonic() - began)
        finally:
            if not (wishes.keep and world.nodes):
                world.stop()
    return 1 if ledger.findings else 0


def _set_up(teller: Teller, world: World, wishes: Wishes, began: float) -> None:
    teller.act("Three administrations on this machine. All their data is made up.")
    world.found()
    teller.say(
        "founded", f"{listed(ADMINISTRATIONS)} have their keys and certificates, each from an authority of its own"
    )
    for one, other, file in AGREEMENTS:
        terms = f"{one} and {other} have compared descriptors and signed an agreement, {file}"
        teller.say("agreement", terms)
    world.serve(wishes.programs)
    ready = max(node.seconds_to_ready for node in world.nodes.values())
    pids = listed([f"{name} (process {node.process.pid})" for name, node in world.nodes.items()])
    teller.say(
        "serving",
        f"Three nodes serve after {ready:.1f} s: {pids}",
        seconds=round(ready, 2),
        processes=sorted(node.process.pid for node in world.nodes.values()),
    )
    teller.say("set-up", f"set up in {time.monotonic() - began:.1f} s", ok=None)


def _play(stage: Stage, world: World, wishes: Wishes, made: Future[Answer] | None) -> None:
    acts: tuple[Act, ...] = (
        ("Links over mutual TLS", lambda: story.links_open(stage)),
        ("Everyday records", lambda: story.everyday_records(stage)),
        ("One urgent record", lambda: story.urgent_record(stage)),
        ("What an agreement does not cover", lambda: story.refusal(stage)),
        ("What an agreement does not release", lambda: story.withheld_fields(stage)),
        _bulk_act(stage, world, wishes, made),
    )
    try:
        for title, act in acts:
            stage.teller.act(title)
            act()
    except StoryStops:
        pass
    stage.teller.act("Compared, and proven")
    story.comparison(stage)
    if not stage.ledger.findings:
        proving.prove(stage, world, world.directory / "evidence")
    if wishes.out and not stage.ledger.findings:
        count = proving.keep_bundles(stage, world, wishes.out)
        stage.teller.say("kept", f"{count} evidence bundles and roots.txt are in {wishes.out}", bundles=count)
    memory = [f"{name} {view.node().memory_bytes / _MIB:.0f} MiB" for name, view in stage.views.by_name.items()]
    stage.teller.say("memory", f"memory of the nodes now: {listed(memory)}", ok=None)


def _bulk_act(stage: Stage, world: World, wishes: Wishes, made: Future[Answer] | None) -> Act:
    file = wishes.declarations
    if file is not None:
        return (f"Import declarations from {file.name}", lambda: declarations(stage, file))
    return (f"A bulk of {wishes.records:,}", lambda: _bulk(stage, world, made))


def _bulk(stage: Stage, world: World, made: Future[Answer] | None) -> None:
    assert made is not None
    made.result()
    story.bulk(stage, world.directory / "bulk.jsonl")


def _finish(teller: Teller, world: World, wishes: Wishes, ledger: Ledger, seconds: float) -> None:
    if ledger.findings:
        teller.act("What is wrong")
        for finding in ledger.told():
            teller.say("finding", f"{finding.name} at {finding.where}: {finding.sentence}", ok=False)
    if wishes.keep:
        _tell_kept(teller, world)
    else:
        codes = world.stop()
        if any(codes.values()):
            ledger.find("STOP", listed(sorted(codes)), f"nodes did not stop as they should: exit codes {codes}")
            teller.say("stopped", f"The nodes did not stop as they should: exit codes {codes}", ok=False)
        else:
            teller.say("stopped", "All nodes stopped, everything of the demo is removed", ok=None)
    ok = not ledger.findings
    teller.act(f"Done in {seconds:.0f} s." if ok else f"Not as it should be, after {seconds:.0f} s.")
    if ok:
        teller.say("next", _NEXT, ok=None)
    teller.say("result", "nothing is wrong" if ok else f"{len(ledger.findings):,} findings", ok=ok)


def _tell_kept(teller: Teller, world: World) -> None:
    teller.act("The nodes go on")
    for name, node in world.nodes.items():
        doors = ", ".join(f"{door} {address}" for door, address in node.addresses.items())
        teller.say("kept-node", f"{name} in {node.home}, process {node.process.pid}: {doors}", ok=None)
    cn, nl = world.homes["CN"], world.homes["NL"]
    for words in (
        f"./run gateway links --home {nl} --watch",
        f"./run gateway watch --home {nl} --from-now",
        f"./run gateway submit --home {cn} docs/examples/record.json",
        f"kill {' '.join(str(node.process.pid) for node in world.nodes.values())}; rm -r {world.directory}",
    ):
        teller.command(words)


def _generate(file: Path, records: int) -> Answer:
    """Have the bulk made by the project's generator, as a program: the gateway imports no mock."""
    words = ["--count", str(records), "--seed", BULK_SEED, "--issuer", "CN", "--no-aeo", "--out", str(file)]
    return run(words, program=_GENERATE)


@contextmanager
def _temporary(*, keep: bool) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="gateway-demo-"))
    try:
        yield directory
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    if not keep:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does: with everything cleaned up."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
