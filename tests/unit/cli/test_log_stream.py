"""A log whose place is full loses lines, says how many, and never fails."""

from __future__ import annotations

import json
import os
from pathlib import Path

from gateway.cli.log_stream import LogStream


def said(stream: LogStream, *lines: str) -> None:
    for line in lines:
        print(line, file=stream, flush=True)


def test_lines_that_found_no_room_are_counted(tmp_path: Path) -> None:
    place = os.open("/dev/full", os.O_WRONLY)
    stream = LogStream(place)
    said(stream, "one", "two", "three")
    file = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(file, place)
    said(stream, "four", "five")
    for each in (place, file):
        os.close(each)
    told, *rest = (tmp_path / "log").read_text("utf-8").splitlines()
    assert json.loads(told) == {"event": "log lines were lost", "lost": 3, "level": "error"}
    assert rest == ["four", "five"]


def test_a_line_that_was_torn_does_not_spoil_the_next() -> None:
    there, here = os.pipe()
    os.set_blocking(here, False)
    stream = LogStream(here)
    said(stream, "x" * 200_000)
    torn = os.read(there, 200_000)
    assert len(torn) < 200_000
    said(stream, "whole")
    assert os.read(there, 1000).decode().splitlines() == [
        "",
        '{"event": "log lines were lost", "lost": 1, "level": "error"}',
        "whole",
    ]
    for each in (there, here):
        os.close(each)
