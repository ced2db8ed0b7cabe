"""Which fields of a record may leave: the allow-list of an agreement, compiled once and applied to every record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from buf.validate import validate_pb2
from gateway.errors import KindUnknown
from gateway.records.kinds import KINDS, kind_of
from mutualrecognition.records.v1.record_pb2 import Record

EVERYTHING = "*"
_SAYS_WHO = frozenset({"on_behalf_of"})
"""Fields that are never withheld: without them a record would be another administration's."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """What to take out of a message: fields as a whole, and parts of fields that may stay in part."""

    away: tuple[str, ...]
    parts: tuple[tuple[str, bool, _Cut], ...]

    def apply(self, message: Any) -> None:  # noqa: ANN401 - any message
        for name in self.away:
            message.ClearField(name)
        for name, repeated, cut in self.parts:
            if repeated:
                for inner in getattr(message, name):
                    cut.apply(inner)
            elif message.HasField(name):
                cut.apply(inner := getattr(message, name))
                if not inner.ByteSize():
                    message.ClearField(name)

    def found_in(self, message: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 - any message
        """Give the paths of what ``apply`` would take out of this message; of a list's elements, each path once."""
        filled = {field.name for field, _ in message.ListFields()}
        yield from (prefix + name for name in self.away if name in filled)
        for name, repeated, cut in self.parts:
            if name in filled:
                inners = getattr(message, name) if repeated else (getattr(message, name),)
                yield from dict.fromkeys(path for inner in inners for path in cut.found_in(inner, f"{prefix}{name}."))


class FieldSelection:
    """The fields of one kind that may leave.

    ``allowed`` are dotted paths from the body on, such as ``consignee.name``; a path to a message lets all of it
    through, and so does every element of a list; ``*`` lets everything through. What is not named stays, fields that
    this version does not know included. The header is not touched: it says nothing that the partner may not know.

    ``unknown`` names the paths that this version does not know (the partner may have a newer one). ``withheld`` names
    the required fields that the selection leaves out: records cut by it break the rules of their kind wherever such a
    field's message is there, so whoever writes agreements must look at it.
    """

    def __init__(self, kind: str, allowed: Collection[str]) -> None:
        if kind not in KINDS:
            raise KindUnknown(f"There is no kind {kind!r}; the kinds are {', '.join(KINDS)}.")
        self.kind = kind
        body = Record.DESCRIPTOR.fields_by_name[kind].message_type
        assert body is not None
        self._cut: _Cut | None = None
        self.unknown: tuple[str, ...] = ()
        self.withheld: tuple[str, ...] = ()
        if EVERYTHING not in allowed:
            paths = frozenset(allowed)
            self.unknown = tuple(sorted(path for path in paths if not _known(body, path.split("."))))
            withheld: list[str] = []
            self._cut = _cut(body, paths, "", withheld)
            self.withheld = tuple(withheld)

    def apply(self, record: Record) -> Record:
        """Copy ``record`` with the allowed fields alone; :class:`KindUnknown` for a record of another kind."""
        if kind_of(record) != self.kind:
            raise KindUnknown(f"This selection is for {self.kind}, not for {kind_of(record)}.")
        released = Record()
        released.CopyFrom(record)
        if self._cut is not None:
            body = getattr(released, self.kind)
            body.DiscardUnknownFields()
            self._cut.apply(body)
        return released

    def withheld_from(self, record: Record) -> tuple[str, ...]:
        """Name what this record says and the selection leaves out, as paths from the record on."""
        if self._cut is None:
            return ()
        return tuple(self._cut.found_in(getattr(record, self.kind), f"{self.kind}."))


def select_fields(record: Record, allowed: Collection[str]) -> Record:
    """Copy ``record`` with the allowed fields of its body alone (see :class:`FieldSelection`)."""
    return _selection(kind_of(record), frozenset(allowed)).apply(record)


@cache
def _selection(kind: str, allowed: frozenset[str]) -> FieldSelection:
    return FieldSelection(kind, allowed)


def _cut(descriptor: Descriptor, allowed: frozenset[str], prefix: str, withheld: list[str]) -> _Cut:
    away: list[str] = []
    parts: list[tuple[str, bool, _Cut]] = []
    for field in descriptor.fields:
        path = prefix + field.name
        if path in allowed or field.name in _SAYS_WHO:
            continue
        if field.message_type is not None and any(other.startswith(f"{path}.") for other in allowed):
            parts.append((field.name, field.is_repeated, _cut(field.message_type, allowed, f"{path}.", withheld)))
            continue
        away.append(field.name)
        if _required(field):
            withheld.append(path)
    return _Cut(tuple(away), tuple(parts))


def _required(field: FieldDescriptor) -> bool:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return rules.required or rules.repeated.min_items > 0


def _known(descriptor: Descriptor, names: list[str]) -> bool:
    field = descriptor.fields_by_name.get(names[0])
    if field is None:
        return False
    if len(names) == 1:
        return True
    return field.message_type is not None and _known(field.message_type, names[1:])
