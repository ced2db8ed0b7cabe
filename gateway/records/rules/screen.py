"""Good or bad, fast: the rules of a message type as one Python function that answers yes or no.

A record passes here at its issuer and again at its receiver, and nearly all records are good, so no path and no
sentence is made here. The function is written as source and compiled, as dataclasses are: with loops over a table of
fields instead, the same tests cost half as much again (docs/decisions/0003-field-rules.md). What it says is what
:mod:`gateway.records.rules.explain` says; a property test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from keyword import iskeyword
from typing import Any

from gateway.records.rules.annotations import Choice, ListField, MessageField, MessageRules, TimeField, ValueField
from gateway.records.rules.constraints import YEAR_2000, YEAR_2100, RuleNotSupported

Screen = Callable[[Any], bool]
"""Takes a message of its type; True when it keeps every rule."""

_REFUSE = "return False"


class ScreenBuilder:
    """Builds the screen of each message type once."""

    def __init__(self) -> None:
        self._built: dict[str, Screen] = {}

    def build(self, rules: MessageRules) -> Screen:
        """Build the screen of one message type and of all that it contains."""
        if rules.full_name not in self._built:
            source = _Source(self)
            source.write(rules)
            self._built[rules.full_name] = source.compile(rules.full_name)
        return self._built[rules.full_name]


class _Source:
    """The source of one screen, and the tests that it names."""

    def __init__(self, builder: ScreenBuilder) -> None:
        self._builder = builder
        self._lines: list[str] = []
        self._tests: dict[str, object] = {}

    def compile(self, name: str) -> Screen:
        """Make the function."""
        body = "\n    ".join((*self._lines, "return True"))
        text = f"def screen(m):\n    has = m.HasField\n    {body}\n"
        exec(compile(text, f"<screen of {name}>", "exec"), self._tests)  # noqa: S102 - our own text, names checked
        function: Screen = self._tests["screen"]  # type: ignore[assignment]
        return function

    def write(self, rules: MessageRules) -> None:
        """Write all rules of a message type, cheapest first.

        Messages stay in variables of their own until the end: protobuf makes an object for each that is looked at, and
        makes it again for the rules across fields when it has gone meanwhile.
        """
        for value in (field for field in rules.values if not field.presence):
            self._lines += [f"v = {_read(value)}", f"if {self._bad(value)}: {_REFUSE}"]
        for value in (field for field in rules.values if field.presence):
            self._if_there(value, f"v = {_read(value)}", f"if {self._bad(value)}: {_REFUSE}")
        for time in rules.times:
            own = f"time_{time.name}"
            plausible = f"{YEAR_2000} <= {own}.seconds < {YEAR_2100} and 0 <= {own}.nanos < 1_000_000_000"
            self._if_there(time, f"{own} = {_read(time)}", f"if not ({plausible}): {_REFUSE}")
        for message in rules.messages:
            inner, own = self._test(self._builder.build(message.rules)), f"message_{message.name}"
            self._if_there(message, f"{own} = {_read(message)}", f"if not {inner}({own}): {_REFUSE}")
        for repeated in rules.lists:
            self._list(repeated)
        for choice in rules.choices:
            self._choice(choice)
        self._refuse_unless(f"{self._test(rule.holds)}(m)" for rule in rules.across)

    def _bad(self, field: ValueField) -> str:
        """Say of the value ``v`` whether it is bad; nearly all are empty or plain, which needs no call to be known."""
        may_be_empty = "v and " if field.check.empty_passes and not field.presence else ""
        return f"{may_be_empty}not ({field.check.quick} or {self._test(field.check.holds)}(v))"

    def _refuse_unless(self, conditions: Iterator[str]) -> None:
        if joined := " and ".join(conditions):
            self._lines.append(f"if not ({joined}): {_REFUSE}")

    def _if_there(self, field: ValueField | TimeField | MessageField, *lines: str) -> None:
        self._lines += [f"if has({field.name!r}):", *(f"    {line}" for line in lines)]
        if field.required:
            self._lines.append(f"else: {_REFUSE}")

    def _list(self, field: ListField) -> None:
        each = self._builder.build(field.rules) if field.rules else field.check.holds if field.check else None
        bad = [f"n > {field.most}"]
        if field.least > 1:
            bad.append(f"n < {field.least}")
        if field.unique:
            bad.append("(n > 1 and len(set(x)) != n)")
        if each is not None:
            bad.append(f"not all(map({self._test(each)}, x))")
        self._lines += [f"x = {_read(field)}", "n = len(x)", "if n:", f"    if {' or '.join(bad)}: {_REFUSE}"]
        if field.least:
            self._lines.append(f"else: {_REFUSE}")

    def _choice(self, choice: Choice) -> None:
        tests: dict[str, Callable[[Any], object]] = {}
        for name, member in choice.members.items():
            if isinstance(member, MessageField):
                tests[name] = self._builder.build(member.rules)
            else:
                tests[name] = _anything if member is None else member.check.holds
        self._lines += [
            f"c = m.WhichOneof({choice.name!r})",
            "if c is not None:",
            f"    chosen_{choice.name} = getattr(m, c)",
            f"    if not {self._test(tests)}[c](chosen_{choice.name}): {_REFUSE}",
        ]
        if choice.required:
            self._lines.append(f"else: {_REFUSE}")

    def _test(self, test: object) -> str:
        name = f"_{len(self._tests)}"
        self._tests[name] = test
        return name


def _read(field: ValueField | TimeField | MessageField | ListField) -> str:
    if not field.name.isidentifier() or iskeyword(field.name):
        raise RuleNotSupported(f"{field.name}: no field may be called by a word of Python")
    return f"m.{field.name}"


def _anything(_: Any) -> bool:  # noqa: ANN401
    return True
