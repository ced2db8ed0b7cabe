"""Times on the command line: a day or a second, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click

MOMENT: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


def posix(moment: datetime) -> int:
    """Give POSIX seconds of a time that was given without a zone: it is UTC."""
    return int(moment.replace(tzinfo=UTC).timestamp())
