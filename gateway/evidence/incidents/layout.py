"""Which file of an incident bundle is what, and in which order they stand: a zip in the one form of ``archive``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from gateway.errors import EvidenceInvalid
from gateway.evidence.incidents.contradictions import Pair
from gateway.evidence.incidents.growth import Growth, parse_growth
from gateway.evidence.incidents.notes import MAX_NOTES
from gateway.evidence.incidents.readme import README
from gateway.evidence.layout import DESCRIPTORS, README_NAME

FORMAT: Final = "mutualrecognition/incident/v1"
STATEMENT_NAME: Final = "incident.json"
NOTES: Final = "notes/"
GROWTH: Final = "growth/"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the administration that made the bundle, ``maker``, says of the incident. Nobody signed it.

    ``at`` is POSIX seconds; ``session`` the correlation id that both sides logged, empty outside a session;
    ``told_by_partner`` says that the reason is the partner's word, as its Goodbye had it.
    """

    maker: str
    partner: str
    number: int
    at: int
    reason: str
    detail: str
    session: str
    told_by_partner: bool

    def serialize(self) -> bytes:
        """Give its only text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=True, indent=2).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class IncidentFiles:
    """All files of a bundle. Descriptors by file name, proofs by the numbers of the two notes."""

    statement: Statement
    notes: Sequence[bytes]
    growths: Mapping[Pair, Growth]
    descriptors: Mapping[str, bytes]

    def in_order(self) -> dict[str, bytes]:
        """Give the files by name, in the order in which they stand in the zip."""
        files = {README_NAME: README.encode(), STATEMENT_NAME: self.statement.serialize()}
        files |= {note_name(number): note for number, note in enumerate(self.notes, start=1)}
        files |= {growth_name(pair): growth.serialize() for pair, growth in sorted(self.growths.items())}
        return files | dict(sorted(self.descriptors.items()))

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> IncidentFiles:
        """Find the parts among a bundle's files; any file more or less is refused, and another order.

        Raises:
            EvidenceInvalid: naming the file.
        """
        if files.get(README_NAME) != README.encode():
            raise EvidenceInvalid(f"{README_NAME} is not the text that every incident bundle has.")
        notes = [data for name, data in files.items() if name.startswith(NOTES)]
        if len(notes) > MAX_NOTES:
            raise EvidenceInvalid(f"The bundle has more than {MAX_NOTES} notes.")
        growths = {_pair_in(name): parse_growth(data) for name, data in files.items() if name.startswith(GROWTH)}
        descriptors = {name: data for name, data in files.items() if name.startswith(DESCRIPTORS)}
        found = cls(_parse_statement(files.get(STATEMENT_NAME, b"")), notes, growths, descriptors)
        if list(found.in_order().items()) != list(files.items()):
            raise EvidenceInvalid("The bundle is not in its only form: a file is missing, strange or out of order.")
        return found


def note_name(number: int) -> str:
    """Give the file name of a note, which counts from 1."""
    return f"{NOTES}{number}.note"


def growth_name(pair: Pair) -> str:
    """Give the file name of a consistency proof."""
    return f"{GROWTH}{pair[0]}-{pair[1]}.txt"


def _pair_in(name: str) -> Pair:
    older, _, newer = name.removeprefix(GROWTH).removesuffix(".txt").partition("-")
    if not all(part.isascii() and part.isdigit() for part in (older, newer)):
        raise EvidenceInvalid(f"{name} is not the name of a consistency proof.")
    return int(older), int(newer)


def _parse_statement(data: bytes) -> Statement:
    try:
        read = json.loads(data)
        statement = Statement(**{name: read[name] for name in Statement.__slots__})
    except (ValueError, TypeError, KeyError) as error:
        raise EvidenceInvalid(f"{STATEMENT_NAME} cannot be read.") from error
    typed = dict.fromkeys(("number", "at"), int) | {"told_by_partner": bool}
    if any(type(getattr(statement, name)) is not typed.get(name, str) for name in Statement.__slots__):
        raise EvidenceInvalid(f"{STATEMENT_NAME} does not have the values that it must have.")
    return statement
