"""What two notes show together: a contradiction, one history, or nothing that can be told from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from gateway.evidence.incidents.growth import Growth
from gateway.evidence.incidents.notes import ReadNote

Pair = tuple[int, int]
"""Two notes by their numbers, the one of the smaller size first."""


class Shows(StrEnum):
    """What a pair of notes about one subject shows. The first two are contradictions."""

    TWO_ROOTS = "TWO_ROOTS"
    """One size, or one version, with two roots."""
    NOT_ITS_BEGINNING = "NOT_ITS_BEGINNING"
    """The smaller tree is not the beginning of the larger one."""
    THE_SAME = "THE_SAME"
    """One size with one root."""
    ONE_HISTORY = "ONE_HISTORY"
    """The smaller tree is the beginning of the larger one."""
    NOT_KNOWN = "NOT_KNOWN"
    """Sizes differ, and no proof of consistency is here; the log's issuer can be asked for one."""


CONTRADICTIONS = frozenset({Shows.TWO_ROOTS, Shows.NOT_ITS_BEGINNING})


@dataclass(frozen=True, slots=True)
class Finding:
    """Two notes, what they show, and who has signed both."""

    older: ReadNote
    newer: ReadNote
    shows: Shows

    @property
    def pair(self) -> Pair:
        """The notes' numbers."""
        return (self.older.number, self.newer.number)

    @property
    def against(self) -> tuple[str, ...]:
        """Who is shown by it to have signed two histories; empty when there is no contradiction."""
        if self.shows not in CONTRADICTIONS:
            return ()
        return tuple(each for each in self.older.signers if each in self.newer.signers)

    @property
    def sentence(self) -> str:
        """Say it."""
        first, second = self.older, self.newer
        which = f"Notes {first.number} and {second.number}"
        match self.shows:
            case Shows.TWO_ROOTS:
                what = "size" if first.is_log else "version"
                told = f"state two roots for one {what}, {first.size}, of {first.subject}"
            case Shows.NOT_ITS_BEGINNING:
                told = f"contradict each other: {first.size} entries of {first.subject} do not begin its {second.size}"
            case Shows.THE_SAME:
                told = f"state the same of {first.subject}"
            case Shows.ONE_HISTORY:
                told = f"are one history of {first.subject}: {first.size} entries, then {second.size}"
            case Shows.NOT_KNOWN:
                sizes = f"sizes {first.size} and {second.size} of {first.subject}"
                told = (
                    f"may or may not contradict each other: {sizes}, and no proof of consistency is here; whoever "
                    "issues the log can be asked for one"
                )
        if self.shows not in CONTRADICTIONS:
            return f"{which} {told}."
        by = " and ".join(self.against)
        return f"{which} {told}. " + (f"{by} signed both." if by else "Nobody of the two signed both.")


def pairs_of(notes: Iterable[ReadNote]) -> list[tuple[ReadNote, ReadNote]]:
    """Give all pairs of notes about one subject, the smaller size first."""
    ordered = sorted(notes, key=lambda note: (note.size, note.number))
    return [(one, other) for one, other in combinations(ordered, 2) if one.subject == other.subject]


def compare(notes: Iterable[ReadNote], growths: Mapping[Pair, Growth]) -> list[Finding]:
    """Compare all pairs, with the proofs that are there; contradictions first.

    Raises:
        ConsistencyInvalid: a proof does not hold.
    """
    found = [_compare(older, newer, growths.get((older.number, newer.number))) for older, newer in pairs_of(notes)]
    return sorted(found, key=lambda finding: (finding.shows not in CONTRADICTIONS, finding.pair))


def _compare(older: ReadNote, newer: ReadNote, growth: Growth | None) -> Finding:
    if older.size == newer.size:
        return Finding(older, newer, Shows.THE_SAME if older.root == newer.root else Shows.TWO_ROOTS)
    if growth is None:
        return Finding(older, newer, Shows.NOT_KNOWN)
    growth.verify(newer.root)
    return Finding(older, newer, Shows.ONE_HISTORY if growth.root == older.root else Shows.NOT_ITS_BEGINNING)
