"""What the national systems of a network have done so far, in numbers that can be added up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

_INCIDENTS_KEPT: Final = 20


@dataclass(slots=True)
class Tally:
    """``due`` counts records released, by ``ISSUER RECEIVER``; ``outcomes`` decisions; ``done`` everything else.

    ``incidents`` are the last things that should not be, as sentences.
    """

    due: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    incidents: list[str] = field(default_factory=list)

    def incident(self, sentence: str) -> None:
        """Note something that should not be."""
        self.done["incidents"] += 1
        self.incidents = [*self.incidents, sentence][-_INCIDENTS_KEPT:]

    def add(self, other: Tally) -> None:
        """Add what others have done."""
        self.due += other.due
        self.outcomes += other.outcomes
        self.done += other.done
        self.incidents = [*self.incidents, *other.incidents][-_INCIDENTS_KEPT:]

    def to_json(self) -> dict[str, Any]:
        """Write it for another process."""
        return {
            "due": dict(self.due),
            "outcomes": dict(self.outcomes),
            "done": dict(self.done),
            "incidents": self.incidents,
        }

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Tally:
        """Read what ``to_json`` wrote."""
        return cls(Counter(given["due"]), Counter(given["outcomes"]), Counter(given["done"]), list(given["incidents"]))
