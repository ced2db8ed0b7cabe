"""What one field may hold: the protovalidate annotations of a field, compiled once.

Only the part of the standard that the protos use is understood; anything else stops the program at import
(:class:`RuleNotSupported`), so that no annotation is ever silently ignored. Rule names are those of protovalidate,
and a property test holds both engines to the same findings.

Two rules go beyond the annotations, since the standard has no short way to say them of every field: text without
control characters (``text.control_characters``) and times between 2000 and 2100 (``timestamp.plausible``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from buf.validate import validate_pb2

Holds = Callable[[Any], object]

# C0 and C1 controls but tab, line feed and carriage return; and what turns the direction of text around.
CONTROLS = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069"
_NO_CONTROLS = re.compile(f"[^{CONTROLS}]*")

YEAR_2000 = 946_684_800
YEAR_2100 = 4_102_444_800

_INTEGERS = frozenset({"uint32", "uint64", "int32", "int64"})


class RuleNotSupported(Exception):
    """An annotation that this engine does not know: a fault of the protos, found at import."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing asked of a value: the rule's name, the sentence for whoever breaks it, and the test."""

    rule: str
    sentence: str
    holds: Holds


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """All that is asked of one value.

    ``holds`` answers in one call, mostly in C, since nearly every value is good; ``constraints`` tell which rule it
    was when it is not. ``required`` values that are empty are told as such and not looked at further; ``optional``
    ones that are empty pass. ``quick`` is a Python expression of the value ``v``, cheaper than a call and true for good
    values only: where it is false, ``holds`` decides.
    """

    holds: Holds
    constraints: tuple[Constraint, ...]
    required: bool = False
    optional: bool = False
    empty: object = 0
    quick: str = "False"

    @property
    def empty_passes(self) -> bool:
        """Tell whether nothing, empty text or zero keeps every rule."""
        return self.optional or not (
            self.required or any(not constraint.holds(self.empty) for constraint in self.constraints)
        )

    def broken(self, value: object) -> Iterator[tuple[str, str]]:
        """Yield rule and sentence of whatever ``value`` breaks."""
        if not value and self.required:
            yield "required", "This must be stated."
            return
        if not value and self.optional:
            return
        for constraint in self.constraints:
            if not constraint.holds(value):
                yield constraint.rule, constraint.sentence


