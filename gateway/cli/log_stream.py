"""Where the log goes: a place that may have no room. Lines are lost then and counted, and the node goes on.

The disk on which a supervisor keeps the log is often that of the store: when it is full, a link that ended because it
could not say so would be a second outage.
"""

from __future__ import annotations

import json
import os
from typing import TextIO


class LogStream:
    """Text for a file descriptor, each flush one write; what cannot be written is told when something can be again."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held = ""
        self._lost = 0
        self._torn = False

    def write(self, text: str) -> int:
        """Hold it until ``flush``."""
        self._held += text
        return len(text)

    def flush(self) -> None:
        """Write what is held, or lose it."""
        held, self._held = self._held, ""
        told = f"{json.dumps({'event': 'log lines were lost', 'lost': self._lost, 'level': 'error'})}\n"
        data = f"{chr(10) if self._torn else ''}{told if self._lost else ''}{held}".encode()
        try:
            written = os.write(self._descriptor, data)
        except OSError:
            self._lost += 1
            return
        self._torn = written < len(data)
        self._lost = self._lost + 1 if self._torn else 0


def stream_for(file: TextIO) -> TextIO | LogStream:
    """Give the stream to the file's descriptor, or the file itself where it has none."""
    try:
        return LogStream(file.fileno())
    except OSError:
        return file
