"""How the demo tells its story: lines for people with a live table on a terminal, or JSON lines for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from rich.live import Live
from rich.table import Table
from rich.text import Text

from gateway.cli import screen
from gateway.cli.link_table import table_of
from mutualrecognition.operations.v1 import links_service_pb2 as pb

Rows = Callable[[], list[tuple[str, pb.Link]]]
_REFRESHES_A_SECOND: Final = 5


class Teller(Protocol):
    """Tells what happens, when it happens."""

    def act(self, title: str) -> None:
        """Begin a part of the story."""
        ...

    def say(self, name: str, sentence: str, *, ok: bool | None = True, **facts: object) -> None:
        """Tell one thing: good, bad, or (None) only to be known. ``facts`` are its numbers, for programs."""
        ...

    def command(self, words: str) -> None:
        """Give a command to try, in one piece so that it can be copied."""
        ...

    def links(self, rows: Rows) -> Any:  # noqa: ANN401  a context
        """Show the links while something goes on."""
        ...


class ScreenTeller:
    """For people."""

    def __init__(self) -> None:
        self._console = screen.out()
        self._began = time.monotonic()
        self._last: list[tuple[str, pb.Link]] = []

    def act(self, title: str) -> None:
        """Print a heading."""
        self._console.print()
        self._console.print(Text(title, "bold"))

    def say(self, name: str, sentence: str, *, ok: bool | None = True, **facts: object) -> None:  # noqa: ARG002
        """Print a line."""
        sign, style = {None: (" ", ""), True: (screen.TICK, "green"), False: (screen.CROSS, "red")}[ok]
        text = screen.printable(sentence)
        if not self._console.is_terminal:
            self._console.print(Text(f"{sign} {text}"))
            return
        line = Table.grid(padding=(0, 1))
        line.add_row(Text(sign, style), Text(text))
        self._console.print(line, soft_wrap=False)

    def command(self, words: str) -> None:
        """Print a command."""
        self._console.print(Text(f"  {words}", "cyan"))

    @contextmanager
    def links(self, rows: Rows) -> Iterator[None]:
        """Show a table that changes in place on a terminal; elsewhere print it once at the end."""
        if not self._console.is_terminal:
            yield
            self._console.print(self._table(rows))
            return
        with Live(
            get_renderable=lambda: self._table(rows), console=self._console, refresh_per_second=_REFRESHES_A_SECOND
        ):
            yield

    def _table(self, rows: Rows) -> Table:
        try:
            self._last = rows()
        except Exception:  # noqa: BLE001  a node that does not answer is told by the story, not by its table
            return table_of(self._last)
        return table_of(self._last)


class JsonTeller:
    """For programs: one object a line."""

    def act(self, title: str) -> None:
        """Print a heading."""
        self._print({"act": title})

    def say(self, name: str, sentence: str, *, ok: bool | None = True, **facts: object) -> None:
        """Print one thing."""
        self._print({"step": name, "ok": ok, "text": sentence, **facts})

    def command(self, words: str) -> None:
        """Print a command."""
        self._print({"command": words})

    @contextmanager
    def links(self, rows: Rows) -> Iterator[None]:
        """Print the links as they are at the end."""
        yield
        for own, link in rows():
            issued, held = link.issued, link.held
            self._print(
                {
                    "link": f"{own}-{link.partner}",
                    "state": pb.LinkState.Name(link.state),
                    "position": issued.size,
                    "delivered": issued.delivered,
                    "receipted": issued.receipted,
                    "waiting": link.waiting,
                    "received": held.size,
                }
            )

    def _print(self, value: dict[str, object]) -> None:
        print(json.dumps(value), flush=True)  # noqa: T201  what a program reads


def listed(parts: Sequence[str]) -> str:
    """Join as people do: a, b and c."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1] if parts else "") if part)
