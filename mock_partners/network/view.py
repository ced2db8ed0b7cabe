"""What people see of a network that runs: a table that changes in place on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gateway.cli.screen import CROSS, TICK, printable
from mock_partners.network.crew import Seen
from mock_partners.network.running import Verdict
from mutualrecognition.operations.v1 import links_service_pb2 as operations

_MIB: Final = 1024 * 1024
_INCIDENTS: Final = 5
_MISSING: Final = 10
_DOINGS: Final = ("vessels", "requests", "requests answered", "alerts", "alerts acknowledged", "recalls")


class ScreenView:
    """Tells of one network on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._live: Live | None = None
        self._last: Seen | None = None
        self._told_incidents = 0
        self._told: set[str] = set()

    def phase(self, sentence: str) -> None:
        """Tell what goes on now."""
        self._console.print(Text(f"{self._clock()}  {sentence}", "dim"))

    @property
    def is_live(self) -> bool:
        """Whether a table changes in place."""
        return self._console.is_terminal

    def members(self, described: Sequence[Mapping[str, Any]], shown: int) -> None:
        """Tell where the first members are called, and which file has all of them."""
        for each in described[:shown]:
            doors = f"partners {each['peer']} · national systems {each['national']} · operator {each['operations']}"
            self._console.print(f"{TICK} {each['member']} serves: {doors} · HOME {each['home']}")
        if (more := len(described) - shown) > 0:
            self._console.print(f"and {more} more")
        place = Path(described[0]["home"]).parent
        self._console.print(
            f"Credentials: client.pem, client.key and ca.pem in HOME/clients/local; all in {place / 'network.json'}"
        )

    def commands(self, commands: Sequence[str]) -> None:
        """Give commands to try in another terminal, each in one piece so that it can be copied."""
        self._console.print("To try in another terminal:")
        for each in commands:
            self._console.print(Text(f"  {each}", "cyan"))

    @contextmanager
    def live(self) -> Iterator[None]:
        """Let ``show`` change one table in place, where there is a terminal."""
        if not self._console.is_terminal:
            yield
            return
        with Live(console=self._console, auto_refresh=False) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def show(self, seen: Seen) -> None:
        """Show the network as it is."""
        facts = dict(self._facts(seen))
        self._last = seen
        if self._live is not None:
            self._live.update(_table(facts, seen), refresh=True)
            return
        line = " · ".join(f"{name} {value}" for name, value in facts.items() if value)
        self._console.print(f"{self._clock()}  {line}")
        for each in (*_new(seen, self._told_incidents), *(each for each in seen.suspended if each not in self._told)):
            self._console.print(f"{self._clock()}  {CROSS} {printable(each)}")
        self._told |= set(seen.suspended)
        self._told_incidents = seen.tally.done["incidents"]

    def verdict(self, verdict: Verdict) -> None:
        """Tell how it ended."""
        for each in verdict.hanging[:_MISSING]:
            self._console.print(Text(f"  with a member that misbehaves, {each}", "yellow"))
        unanswered = f", {verdict.unanswered} requests or alerts unanswered" if verdict.unanswered else ""
        if verdict.holds:
            sentence = f"{TICK} {verdict.stated:,} records stated, all arrived and signed for, 0 lost{unanswered}"
            self._console.print(Text(f"{sentence}  (quiet after {verdict.seconds:.1f} s)", "green"))
            return
        sentence = f"{CROSS} {verdict.stated:,} records stated, {verdict.lost:,} have not arrived{unanswered}"
        self._console.print(Text(sentence, "red"))
        for each in verdict.missing[:_MISSING]:
            self._console.print(f"  {each}")
        if (more := len(verdict.missing) - _MISSING) > 0:
            self._console.print(f"  and {more} logs more")

    def _facts(self, seen: Seen) -> Iterator[tuple[str, str]]:
        links = [link for rows in seen.links.values() for link in rows]
        up = sum(link.state == operations.LINK_STATE_OPEN for link in links) // 2
        logs = seen.directions
        held = sum(each.held for each in logs)
        before = self._last
        rate = 0.0
        if before is not None and seen.at > before.at:
            rate = (held - sum(each.held for each in before.directions)) / (seen.at - before.at)
        yield "links", f"{up:,}/{len(links) // 2:,}"
        yield "records", f"{sum(each.stated for each in logs):,}"
        yield "arrived", f"{held:,} ({rate:,.0f}/s)"
        yield "signed for", f"{sum(each.receipted for each in logs):,}"
        yield "lag", f"{_lag(links)} s"
        outcomes = seen.tally.outcomes
        by_outcome = ", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items()))
        yield "decisions", f"{outcomes.total():,}" + (f" ({by_outcome})" if by_outcome else "")
        for name in _DOINGS:
            yield name, f"{seen.tally.done[name]:,}"
        late = seen.tally.done["vessels decided late"]
        yield "vessels decided late", f"{late:,}" if late else ""
        yield "incidents", f"{seen.tally.done['incidents'] + len(seen.suspended):,}"
        yield "memory", f"{seen.memory // _MIB:,} MiB"

    def _clock(self) -> str:
        seconds = int(time.monotonic() - self._began)
        return f"{seconds // 60:02}:{seconds % 60:02}"


def _table(facts: dict[str, str], seen: Seen) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value:
            table.add_row(Text(name, "dim"), value)
    for each in (*seen.suspended[-_INCIDENTS:], *seen.tally.incidents[-_INCIDENTS:]):
        table.add_row(Text(CROSS, "red"), printable(each))
    return table


def _new(seen: Seen, told: int) -> list[str]:
    count = seen.tally.done["incidents"] - told
    return seen.tally.incidents[-count:] if count > 0 else []


def _lag(links: list[operations.Link]) -> int:
    oldest = [link.oldest_unreceipted.seconds for link in links if link.HasField("oldest_unreceipted")]
    return max(0, int(time.time()) - min(oldest)) if oldest else 0
