"""The rules of a message type as a tree of plain data, read from its descriptor's annotations.

Two readers walk this tree: :mod:`gateway.records.rules.screen`, which only tells good from bad and is fast, and
:mod:`gateway.records.rules.explain`, which names every fault and is slow. So there is one definition of each rule.

Limits: message types must not contain themselves; maps are not supported; a list must have ``max_items``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor

from buf.validate import validate_pb2
from gateway.records.rules.across import Holds, Rule
from gateway.records.rules.constraints import RuleNotSupported, ValueCheck, rules_of, value_check

TIMESTAMP = "google.protobuf.Timestamp"
_OF_LISTS = frozenset({"min_items", "max_items", "unique", "items"})


@dataclass(frozen=True, slots=True)
class ValueField:
    """A field with one plain value; ``presence`` when absent differs from zero."""

    name: str
    check: ValueCheck
    presence: bool
    required: bool


@dataclass(frozen=True, slots=True)
class TimeField:
    """A field with a Timestamp."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class MessageField:
    """A field with one message."""

    name: str
    rules: MessageRules
    required: bool


@dataclass(frozen=True, slots=True)
class ListField:
    """A repeated field; of ``rules`` and ``check`` one at most is there."""

    name: str
    least: int
    most: int
    unique: bool
    rules: MessageRules | None
    check: ValueCheck | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A oneof: its members by name."""

    name: str
    required: bool
    members: Mapping[str, ValueField | MessageField | None]


@dataclass(frozen=True, slots=True)
class MessageRules:
    """All rules of one message type."""

    full_name: str
    values: tuple[ValueField, ...]
    times: tuple[TimeField, ...]
    messages: tuple[MessageField, ...]
    lists: tuple[ListField, ...]
    choices: tuple[Choice, ...]
    across: tuple[Rule, ...]


class AnnotationReader:
    """Reads message types, each once.

    ``said`` gives the function for every CEL annotation by its name, ``named`` the rules without annotation by the
    full name of their message. Raises :class:`RuleNotSupported` on whatever it cannot honour.
    """

    def __init__(self, said: Mapping[str, Holds], named: Mapping[str, tuple[Rule, ...]]) -> None:
        self._said = said
        self._named = named
        self._read: dict[str, MessageRules] = {}

    def read(self, descriptor: Descriptor) -> MessageRules:
        """Read one message type and all that it contains."""
        if descriptor.full_name not in self._read:
            self._read[descriptor.full_name] = self._message(descriptor)
        return self._read[descriptor.full_name]

    def _message(self, descriptor: Descriptor) -> MessageRules:
        alone = [field for field in descriptor.fields if not _in_oneof(field)]
        single = [field for field in alone if not field.is_repeated]
        values = [_value_field(field) for field in single if field.message_type is None]
        messages = [field for field in single if field.message_type is not None]
        return MessageRules(
            full_name=descriptor.full_name,
            values=tuple(value for value in values if value is not None),
            times=tuple(TimeField(f.name, rules_of(f).required) for f in messages if _is_time(f)),
            messages=tuple(self._message_field(field) for field in messages if not _is_time(field)),
            lists=tuple(self._list_field(field) for field in alone if field.is_repeated),
            choices=tuple(self._choice(oneof) for oneof in descriptor.oneofs if not _synthetic(oneof)),
            across=self._rules_across(descriptor),
        )

    def _message_field(self, field: FieldDescriptor) -> MessageField:
        if field.message_type is None:
            raise RuleNotSupported(f"{field.full_name}: not a message")
        return MessageField(field.name, self.read(field.message_type), rules_of(field).required)

    def _list_field(self, field: FieldDescriptor) -> ListField:
        rules = rules_of(field)
        said = rules.repeated
        if {rule.name for rule, _ in said.ListFields()} - _OF_LISTS or not said.max_items or rules.required:
            raise RuleNotSupported(f"{field.full_name}: a list has max_items, and no rules but {sorted(_OF_LISTS)}")
        inner = None if field.message_type is None else self.read(field.message_type)
        check = value_check(field, said.items) if inner is None else None
        return ListField(field.name, said.min_items, said.max_items, said.unique, inner, check)

    def _choice(self, oneof: OneofDescriptor) -> Choice:
        required = oneof.GetOptions().Extensions[validate_pb2.oneof].required
        members = {
            field.name: _value_field(field) if field.message_type is None else self._message_field(field)
            for field in oneof.fields
        }
        return Choice(oneof.name, required, members)

    def _rules_across(self, descriptor: Descriptor) -> tuple[Rule, ...]:
        options = descriptor.GetOptions().Extensions[validate_pb2.message]
        if unknown := {rule.name for rule, _ in options.ListFields()} - {"cel"}:
            raise RuleNotSupported(f"{descriptor.full_name}: {sorted(unknown)}")
        if missing := [rule.id for rule in options.cel if rule.id not in self._said]:
            raise RuleNotSupported(f"{descriptor.full_name}: no function stands for the annotations {missing}")
        annotated = tuple(Rule(rule.id, rule.message, self._said[rule.id]) for rule in options.cel)
        return annotated + self._named.get(descriptor.full_name, ())


def _value_field(field: FieldDescriptor) -> ValueField | None:
    rules = rules_of(field)
    check = value_check(field, rules)
    return None if check is None else ValueField(field.name, check, field.has_presence, rules.required)


def _is_time(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == TIMESTAMP


def _in_oneof(field: FieldDescriptor) -> bool:
    return field.containing_oneof is not None and not _synthetic(field.containing_oneof)


def _synthetic(oneof: OneofDescriptor) -> bool:
    """Tell whether a oneof only stands for one ``optional`` field (descriptor.proto, proto3_optional)."""
    return len(oneof.fields) == 1 and oneof.name == f"_{oneof.fields[0].name}"
