"""Records that people or programs wrote as JSON, checked before they are submitted: every fault of every one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import IO, Any, Final

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway import records
from gateway.cli.submission_files import SUBMISSION_KEYS, read_values
from gateway.errors import Malformed, Violation
from gateway.records.codes import CodeList
from mutualrecognition.records.v1.record_pb2 import Record

_WELL_KNOWN: Final = "google.protobuf."
_ID_TO_COME: Final = "00000000-0000-7000-8000-000000000000"
_TIME_TO_COME: Final = 1_767_225_600
_AT: Final = re.compile(r"\bat \"?Record\.([\w.\[\]]+?)\"?\.?$")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one record came to. ``kind`` is empty when it has none; ``place`` is as in ``line 7``."""

    place: str
    kind: str
    violations: tuple[Violation, ...]
    warnings: tuple[Violation, ...]

    def facts(self) -> dict[str, Any]:
        """Give it as plain values, for programs."""
        return {
            "place": self.place,
            "kind": self.kind,
            "violations": [asdict(each) for each in self.violations],
            "warnings": [asdict(each) for each in self.warnings],
        }


def check_records(source: IO[str], lists: Mapping[str, CodeList]) -> Iterator[Finding]:
    """Check records, or submissions, in proto3 JSON: one object, an array, or JSON lines.

    What a gateway fills in when it takes a record (its id, issuer, agreement, time) may be missing. Whether an
    agreement releases the record, only a node can say.
    """
    for place, value in read_values(source):
        if isinstance(value, Malformed):
            yield Finding(place, "", (Violation("", "json", value.sentence),), ())
        else:
            yield _checked(place, value, lists)


def _checked(place: str, value: Any, lists: Mapping[str, CodeList]) -> Finding:  # noqa: ANN401  any JSON
    if isinstance(value, dict) and SUBMISSION_KEYS & value.keys():
        value = value.get("record")
    if not isinstance(value, dict):
        return Finding(place, "", (Violation("", "json", "A record is a JSON object."),), ())
    known = deepcopy(value)
    faults = list(_take_unknown(known, Record.DESCRIPTOR, ""))
    try:
        record = json_format.ParseDict(known, Record())
    except (json_format.ParseError, RecursionError) as error:
        return Finding(place, _kind_named(known), (*faults, _unread(str(error))), ())
    whole = _completed(record)
    faults += records.check(whole)
    return Finding(place, str(whole.WhichOneof("body") or ""), tuple(faults), records.warnings(whole, lists))


def _completed(given: Record) -> Record:
    """Fill in what the gateway would, so that the rules see a whole record."""
    record = Record()
    record.CopyFrom(given)
    header = record.header
    header.record_id = header.record_id or _ID_TO_COME
    header.issuer = header.issuer or "XX"
    if record.WhichOneof("body") != "judgement":
        header.agreement_id = header.agreement_id or "to-come"
        header.agreement_version = header.agreement_version or 1
    if not header.HasField("issued_at"):
        header.issued_at.seconds = _TIME_TO_COME
        if header.HasField("retain_until"):
            header.issued_at.seconds = min(_TIME_TO_COME, header.retain_until.seconds)
    return record


def _take_unknown(value: dict[str, Any], descriptor: Descriptor, path: str) -> Iterator[Violation]:
    """Tell everything that a message has no place for, and take it out, so that the rest can be read."""
    fields = {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
    for name in list(value):
        here = f"{path}.{name}".lstrip(".")
        field = fields.get(name)
        if field is None:
            del value[name]
            yield Violation(here, "field.unknown", f"There is no field {name!r} in {descriptor.name}.")
        elif value[name] is not None and (sentence := _wrong_shape(value[name], field)):
            del value[name]
            yield Violation(here, "json", sentence)
        elif field.message_type is not None and not field.message_type.full_name.startswith(_WELL_KNOWN):
            for index, inner in enumerate(value[name] if field.is_repeated else [value[name] or {}]):
                at = f"{here}[{index}]" if field.is_repeated else here
                yield from _take_unknown(inner, field.message_type, at)


def _wrong_shape(value: Any, field: FieldDescriptor) -> str:  # noqa: ANN401  any JSON
    """Say what stands in the place of a list or an object; empty when nothing is wrong."""
    if field.is_repeated and not isinstance(value, list):
        return "This is a list: put it in [ ]."
    nested = field.message_type
    if nested is not None and not nested.full_name.startswith(_WELL_KNOWN):
        each = value if field.is_repeated else [value]
        if not all(isinstance(one, dict) for one in each):
            return f"This is an object of the form {nested.name}: put it in {{ }}."
    return ""


def _kind_named(value: dict[str, Any]) -> str:
    return next((kind for kind in records.KINDS if kind in value), "")


def _unread(message: str) -> Violation:
    """Turn protobuf's sentence into a path and the cause behind it."""
    first = message.split("\n", 1)[0]
    at = _AT.search(first)
    cause = _AT.sub("", first).split("field: ")[-1].rstrip(". ")
    return Violation(at[1] if at else "", "json", f"{cause}.")
