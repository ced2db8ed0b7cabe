"""Serves a home as a partner that misbehaves, in a process of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

import click

from gateway import config
from gateway.cli.serving import Ready, run_node, write_log
from gateway.clocks.system import SystemClock
from mock_partners.behaviours import Own, dress, live, parse
from mock_partners.behaviours.doors import Doors


def serve_misbehaving(home: Path, specs: Sequence[str], *, as_json: bool) -> None:
    """Serve until it is stopped.

    Raises:
        SpecInvalid: a behaviour cannot be read; nothing is served then.
    """
    behaviours = [parse(each) for each in specs]
    own = Own(config.load(home), home, clock=SystemClock())
    living: set[asyncio.Task[None]] = set()

    def told(ready: Ready) -> None:
        what = f"{ready.administration} serves: {' '.join(specs)}"
        click.echo(json.dumps({"event": "ready", **asdict(ready)}) if as_json else what)
        if any(each.acts for each in behaviours):
            living.add(asyncio.get_running_loop().create_task(_live(ready)))

    async def _live(ready: Ready) -> None:
        async with AsyncExitStack() as stack:
            await live(behaviours, await Doors.open(stack, own, ready.national, ready.operations))

    write_log(form="json", level="info")
    run_node(home, told, collaborators=dress(behaviours, own))
