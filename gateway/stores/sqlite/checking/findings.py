"""What a check may find, and what can safely be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Repair(StrEnum):
    """The safe way out of a finding; nothing but the first two can be done without another copy."""

    VIEWS = "VIEWS"
    """The view index is filed anew from the records: ``gateway fsck --repair``."""
    TREE = "TREE"
    """Inner nodes or peaks are computed anew from the entries: ``gateway fsck --repair``."""
    PARTNER = "PARTNER"
    """The partner holds it: ``gateway recover --from-partner``."""
    COPY = "COPY"
    """Only a backup has it: ``gateway restore``."""
    DISK = "DISK"
    """The disk does not give it back: another disk first, then a backup."""
    PEOPLE = "PEOPLE"
    """Somebody must look: nothing was lost by itself, or nobody can tell."""


ADVICE: Final = {
    Repair.VIEWS: "'gateway fsck --repair' files all records anew; nothing is lost.",
    Repair.TREE: "'gateway fsck --repair' computes it anew from the entries; nothing is lost.",
    Repair.PARTNER: "The partner holds it: 'gateway recover --from-partner' fetches it back.",
    Repair.COPY: "Restore the newest backup ('gateway restore'), then recover from each partner.",
    Repair.DISK: (
        "The system's log says more of the disk. Stop the node, and restore the newest backup on another disk"
        " ('gateway restore'), then recover from each partner."
    ),
    Repair.PEOPLE: "Keep a copy of the store as it is, and find out who or what wrote this.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: ``place`` names log, entry or row, ``sentence`` says what is wrong there."""

    place: str
    sentence: str
    repair: Repair

    @property
    def advice(self) -> str:
        """What may be done about it."""
        return ADVICE[self.repair]


class Findings:
    """Collects what one step finds; of many alike the first are kept, and all are counted."""

    KEPT: Final = 50

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.count = 0

    def add(self, place: str, sentence: str, repair: Repair) -> None:
        """Note one more."""
        self.count += 1
        if len(self.kept) < self.KEPT:
            self.kept.append(Finding(place, sentence, repair))

    @property
    def of_the_disk(self) -> bool:
        """Whether the disk was found at fault."""
        return any(each.repair is Repair.DISK for each in self.kept)


Tell = Callable[[str, str, Repair], None]
"""``Findings.add``: place, sentence, repair."""
