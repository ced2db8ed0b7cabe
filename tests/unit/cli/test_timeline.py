"""The timeline of a consignment, as an officer reads it."""

from __future__ import annotations

from google.protobuf import json_format
from rich.console import Console

from gateway.cli.timeline import heading, timeline_table
from gateway.records.templates import example
from mutualrecognition.national.v1 import consignments_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record


def entry(kind: str, record_id: str, **told: int | str) -> pb.TimelineEntry:
    made = pb.TimelineEntry(strength=pb.MATCH_STRENGTH_STRONG, fate=pb.RECORD_FATE_STANDS, **told)  # type: ignore[arg-type]
    made.record.record.CopyFrom(json_format.Parse(example(kind), Record()))
    made.record.record.header.record_id = record_id
    return made


def rows(consignment: pb.Consignment, **notes: str) -> list[str]:
    console = Console(width=200, color_system=None)
    with console.capture() as shown:
        console.print(timeline_table(consignment, {("CN", name): note for name, note in notes.items()}))
    return [line.rstrip() for line in shown.get().splitlines()[1:]]


def test_goods_are_named_by_each_of_their_keys() -> None:
    told = heading(
        pb.Consignment(
            container_numbers=["MSKU3841906", "TGHU7654321"],
            mrns=["26CN53170000012345"],
            voyages=["/KL896"],
            swaps=[pb.ContainerSwap(from_container="MSKU3841906", to_container="TGHU7654321")],
            timeline=[entry("movement_event", "1")],
        )
    )
    assert [line.split(maxsplit=1) for line in told.splitlines()] == [
        ["container", "MSKU3841906, TGHU7654321"],
        ["MRN", "26CN53170000012345"],
        ["voyage", "KL896"],
        ["swapped", "MSKU3841906 → TGHU7654321"],
    ]


def test_what_took_a_lines_place_is_named_by_its_line() -> None:
    shown = rows(
        pb.Consignment(
            timeline=[
                entry("inspection_outcome", "old"),
                entry("inspection_outcome", "new"),
                entry("seal_event", "seal"),
            ]
        )
    )
    assert not any("corrected" in line for line in shown)
    corrected, _, withdrawn = (entry("inspection_outcome", name) for name in ("old", "new", "seal"))
    corrected.fate, corrected.by = pb.RECORD_FATE_CORRECTED, "new"
    withdrawn.fate, withdrawn.by = pb.RECORD_FATE_WITHDRAWN, "elsewhere"
    timeline = [corrected, entry("inspection_outcome", "new"), withdrawn]
    shown = rows(pb.Consignment(timeline=timeline), seal="taken back by CN")
    assert shown[0].startswith("1 ")
    assert shown[0].endswith("corrected by line 2")
    assert shown[2].endswith("taken back by CN")


def test_what_another_said_under_an_id_takes_no_line_and_no_note() -> None:
    corrected, theirs = entry("inspection_outcome", "old"), entry("inspection_outcome", "new")
    corrected.fate, corrected.by = pb.RECORD_FATE_CORRECTED, "new"
    theirs.record.record.header.issuer = "XA"
    shown = rows(pb.Consignment(timeline=[corrected, entry("seal_event", "new"), theirs]), new="of CN's")
    assert shown[0].endswith("corrected by line 2")
    assert [line.endswith("of CN's") for line in shown] == [False, True, False]


def test_a_movement_says_what_became_of_the_goods() -> None:
    rolled, swapped = entry("movement_event", "1"), entry("movement_event", "2")
    moved = swapped.record.record.movement_event
    moved.from_container, moved.to_container = "MSKU3841906", "TGHU7654321"
    shown = rows(pb.Consignment(timeline=[rolled, swapped]))
    assert "ROLLED, CNYTN, now voyage 427W" in shown[0]
    assert "MSKU3841906 → TGHU7654321" in shown[1]
