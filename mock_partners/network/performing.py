"""One network from its plan to its verdict, told on the way; ended by time, by itself or by a signal."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from mock_partners.network.account import account_of
from mock_partners.network.plan import Plan
from mock_partners.network.running import Network, opened, pause_of
from mock_partners.network.view import ScreenView
from mock_partners.staging.homes import Home
from mock_partners.staging.report import Report

MEMBERS_SHOWN: Final = 12
_PLAIN_SECONDS: Final = 5.0
_LIVE_SECONDS: Final = 0.5


async def perform(plan: Plan, view: ScreenView, *, lasts: int | None, until_quiet: bool) -> Report:
    """Run the network, and give an account of it.

    Raises:
        CrewFailed: a process of it cannot go on.
    """
    async with stop_signals() as stop, opened(plan, view) as network:
        view.phase(f"every link is open, after {network.opened_in:.1f} s")
        view.members(_described(plan), MEMBERS_SHOWN)
        view.commands(_commands(plan))
        await network.trade()
        ends = time.monotonic() + lasts if lasts else None
        with view.live():
            await _watch(network, view, stop, ends, until_quiet=until_quiet and not lasts)
        view.phase("no vessel departs any more; what is under way is waited for")
        verdict = await network.settle()
        seen = await network.look()
        view.show(seen)
        view.verdict(verdict)
        spent = time.monotonic() - network.began
        account = account_of(plan, seen, verdict, trace=network.crew.trace, seconds=spent)
    view.phase("every node is closed")
    return account


async def _watch(
    network: Network, view: ScreenView, stop: asyncio.Event, ends: float | None, *, until_quiet: bool
) -> None:
    pause = pause_of(network.plan, _LIVE_SECONDS if view.is_live else _PLAIN_SECONDS)
    while not stop.is_set():
        seen = await network.look()
        view.show(seen)
        if until_quiet and not seen.trading:
            return
        left = pause if ends is None else min(pause, ends - time.monotonic())
        if left <= 0:
            return
        try:
            await asyncio.wait_for(stop.wait(), left)
        except TimeoutError:
            continue


@asynccontextmanager
async def stop_signals() -> AsyncIterator[asyncio.Event]:
    """Give what is set by Ctrl-C or SIGTERM; a second one is Python's own and ends everything at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def told() -> None:
        stop.set()
        for each in signals:
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, told)
    try:
        yield stop
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


def _described(plan: Plan) -> list[dict[str, Any]]:
    """Describe every member, and write the same into ``network.json`` at the network's place."""
    members = []
    for member in plan.members:
        home = Home.read(plan.home(member))
        local = home.path / "clients" / "local"
        members.append(
            {
                "member": member,
                "peer": home.peer,
                "national": home.settings.national.listen,
                "operations": home.settings.operations.listen,
                "home": str(home.path),
                "authority": str(local / "ca.pem"),
                "certificate": str(local / "client.pem"),
                "key": str(local / "client.key"),
                "partners": plan.partners[member],
            }
        )
    (Path(plan.place) / "network.json").write_text(json.dumps({"members": members}, indent=1), "utf-8")
    return members


def _commands(plan: Plan) -> list[str]:
    first, second = plan.pairs[0]
    one, other = (shlex.quote(str(plan.home(member))) for member in (first, second))
    return [
        f"./run gateway links --home {one}",
        f"./run gateway submit --home {one} docs/examples/record.json",
        f"./run gateway watch --home {other} --count 5",
        f"./run gateway inbox --home {other}",
    ]
