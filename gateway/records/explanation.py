"""What a kind of record means, field by field: read from the protos' own comments and annotations.

For people: ``gateway records explain``, the pages of ``docs/records`` and the templates all stand on this, so none of
them can say anything else than the definition that the rules are made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway.errors import KindUnknown
from gateway.records.kinds import KINDS
from gateway.records.rules import RECORD_RULES
from gateway.records.rules.across import Rule
from gateway.records.rules.annotations import TIMESTAMP, Choice, ListField, MessageField, MessageRules, ValueField
from gateway.records.rules.constraints import PLAIN_TEXT, PLAUSIBLE_TIME, Constraint
from gateway.records.rules.kinds import NAMED
from mutualrecognition.records.v1.comments import COMMENTS
from mutualrecognition.records.v1.record_pb2 import Header, Record

_SOURCE = re.compile(r"(?:WCO (?:data elements?|class) [^.]*\.|ISO [0-9]+(?:-[0-9])?(?: alpha-2)?|UN/LOCODE)")

_TYPES: Mapping[int, str] = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BYTES: "bytes, base64 in JSON",
    FieldDescriptor.TYPE_BOOL: "true or false",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_UINT32: "whole number",
    FieldDescriptor.TYPE_UINT64: "whole number, as text in JSON",
}


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value of a closed list."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: ``path`` as violations name it, with ``[]`` where a list stands; ``rules`` in words."""

    path: str
    type: str
    required: bool
    meaning: str
    source: str
    rules: tuple[str, ...]
    values: tuple[ValueRow, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule across fields; ``annotated`` when the proto itself says it, for readers in any language."""

    path: str
    name: str
    sentence: str
    annotated: bool


OF_EVERY_FIELD: tuple[tuple[str, Constraint], ...] = (
    ("every text whose field names no form, line breaks and tabs apart", PLAIN_TEXT),
    ("every time", PLAUSIBLE_TIME),
)
"""Rules that hold for a whole sort of fields and stand at none of them, nor in the protos: where, and what."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A kind in full: what it means, its fields, its rules across fields."""

    kind: str
    meaning: str
    fields: tuple[FieldRow, ...]
    rules: tuple[RuleRow, ...]


def explain(kind: str) -> Explanation:
    """Explain the body of ``kind``; :class:`KindUnknown` for a name that is no kind."""
    if kind not in KINDS:
        raise KindUnknown(f"There is no kind {kind!r}; the kinds are {', '.join(KINDS)}.")
    field = Record.DESCRIPTOR.fields_by_name[kind]
    assert field.message_type is not None
    member = RECORD_RULES.choices[0].members[kind]
    assert isinstance(member, MessageField)
    return _explanation(kind, kind, field.message_type, member.rules)


def explain_header() -> Explanation:
    """Explain what every record says of itself, and the rules between header and body."""
    rules = next(field.rules for field in RECORD_RULES.messages if field.name == "header")
    header = _explanation("header", "header", Header.DESCRIPTOR, rules)
    between = tuple(_rule_row("", rule, Record.DESCRIPTOR) for rule in RECORD_RULES.across)
    return Explanation(header.kind, header.meaning, header.fields, header.rules + between)


def meaning_of(full_name: str) -> str:
    """Give what the proto says of a message, field or value; empty when it says nothing."""
    return COMMENTS.get(full_name, "")


def _explanation(kind: str, path: str, descriptor: Descriptor, rules: MessageRules) -> Explanation:
    return Explanation(
        kind,
        meaning_of(descriptor.full_name),
        tuple(_fields(path, descriptor, rules)),
        tuple(_rules(path, descriptor, rules)),
    )


def _fields(path: str, descriptor: Descriptor, rules: MessageRules) -> Iterator[FieldRow]:
    """Walk fields in the order of the proto, each followed by the fields within it."""
    known = _rules_by_field(rules)
    for field in descriptor.fields:
        rule = known.get(field.name)
        here = f"{path}.{field.name}{'[]' if field.is_repeated else ''}"
        yield _field_row(here, field, rule, rules)
        if isinstance(rule, MessageField | ListField) and rule.rules is not None and field.message_type is not None:
            yield from _fields(here, field.message_type, rule.rules)


def _field_row(
    path: str, field: FieldDescriptor, rule: ValueField | MessageField | ListField | None, rules: MessageRules
) -> FieldRow:
    times = {time.name: time.required for time in rules.times}
    required = times.get(field.name, False) or (isinstance(rule, ValueField | MessageField) and rule.required)
    if isinstance(rule, ListField):
        required = rule.least > 0
    meaning = meaning_of(field.full_name)
    sources = ", ".join(found.rstrip(".") for found in _SOURCE.findall(meaning))
    values = tuple(_values(field.enum_type)) if field.enum_type is not None else ()
    return FieldRow(path, _type(field), required, meaning, sources, tuple(_rules_in_words(rule)), values)


def _type(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        is_time = field.message_type.full_name == TIMESTAMP
        name = "time, RFC 3339 in JSON" if is_time else field.message_type.name
    elif field.enum_type is not None:
        name = "one of a list"
    else:
        name = _TYPES[field.type]
    return f"list of {name}" if field.is_repeated else name


def _values(enum: EnumDescriptor) -> Iterator[ValueRow]:
    return (ValueRow(value.name, meaning_of(f"{enum.full_name}.{value.name}")) for value in enum.values)


def _rules_in_words(rule: ValueField | MessageField | ListField | None) -> Iterator[str]:
    if isinstance(rule, ListField):
        yield f"From {rule.least} to {rule.most}." if rule.least else f"At most {rule.most}."
        if rule.unique:
            yield "No value twice."
    check = None if rule is None or isinstance(rule, MessageField) else rule.check
    if check is not None:
        yield from (
            c.sentence for c in check.constraints if c.rule not in ("text.control_characters", "enum.defined_only")
        )


def _rules_by_field(rules: MessageRules) -> dict[str, ValueField | MessageField | ListField | None]:
    known: dict[str, ValueField | MessageField | ListField | None] = {field.name: field for field in rules.values}
    known.update({field.name: field for field in rules.messages})
    known.update({field.name: field for field in rules.lists})
    for choice in rules.choices:
        known.update(choice.members)
    return known


def _rules(path: str, descriptor: Descriptor, rules: MessageRules) -> Iterator[RuleRow]:
    """Walk the rules across fields: of the message, then of what it contains."""
    yield from (_rule_row(path, rule, descriptor) for rule in rules.across)
    for choice in rules.choices:
        yield from _choice_rules(path, choice)
    known = _rules_by_field(rules)
    for field in descriptor.fields:
        inner = known.get(field.name)
        if isinstance(inner, MessageField | ListField) and inner.rules is not None and field.message_type is not None:
            here = f"{path}.{field.name}{'[]' if field.is_repeated else ''}"
            yield from _rules(here, field.message_type, inner.rules)


def _choice_rules(path: str, choice: Choice) -> Iterator[RuleRow]:
    if choice.required:
        names = ", ".join(choice.members)
        yield RuleRow(
            f"{path}.{choice.name}", "required", f"Exactly one of these must be stated: {names}.", annotated=True
        )


def _rule_row(path: str, rule: Rule, descriptor: Descriptor) -> RuleRow:
    at = f"{path}.{rule.path}" if path and rule.path else path or rule.path
    return RuleRow(at, rule.name, rule.sentence, annotated=rule not in NAMED.get(descriptor.full_name, ()))
