"""The name that a caller gives its calls, so that both logs can tell of a refusal under one id.

A stranger is told nothing but a bare status (docs/protocol.md, R-TLS-06), not even under which id the refusal was
logged. So whoever dials a partner names the line, and whoever refuses logs that name. It is the caller's word: nothing
is decided by it, and anything but 32 hexadecimal digits is passed over, so that nobody writes into the other's log.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Final

KEY: Final = "mutualrecognition-call"
"""The metadata of a call that has it."""

_NAME: Final = re.compile(r"[0-9a-f]{32}")


def new_name() -> str:
    """Make a name that no other line has."""
    return uuid.uuid4().hex


def naming(name: str) -> tuple[tuple[str, str], ...]:
    """Give the metadata that says it."""
    return ((KEY, name),)


def name_in(metadata: Iterable[tuple[str, str | bytes]] | None) -> str:
    """Read the name that a call bears; empty when it has none, or more than one."""
    names = [value for key, value in metadata or () if key == KEY]
    if len(names) == 1 and isinstance(names[0], str) and _NAME.fullmatch(names[0]):
        return names[0]
    return ""