def rules_of(field: FieldDescriptor) -> validate_pb2.FieldRules:
    """Read the annotations of a field."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    _only(field, rules, {"required", "ignore", "repeated", "timestamp", *_SCALARS})
    if rules.ignore not in (validate_pb2.IGNORE_UNSPECIFIED, validate_pb2.IGNORE_IF_ZERO_VALUE):
        raise RuleNotSupported(f"{field.full_name}: ignore = {rules.ignore}")
    return rules


def value_check(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> ValueCheck | None:
    """Compile what ``rules`` ask of one value of ``field``; None when they ask nothing."""
    optional = rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE
    kind = rules.WhichOneof("type") or _default_kind(field)
    if kind in _SCALARS:
        return _SCALARS[kind](field, rules, optional)
    if rules.required:
        return ValueCheck(bool, (), required=True)
    return None


def _default_kind(field: FieldDescriptor) -> str:
    """Say which rules hold for a field without annotation: text is looked at in any case, enums must be annotated."""
    if field.type == FieldDescriptor.TYPE_STRING:
        return "string"
    if field.type == FieldDescriptor.TYPE_ENUM:
        return "enum"
    return ""


def _string(field: FieldDescriptor, rules: validate_pb2.FieldRules, optional: bool) -> ValueCheck:  # noqa: FBT001
    said = rules.string
    _only(field, said, {"min_len", "max_len", "pattern"})
    if said.pattern:
        return _form(field, rules, optional)
    least = max(said.min_len, int(rules.required))
    most = said.max_len if said.HasField("max_len") else ""
    fast = re.compile(f"[^{CONTROLS}]{{{0 if optional else least},{most}}}")
    constraints = [PLAIN_TEXT]
    if said.min_len:
        sentence = f"At least {said.min_len} characters."
        constraints.append(Constraint("string.min_len", sentence, lambda text: len(text) >= said.min_len))
    if said.HasField("max_len"):
        sentence = f"At most {said.max_len} characters."
        constraints.append(Constraint("string.max_len", sentence, lambda text: len(text) <= said.max_len))
    length = f"{least} <= len(v) <= {most}" if said.HasField("max_len") else f"{least} <= len(v)"
    quick = f"{length} and v.isprintable()"  # controls and marks of direction are not printable, to Python
    return ValueCheck(fast.fullmatch, tuple(constraints), rules.required, optional, "", quick)


def _form(field: FieldDescriptor, rules: validate_pb2.FieldRules, optional: bool) -> ValueCheck:  # noqa: FBT001
    said = rules.string
    if said.min_len or said.max_len or not (said.pattern.startswith("^") and said.pattern.endswith("$")):
        raise RuleNotSupported(f"{field.full_name}: a pattern stands alone and is anchored by ^ and $")
    body = said.pattern[1:-1]
    whole = re.compile(body, re.ASCII)
    fast = re.compile(f"(?:{body})?", re.ASCII) if optional else whole
    sentence = f"This must have the form {said.pattern}"
    return ValueCheck(
        fast.fullmatch, (Constraint("string.pattern", sentence, whole.fullmatch),), rules.required, optional, ""
    )


def _enum(field: FieldDescriptor, rules: validate_pb2.FieldRules, optional: bool) -> ValueCheck:  # noqa: FBT001
    said = rules.enum
    _only(field, said, {"defined_only", "not_in"})
    if not said.defined_only or field.enum_type is None:
        raise RuleNotSupported(f"{field.full_name}: every enum must be defined_only")
    defined = frozenset(value.number for value in field.enum_type.values)
    known = Constraint(
        "enum.defined_only", "This value is not known here; it may come from a newer version.", defined.__contains__
    )
    constraints = [known]
    unwanted = frozenset(said.not_in)
    if unwanted:
        constraints.append(Constraint("enum.not_in", "This value says nothing.", lambda value: value not in unwanted))
    allowed = defined - unwanted - ({0} if rules.required else set())
    quick = f"v in {set(allowed)}"
    return ValueCheck(allowed.__contains__, tuple(constraints), rules.required, optional, quick=quick)


def _integer(field: FieldDescriptor, rules: validate_pb2.FieldRules, optional: bool) -> ValueCheck:  # noqa: FBT001
    kind = str(rules.WhichOneof("type"))
    said = getattr(rules, kind)
    _only(field, said, {"gt", "gte", "lt", "lte"})
    bottom = said.gt + 1 if said.HasField("gt") else said.gte if said.HasField("gte") else None
    top = said.lt - 1 if said.HasField("lt") else said.lte if said.HasField("lte") else None
    low, high = bottom if bottom is not None else -(1 << 63), top if top is not None else (1 << 64) - 1
    sentence = f"This must be from {low} to {high}." if top is not None else f"This must be {low} or more."
    allowed = range(int(low), int(high) + 1)
    holds = allowed.__contains__
    constraint = Constraint(_range_rule(kind, said), sentence, holds)
    quick = f"{allowed.start} <= v < {allowed.stop}"
    return ValueCheck(holds, (constraint,), rules.required, optional, quick=quick)


def _double(field: FieldDescriptor, rules: validate_pb2.FieldRules, optional: bool) -> ValueCheck:  # noqa: FBT001
    said = rules.double
    _only(field, said, {"gt", "gte", "lte"})
    low = said.gt if said.HasField("gt") else said.gte if said.HasField("gte") else -inf
    high = said.lte if said.HasField("lte") else inf
    if said.HasField("gt"):
        sentence = f"This must be more than {low:g} and at most {high:g}."
        constraint = Constraint(_range_rule("double", said), sentence, lambda value: low < value <= high)
    else:
        sentence = f"This must be from {low:g} to {high:g}."
        constraint = Constraint(_range_rule("double", said), sentence, lambda value: low <= value <= high)
    return ValueCheck(constraint.holds, (constraint,), rules.required, optional)


def _bytes(field: FieldDescriptor, rules: validate_pb2.FieldRules, optional: bool) -> ValueCheck:  # noqa: FBT001
    said = rules.bytes
    _only(field, said, {"len"})
    length = said.len
    constraint = Constraint("bytes.len", f"This must be {length} bytes.", lambda value: len(value) == length)
    return ValueCheck(constraint.holds, (constraint,), rules.required, optional, b"")


def plausible_time(value: Timestamp) -> bool:
    """Tell whether a Timestamp lies between 2000 and 2100 and has proper nanoseconds."""
    return YEAR_2000 <= value.seconds < YEAR_2100 and 0 <= value.nanos < 1_000_000_000


PLAUSIBLE_TIME = Constraint(
    "timestamp.plausible",
    "This must be a time between 2000 and 2100; note that it counts seconds, not milliseconds.",
    plausible_time,
)

PLAIN_TEXT = Constraint(
    "text.control_characters",
    "Text must not contain control characters or marks that turn its direction around.",
    _NO_CONTROLS.fullmatch,
)

_SCALARS: dict[str, Callable[[FieldDescriptor, validate_pb2.FieldRules, bool], ValueCheck]] = {
    "string": _string,
    "enum": _enum,
    "double": _double,
    "bytes": _bytes,
    **dict.fromkeys(_INTEGERS, _integer),
}


def _range_rule(kind: str, said: Any) -> str:  # noqa: ANN401 - one of several rule messages
    """Name a range as protovalidate does: ``uint32.gte``, ``uint32.gte_lte``."""
    names = [name for name in ("gt", "gte", "lt", "lte") if said.HasField(name)]
    return f"{kind}.{'_'.join(names)}"


def _only(field: FieldDescriptor, said: Any, known: set[str]) -> None:  # noqa: ANN401 - any rule message
    """Refuse annotations beyond ``known``."""
    for unknown in sorted({rule.name for rule, _ in said.ListFields()} - known):
        raise RuleNotSupported(f"{field.full_name}: {unknown}")
