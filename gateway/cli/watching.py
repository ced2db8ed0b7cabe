"""A watch that outlives its connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import grpc

from gateway.whole_files import write_whole

_PAUSE_SECONDS: Final = 2.0


def watch(
    begin: Callable[[Any], Any],
    request: Any,  # noqa: ANN401  one of several generated classes
    *,
    away: Callable[[str], None],
) -> Iterator[Any]:
    """Give a watch's messages one by one, for ever; ``away`` is told when the node goes away.

    ``begin`` is the service's call. It goes on after the last message that was dealt with.

    Raises:
        grpc.RpcError: the node refused, or was never there.
    """
    reached = False
    while True:
        call = begin(request)
        try:
            for heard in call:
                reached = True
                yield heard
                request.cursor = heard.cursor
                if "from_now" in request.DESCRIPTOR.fields_by_name:
                    request.from_now = False
        except grpc.RpcError as error:
            if not reached or not isinstance(error, grpc.Call) or error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            away("the node went away; trying again every 2 s, from where it stopped")
            time.sleep(_PAUSE_SECONDS)
        finally:
            call.cancel()


def follow(
    begin: Callable[[Any], Any],
    request: Any,  # noqa: ANN401  one of several generated classes
    items: str,
    *,
    resume: Path | None,
    count: int | None,
) -> Iterator[tuple[Any, str]]:
    """Give what a watch's messages carry one by one, with the cursor where a message ends, else nothing.

    The cursor is kept in ``resume`` when all that it stands for was dealt with. It ends after ``count``.
    """
    told = 0
    for heard in watch(begin, request, away=tell_away):
        carried = getattr(heard, items)
        for place, each in enumerate(carried, 1):
            is_last = place == len(carried)
            yield each, heard.cursor if is_last else ""
            if is_last:
                keep_cursor(resume, heard.cursor)
            told += 1
            if told == count:
                return
        if not carried:
            keep_cursor(resume, heard.cursor)


def tell_away(why: str) -> None:
    """Say so on standard error, beside what is piped on."""
    click.echo(f"… {why}", err=True)


def kept_cursor(resume: Path | None) -> str:
    """Read the cursor that was kept; empty where there is none."""
    return resume.read_text("ascii").strip() if resume and resume.exists() else ""


def keep_cursor(resume: Path | None, cursor: str) -> None:
    """Put the new cursor in place of the old one in one step: a crash leaves one of them."""
    if resume is None:
        return
    write_whole(resume, f"{cursor}\n".encode("ascii"))
