"""What happened in a simulated world, in order: time, node, event. Two runs of one seed have the same history."""

from __future__ import annotations

from hashlib import sha256

import structlog


class Violation(AssertionError):
    """The world broke one of the promises."""


class History:
    """Notes events; their hash tells whether two runs were the same."""

    def __init__(self) -> None:
        self._events: list[tuple[float, str, str]] = []
        self.clock = lambda: 0.0

    def note(self, node: str, event: str) -> None:
        self._events.append((self.clock(), node, event))

    @property
    def lines(self) -> list[str]:
        return [f"{at:9.3f}  {node:<3} {event}" for at, node, event in self._events]

    def digest(self) -> str:
        return sha256("\n".join(self.lines).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self._events)


class Listening:
    """A structlog processor: what the product logs is a part of the history, and its errors are found."""

    def __init__(self, history: History, node: object) -> None:
        self._history = history
        self._node = node
        self.errors: list[str] = []

    def __call__(self, logger: object, name: str, event: dict) -> dict:  # type: ignore[type-arg]
        words = " ".join(f"{key}={value}" for key, value in sorted(event.items()) if key not in _DULL)
        self._history.note(self._node(), f"{event['event']}: {words}")  # type: ignore[operator]
        if name in {"error", "exception", "critical"} and event["event"] not in FALSE_ALARMS:
            self.errors.append(f"{event['event']}: {words}")
        raise structlog.DropEvent


FALSE_ALARMS = frozenset({"history was lost and is taken again"})
"""A Hello that arrives after the session that overtook it has ended still looks like a loss (tests/README.md). Whether
history was really lost, a node looks for itself when it starts."""

_DULL = frozenset({"event", "correlation_id", "agreements"})
