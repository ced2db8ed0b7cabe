"""A consignment's story as a table, for officers."""

from __future__ import annotations

from typing import Final

from rich.table import Table
from rich.text import Text

from gateway.cli.describing import summary, when
from gateway.cli.screen import printable
from mutualrecognition.national.v1 import consignments_service_pb2 as pb

_MATCHES: Final = {pb.MATCH_STRENGTH_STRONG: ("strong", "green"), pb.MATCH_STRENGTH_WEAK: ("weak", "yellow")}
_TAIL: Final = 12
"""Characters of a record id that tell it from those beside it; --json has all of it."""

_RELATIONS: Final = {
    pb.RELATION_MASTER: "its master",
    pb.RELATION_HOUSE: "a house of it",
    pb.RELATION_BESIDE: "beside it",
}


def heading(consignment: pb.Consignment) -> str:
    """Name the goods by all their keys, a line."""
    parts = (
        ("container", consignment.container_numbers),
        ("document", consignment.transport_documents),
        ("UCR", consignment.ucrs),
        ("MRN", consignment.mrns),
        ("voyage", consignment.voyages),
        ("swapped", [f"{each.from_container} → {each.to_container}" for each in consignment.swaps]),
    )
    return printable(" · ".join(f"{name} {', '.join(values)}" for name, values in parts if values))


def timeline_table(consignment: pb.Consignment) -> Table:
    """Make a table with a line for each record; those that no longer stand are dimmed and say why."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("who", no_wrap=True)
    table.add_column("what")
    table.add_column("match", no_wrap=True)
    table.add_column("note")
    for entry in consignment.timeline:
        match, style = _MATCHES.get(entry.strength, ("", ""))
        table.add_row(
            when(entry.at.seconds).removesuffix(" UTC"),
            printable(entry.record.record.header.issuer),
            Text(summary(entry.record.record)),
            Text(match, style),
            Text(_note(entry)),
            style="" if entry.fate == pb.RECORD_FATE_STANDS else "dim",
        )
    return table


def _note(entry: pb.TimelineEntry) -> str:
    by = f"…{entry.by[-_TAIL:]}"
    fates = {pb.RECORD_FATE_CORRECTED: f"corrected by {by}", pb.RECORD_FATE_WITHDRAWN: f"withdrawn by {by}"}
    return printable(", ".join(filter(None, (fates.get(entry.fate, ""), _RELATIONS.get(entry.relation, "")))))
