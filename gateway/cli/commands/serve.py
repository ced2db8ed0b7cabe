"""``gateway serve``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.framing import GatewayCommand, json_option

if TYPE_CHECKING:
    from gateway.cli.serving import Ready

_LOOK_SECONDS: Final = 0.2


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway serve nl
  gateway serve nl cn                      two nodes, each in a process of its own
  GATEWAY_HOME=nl gateway serve --log-level warning --json

It stops on SIGTERM or Ctrl-C: no new calls, links drained, then the store. The log goes to standard error.""",
)
@click.argument(
    "homes", nargs=-1, required=True, metavar="HOME...", envvar="GATEWAY_HOME", type=click.Path(path_type=Path)
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What is logged.",
)
@click.option("--log-form", type=click.Choice(["json", "words"]), help="Words on a terminal, else JSON lines.")
@json_option
def command(homes: tuple[Path, ...], log_level: str, log_form: str | None, *, as_json: bool) -> None:
    """Run the node at HOME; with several, each in a process of its own."""
    if len(homes) > 1:
        raise SystemExit(_run_each(homes, log_level, log_form, as_json=as_json))
    from gateway.cli.serving import run_node, write_log

    write_log(form=log_form or ("words" if sys.stderr.isatty() else "json"), level=log_level)
    run_node(homes[0], lambda ready: _tell(ready, as_json=as_json))


def _tell(ready: Ready, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": "ready", **asdict(ready)}))
    else:
        doors = (
            f"partners {ready.peer or 'none, it only dials'}",
            f"national systems {ready.national}",
            f"operator {ready.operations}",
        )
        click.echo(f"✓ {ready.administration} serves: {' · '.join(doors)}")
    sys.stdout.flush()


def _run_each(homes: tuple[Path, ...], log_level: str, log_form: str | None, *, as_json: bool) -> int:
    """Start a process for each home and wait; when one ends, all are told to."""
    options = [
        "--log-level",
        log_level,
        *(["--log-form", log_form] if log_form else []),
        *(["--json"] if as_json else []),
    ]
    nodes = [
        subprocess.Popen(  # noqa: S603  ourselves; a session of its own, so that Ctrl-C reaches each node once
            [sys.executable, "-P", "-m", "gateway", "serve", *options, str(home)], start_new_session=True
        )
        for home in homes
    ]
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    while not stopping.is_set() and all(node.poll() is None for node in nodes):
        stopping.wait(_LOOK_SECONDS)
    for node in nodes:
        if node.poll() is None:
            node.terminate()
    return max(abs(node.wait()) for node in nodes)
