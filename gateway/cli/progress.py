"""How far something long has come, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[str, int, int], None]


@contextmanager
def progress(*, shown: bool) -> Iterator[Progress]:
    """Give a function that is told step, how much is done and of how much; on a terminal it writes one line."""
    shown = shown and sys.stderr.isatty()

    def tell(step: str, done: int, total: int) -> None:
        if shown:
            click.echo(f"\r\x1b[K  {step}: {done:,} of {total:,}", nl=False, err=True)

    try:
        yield tell
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)
