"""Every fault with its path: for the person who must correct a record.

Slow, and only run when the screen has said no. Walks the same rules (:mod:`gateway.records.rules.annotations`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.errors import Violation
from gateway.records.rules.annotations import Choice, ListField, MessageField, MessageRules, TimeField, ValueField
from gateway.records.rules.constraints import PLAUSIBLE_TIME, ValueCheck


def explain(rules: MessageRules, message: Any, path: str = "") -> Iterator[Violation]:  # noqa: ANN401 - any message
    """Yield what is wrong with ``message`` and all that it contains; ``path`` is where it stands in the record."""
    prefix = f"{path}." if path else ""
    for value in rules.values:
        yield from _value(value, message, prefix)
    for time in rules.times:
        yield from _time(time, message, prefix)
    for inner in rules.messages:
        yield from _message(inner, message, prefix)
    for repeated in rules.lists:
        yield from _list(repeated, message, prefix)
    for choice in rules.choices:
        yield from _choice(choice, message, prefix)
    if any(len(getattr(message, each.name)) > each.most for each in rules.lists):
        return  # some of the rules below walk a list, and this one has no end that was agreed on
    for rule in rules.across:
        if not rule.holds(message):
            at = f"{prefix}{rule.path}" if rule.path else path
            yield Violation(at, rule.name, rule.sentence)


def _value(field: ValueField, message: Any, prefix: str) -> Iterator[Violation]:  # noqa: ANN401
    if field.presence and not message.HasField(field.name):
        if field.required:
            yield _missing(prefix + field.name)
        return
    yield from _broken(field.check, getattr(message, field.name), prefix + field.name)


def _time(field: TimeField, message: Any, prefix: str) -> Iterator[Violation]:  # noqa: ANN401
    if not message.HasField(field.name):
        if field.required:
            yield _missing(prefix + field.name)
    elif not PLAUSIBLE_TIME.holds(getattr(message, field.name)):
        yield Violation(prefix + field.name, PLAUSIBLE_TIME.rule, PLAUSIBLE_TIME.sentence)


def _message(field: MessageField, message: Any, prefix: str) -> Iterator[Violation]:  # noqa: ANN401
    if message.HasField(field.name):
        yield from explain(field.rules, getattr(message, field.name), prefix + field.name)
    elif field.required:
        yield _missing(prefix + field.name)


def _list(field: ListField, message: Any, prefix: str) -> Iterator[Violation]:  # noqa: ANN401
    values, path = getattr(message, field.name), prefix + field.name
    count = len(values)
    if count < field.least:
        yield Violation(path, "repeated.min_items", f"At least {field.least} must be stated.")
    if count > field.most:
        yield Violation(path, "repeated.max_items", f"At most {field.most} may be stated, here are {count}.")
        return
    if field.unique and len(set(values)) != count:
        yield Violation(path, "repeated.unique", "The same value stands here twice.")
    for index, value in enumerate(values):
        if field.rules is not None:
            yield from explain(field.rules, value, f"{path}[{index}]")
        elif field.check is not None:
            yield from _broken(field.check, value, f"{path}[{index}]")


def _choice(choice: Choice, message: Any, prefix: str) -> Iterator[Violation]:  # noqa: ANN401
    chosen = message.WhichOneof(choice.name)
    if chosen is None:
        if choice.required:
            yield Violation(prefix + choice.name, "required", "Exactly one of these must be stated.")
        return
    member = choice.members[chosen]
    if isinstance(member, MessageField):
        yield from explain(member.rules, getattr(message, chosen), prefix + chosen)
    elif member is not None:
        yield from _broken(member.check, getattr(message, chosen), prefix + chosen)


def _broken(check: ValueCheck, value: object, path: str) -> Iterator[Violation]:
    return (Violation(path, rule, sentence) for rule, sentence in check.broken(value))


def _missing(path: str) -> Violation:
    return Violation(path, "required", "This must be stated.")
