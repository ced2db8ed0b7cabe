"""What the system says of another process, and of the processors that all of them share."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_MICROSECONDS: Final = 10**6


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds on a processor and bytes written, both from the beginning on; bytes resident now."""

    cpu: float
    written: int
    memory: int


def use_of(pid: int) -> Use:
    """Read what a process has used by now, all its threads together."""
    place = Path(f"/proc/{pid}")
    fields = (place / "stat").read_text("ascii").rpartition(")")[2].split()
    written = next(line for line in (place / "io").read_text("ascii").splitlines() if line.startswith("wchar"))
    pages = int((place / "statm").read_text("ascii").split()[1])
    return Use(
        cpu=(int(fields[11]) + int(fields[12])) / _TICKS,
        written=int(written.split()[1]),
        memory=pages * resource.getpagesize(),
    )


def seconds_waited() -> float:
    """Give for how long, by now, anybody on this machine was ready to run and got no processor; 0: it does not tell."""
    try:
        some = Path("/proc/pressure/cpu").read_text("ascii").splitlines()[0]
    except OSError:
        return 0.0
    return int(some.rpartition("=")[2]) / _MICROSECONDS
