"""Plays scenarios: each on nodes of its own, several at a time in one process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

from mock_partners.behaviours import Trace
from mock_partners.staging.acts import Acts
from mock_partners.staging.agreements import agreement_text
from mock_partners.staging.clock import StageClock
from mock_partners.staging.dressed import Dressed, Make, honest
from mock_partners.staging.homes import Homes
from mock_partners.staging.lines import Lines
from mock_partners.staging.nodes import NothingCame
from mock_partners.staging.report import Line, Report
from mock_partners.staging.script import Scenario
from mock_partners.staging.stage import Stage
from mock_partners.staging.variants import Play

AT_A_TIME: Final = 3
"""Plays under way at once: they wait for each other's disk and network more than for the processor."""

Told = Callable[[Report], None]


def _nobody(_report: Report) -> None:
    """Hear of a play, and do nothing."""


def play_all(
    plays: Sequence[Play], *, at_a_time: int = AT_A_TIME, told: Told = _nobody, make: Make = honest
) -> list[Report]:
    """Play scenarios; ``told`` hears of each as it ends. Gives the reports in the order of ``plays``.

    ``make`` may change the collaborators of the honest nodes.

    Raises:
        ScenarioInvalid: one of them cannot be played as it is written.
    """
    with tempfile.TemporaryDirectory(prefix="scenarios-", ignore_cleanup_errors=True) as directory:
        return asyncio.run(_play_all(plays, Path(directory), at_a_time, told, make))


async def play(play: Play, homes: Homes, place: Path, make: Make = honest) -> Report:
    """Play one scenario at ``place``, an empty directory.

    Raises:
        ScenarioInvalid: it cannot be played as it is written.
    """
    scenario = play.scenario
    report = Report(play.name, scenario.title, scenario.why, scenario.waits or "")
    report.behaviours = tuple(spec for part in scenario.cast.values() for spec in part.behaviours)
    began = time.monotonic()
    try:
        async with _set(scenario, homes, place, make, report.trace) as stage:
            acts = Acts(scenario, stage)
            for number, step in enumerate(scenario.steps, 1):
                report.trace.step(number - 1)
                line = await acts.carry_out(number, step)
                report.lines.append(line)
                if not line.holds:
                    break
    except NothingCame as error:
        report.lines.append(Line("setting up", "every link open", "not so", (str(error),)))
    report.seconds = time.monotonic() - began
    return report


async def _play_all(plays: Sequence[Play], place: Path, at_a_time: int, told: Told, make: Make) -> list[Report]:
    reports: dict[int, Report] = {}
    waiting = list(enumerate(plays))[::-1]

    async def lane(number: int) -> None:
        with closing(Homes(place / f"homes-{number}")) as homes:
            while waiting:
                index, each = waiting.pop()
                reports[index] = await play(each, homes, place / f"play-{index}", make)
                told(reports[index])

    lanes = [asyncio.create_task(lane(number)) for number in range(min(at_a_time, len(plays)))]
    try:
        await asyncio.gather(*lanes)
    finally:
        for each in lanes:
            each.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
    return [reports[index] for index in range(len(plays))]


@asynccontextmanager
async def _set(scenario: Scenario, homes: Homes, place: Path, make: Make, trace: Trace) -> AsyncIterator[Stage]:
    """Open every node of the cast, with every link open."""
    cast = sorted(scenario.cast)
    clock = StageClock(scenario.start)
    lines = Lines() if any(step.do in ("cut", "mend") for step in scenario.steps) else None
    dressed = [
        Dressed(homes.copy(name, place), part.behaviours, clock, trace, make, later=part.later)
        for name, part in sorted(scenario.cast.items())
    ]
    stage = Stage(dressed, clock, trace, lines=lines)
    await stage.introduce((use.parties, agreement_text(use)) for use in scenario.agreements)
    try:
        for name in cast:
            await stage.start(name)
        for name in cast:
            await stage.wait_for_links(name)
        yield stage
    finally:
        await stage.close()
