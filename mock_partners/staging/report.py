"""How a play went: one line a step, what was expected, what came, and why it matters."""

from __future__ import annotations

from dataclasses import dataclass, field

from mock_partners.behaviours.trace import Trace


@dataclass(frozen=True, slots=True)
class Line:
    """One step. ``expected`` and ``happened`` are sentences in short; ``faults`` is empty when they agree."""

    step: str
    expected: str
    happened: str
    faults: tuple[str, ...] = ()
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether what came is what should."""
        return not self.faults


@dataclass(slots=True)
class Report:
    """One play. ``seconds`` is how long it took on this machine, ``waits`` what it leaves out so far.

    ``behaviours`` are those of the cast, ``trace`` is what was seen on the links.
    """

    name: str
    title: str
    why: str
    waits: str = ""
    seconds: float = 0.0
    lines: list[Line] = field(default_factory=list)
    behaviours: tuple[str, ...] = ()
    trace: Trace = field(default_factory=Trace)

    @property
    def holds(self) -> bool:
        """Whether every step came out as expected."""
        return all(line.holds for line in self.lines)
