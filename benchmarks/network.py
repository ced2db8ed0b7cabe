"""``python -m benchmarks.network``: how soon a network of mock partners is up, and what it takes.

Six members in one process, then 186 in two, each with six partners; both trade, and are stopped with a comparison of
every log from both its sides.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.serving import write_log
from mock_partners.network.plan import Plan, members_in
from mock_partners.network.running import opened

_MIB = 1024 * 1024


class _Status:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def phase(self, sentence: str) -> None:
        self._console.print(f"  {time.monotonic() - self._began:6.1f} s  {sentence}", style="dim")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--members", default="6,186", help="How many, one network after the other.")
@click.option("--seconds", default=30, help="How long each trades.")
@click.option("--rate", default=60.0, help="Records a second, of all members together.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(members: str, seconds: int, rate: float, json_file: Path | None) -> None:
    """Measure networks on this machine."""
    write_log(form="json", level="error")
    console = Console(stderr=True)
    found = [asyncio.run(_measure(int(each), seconds, rate, _Status(console))) for each in members.split(",")]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in found[0]:
        table.add_column(name.replace("_", " "), justify="right")
    for each in found:
        table.add_row(*map(str, each.values()))
    Console().print(table)
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


async def _measure(count: int, seconds: int, rate: float, status: _Status) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="network-", ignore_cleanup_errors=True) as place:
        topology = "mesh" if count <= 12 else "k-regular:6"
        plan = Plan(members=members_in(str(count)), place=place, topology=topology, rate=rate)
        async with opened(plan, status) as network:
            await network.trade()
            began = time.monotonic()
            memory = 0
            while time.monotonic() - began < seconds:
                await asyncio.sleep(min(5, seconds))
                memory = max(memory, (await network.look()).memory)
            verdict = await network.settle()
            done = (await network.look()).tally
    return {
        "members": count,
        "links": len(plan.pairs),
        "open_after_s": round(network.opened_in, 1),
        "records": verdict.stated,
        "decisions": done.outcomes.total(),
        "incidents": done.done["incidents"],
        "memory_mib": memory // _MIB,
        "quiet_after_s": round(verdict.seconds, 1),
        "lost": verdict.lost,
    }


main(prog_name="python -m benchmarks.network")
