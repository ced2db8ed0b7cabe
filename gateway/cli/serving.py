"""Running a node in this process until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, cast

import structlog

from gateway import app, config
from gateway.cli.log_stream import stream_for

SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep Python's lock while another waits. The writer of the store needs it after every step of
SQLite; with the usual 5 ms a busy event loop starves it, and with it every link."""

_GARBAGE_BEFORE_COLLECTION: Final = 50_000
"""Containers made and not yet gone: a few MiB."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A node that serves: its addresses as the configuration has them, with the ports that it got."""

    administration: str
    peer: str | None
    national: str
    operations: str


def run_node(home: Path, told: Callable[[Ready], None], *, collaborators: app.Collaborators | None = None) -> None:
    """Serve until SIGTERM or SIGINT; then drain the links and close the store."""
    sys.setswitchinterval(SWITCH_SECONDS)
    asyncio.run(_serve(home, told, collaborators or app.Collaborators()))


def write_log(*, form: str, level: str) -> None:
    """Send the log to standard error, as JSON lines or in words."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if form == "json" else _unchanged,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", stream_for(sys.stderr))),
        cache_logger_on_first_use=True,
    )


async def _serve(home: Path, told: Callable[[Ready], None], collaborators: app.Collaborators) -> None:
    settings = config.load(home)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    async with app.open_node(settings, home, collaborators=collaborators) as node:
        collect_rarely()
        told(
            Ready(
                node.administration,
                _with_port(settings.peer.listen, node.peer_port),
                _with_port(settings.national.listen, node.national_port) or "",
                _with_port(settings.operations.listen, node.operations_port) or "",
            )
        )
        await stop.wait()


def collect_rarely() -> None:
    """Spare the collector what lives as long as the node, and the batches that are under way.

    Records form no cycles. With Python's usual threshold the collector looks at them several times a batch, in vain.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_BEFORE_COLLECTION)


def _with_port(listen: str | None, port: int | None) -> str | None:
    return f"{listen.rpartition(':')[0]}:{port}" if listen and port else None


def _unchanged(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return event
