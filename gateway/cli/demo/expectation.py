"""What must arrive: a second reading of the agreements, by other code than the gateway's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

from mutualrecognition.records.v1.record_pb2 import Purpose, Record

DIRECTORY: Final = Path(__file__).parent / "agreements"
_SAME_IN_HEADER: Final = ("issuing_office", "purpose", "subject", "handling")


@dataclass(frozen=True, slots=True)
class Flow:
    """One [[flows]] table of one agreement; ``fields`` as it names them."""

    agreement: str
    sender: str
    receiver: str
    kind: str
    purposes: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a delivered record that is not as it should be: LEAK, CHANGED or LOST."""

    sort: str
    path: str


class Expectation:
    """Says for every record to whom it goes and what must be in it there."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.flows = tuple(flow for text in texts for flow in _flows(text))

    def receivers(self, issuer: str, record: Record) -> dict[str, Flow]:
        """Give whom a record of ``issuer`` must reach, and under which flow."""
        purpose = Purpose.Name(record.header.purpose).removeprefix("PURPOSE_")
        kind = record.WhichOneof("body")
        return {
            flow.receiver: flow
            for flow in self.flows
            if (flow.sender, flow.kind) == (issuer, kind) and purpose in flow.purposes
        }

    def differences(self, submitted: Record, delivered: Record, flow: Flow) -> list[Difference]:
        """Compare what arrived with what was submitted, as far as the flow releases it."""
        found = [
            Difference("CHANGED", f"header.{name}")
            for name in _SAME_IN_HEADER
            if getattr(submitted.header, name) != getattr(delivered.header, name)
        ]
        if delivered.header.issuer != flow.sender or delivered.header.agreement_id != flow.agreement:
            found.append(Difference("CHANGED", "header"))
        if delivered.WhichOneof("body") != flow.kind:
            return [*found, Difference("CHANGED", "body")]
        due, got = Record(), getattr(delivered, flow.kind)
        due.CopyFrom(submitted)
        body = getattr(due, flow.kind)
        if "*" not in flow.fields:
            keep_only(body, flow.fields)
        if body != got:
            found += _told_apart(flow, _plain(body), _plain(got))
        return found


def keep_only(message: Message, paths: Sequence[str]) -> None:
    """Clear every field that no path names; a path lets through all that is below it."""
    for field, value in message.ListFields():
        if field.name in paths:
            continue
        below = [path.partition(".")[2] for path in paths if path.partition(".")[0] == field.name]
        if not below:
            message.ClearField(field.name)
            continue
        for inner in value if field.is_repeated else (value,):
            keep_only(inner, below)


def _flows(text: str) -> Iterator[Flow]:
    terms = tomllib.loads(text.partition("\n")[2])
    for table in terms["flows"]:
        yield Flow(
            terms["id"], table["from"], table["to"], table["kind"], tuple(table["purposes"]), tuple(table["fields"])
        )


def _told_apart(flow: Flow, due: Any, got: Any) -> Iterator[Difference]:  # noqa: ANN401  plain values
    due_values, got_values = dict(_leaves(due, "")), dict(_leaves(got, ""))
    for path in sorted(due_values.keys() | got_values.keys()):
        name = f"{flow.kind}.{path}"
        if path not in due_values:
            yield Difference("LEAK", name)
        elif path not in got_values:
            yield Difference("LOST", name)
        elif due_values[path] != got_values[path]:
            yield Difference("CHANGED", name)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def _plain(message: Message) -> Any:  # noqa: ANN401
    return json_format.MessageToDict(message, preserving_proto_field_name=True)
