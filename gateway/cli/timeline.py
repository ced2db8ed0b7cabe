"""A consignment's story as a table, for officers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rich.table import Table
from rich.text import Text

from gateway.cli.describing import summary, when
from gateway.cli.enum_words import short
from gateway.cli.screen import printable
from mutualrecognition.national.v1 import consignments_service_pb2 as pb

LEGEND: Final = (
    "strong: it names the goods by a document, an MRN, or a container with its UCR; "
    "weak: by the container alone, and these goods are the nearest in time"
)

CUT_OFF: Final = (
    "! There is more than is shown here: at most 1,000 records and 200 further keys are followed. "
    "Ask by a document or a UCR, or with --at."
)

_MATCHES: Final = {pb.MATCH_STRENGTH_STRONG: ("strong", "green"), pb.MATCH_STRENGTH_WEAK: ("weak", "yellow")}
_RELATIONS: Final = {
    pb.RELATION_MASTER: "its master",
    pb.RELATION_HOUSE: "a house of it",
    pb.RELATION_BESIDE: "beside it",
}
_NAME_WIDTH: Final = 11


def heading(consignment: pb.Consignment) -> str:
    """Name the goods by all their keys, a line each, and how they travel."""
    parts = (
        ("container", consignment.container_numbers),
        ("document", consignment.transport_documents),
        ("UCR", consignment.ucrs),
        ("MRN", consignment.mrns),
        ("voyage", [each.removeprefix("/") for each in consignment.voyages]),
        ("by", sorted(set(_modes(consignment)))),
        ("swapped", [f"{each.from_container} → {each.to_container}" for each in consignment.swaps]),
    )
    return "\n".join(printable(f"{name:{_NAME_WIDTH}}{', '.join(values)}") for name, values in parts if values)


def name_of(entry: pb.TimelineEntry) -> tuple[str, str]:
    """Give whose a record is and its id: together they name it."""
    header = entry.record.record.header
    return header.issuer, header.record_id


def timeline_table(consignment: pb.Consignment, notes: Mapping[tuple[str, str], str]) -> Table:
    """Make a table with a numbered line for each record; those that no longer stand are dimmed and say why.

    ``notes`` are words on some records, by issuer and record_id.
    """
    lines = {name_of(each): number for number, each in enumerate(consignment.timeline, 1)}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("who", no_wrap=True)
    table.add_column("what", overflow="fold")
    table.add_column("match", no_wrap=True)
    table.add_column("note", overflow="fold")
    for number, entry in enumerate(consignment.timeline, 1):
        match, style = _MATCHES.get(entry.strength, ("", ""))
        table.add_row(
            str(number),
            when(entry.at.seconds).removesuffix(" UTC"),
            printable(entry.record.record.header.issuer),
            Text(summary(entry.record.record)),
            Text(match, style),
            Text(_note(entry, lines, notes)),
            style="" if entry.fate == pb.RECORD_FATE_STANDS else "dim",
        )
    return table


def _note(entry: pb.TimelineEntry, lines: Mapping[tuple[str, str], int], notes: Mapping[tuple[str, str], str]) -> str:
    corrected, name = entry.fate == pb.RECORD_FATE_CORRECTED, name_of(entry)
    line = lines.get((name[0], entry.by))
    by = f"corrected by line {line}" if line else f"corrected by {entry.by}"
    words = (
        by if corrected else "",
        notes.get(name, ""),
        _RELATIONS.get(entry.relation),
    )
    return printable(", ".join(filter(None, words)))


def _modes(consignment: pb.Consignment) -> Iterator[str]:
    """Give the transport modes that records name."""
    for entry in consignment.timeline:
        record = entry.record.record
        kind = record.WhichOneof("body")
        body = getattr(record, kind) if kind else None
        if body is not None and "consignment" in body.DESCRIPTOR.fields_by_name:
            mode = short(body.consignment.voyage, "mode")
            if mode:
                yield mode.lower().replace("_", " ")
