"""A scenario's file: its schema, and errors that name the file, the table and the key.

Times are written as ``2026-11-20T08:00:00Z``, spans as ``90s``, ``40m``, ``26h`` or ``3d``. In records and questions
``$NAME`` stands for a fact, ``@STEP`` for the id of the record that a step submitted, and ``now-40m`` for a time.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from mock_partners.behaviours import SpecInvalid, parse
from mock_partners.staging.steps import (
    Administration,
    Data,
    Step,
    StepName,
    Table,
    Words,
    people_of,
    steps_named_by,
)

ADVERSARIES: Final = frozenset({"XA", "XB", "XC", "XD"})


class ScenarioInvalid(Exception):
    """A scenario's file cannot be played; whoever wrote it corrects it."""


def _moment(value: object) -> object:
    if isinstance(value, datetime) and value.utcoffset() == UTC.utcoffset(None):
        return int(value.timestamp())
    raise ValueError("write a time in UTC, as in 2026-11-20T08:00:00Z")


def _behaviour(value: str) -> str:
    try:
        parse(value)
    except SpecInvalid as error:
        raise ValueError(str(error)) from None
    return value


Moment = Annotated[int, BeforeValidator(_moment)]


class Part(Table):
    """One administration of the cast; ``behaviours`` make it misbehave, which only XA to XD do.

    ``later``: it behaves until a step says otherwise.
    """

    role: Words
    behaviours: tuple[Annotated[str, AfterValidator(_behaviour)], ...] = ()
    later: bool = False


class AgreementUse(Table):
    """An agreement of the shared ``base`` between ``parties``; ``change`` replaces whole keys of its terms."""

    base: StepName
    parties: Annotated[tuple[Administration, ...], Field(min_length=2)]
    change: Data = Field(default_factory=dict)


class Variant(Table):
    """The same story with a difference: steps left out, changed by name, or added; who misbehaves, otherwise."""

    name: StepName
    title: Words
    why: Words
    facts: Data = Field(default_factory=dict)
    agreements: tuple[AgreementUse, ...] | None = None
    behaviours: tuple[Annotated[str, AfterValidator(_behaviour)], ...] | None = None
    question: Data = Field(default_factory=dict)
    without: tuple[StepName, ...] = ()
    change: Mapping[StepName, Data] = Field(default_factory=dict)
    steps: tuple[Data, ...] = ()


class Scenario(Table):
    """One story: who takes part, under which agreements, what happens, what must come of it and why."""

    title: Words
    why: Words
    waits: Words | None = None
    start: Moment
    cast: Mapping[Administration, Part]
    agreements: Annotated[tuple[AgreementUse, ...], Field(min_length=1)]
    facts: Data = Field(default_factory=dict)
    question: Data = Field(default_factory=dict)
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    variants: tuple[Variant, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, part in self.cast.items():
            if bool(part.behaviours) != (name in ADVERSARIES):
                raise ValueError(
                    f"{name} in [cast]: XA to XD misbehave and say how (behaviours), real countries never do"
                )
        self._check_names()
        for number, step in enumerate(self.steps, 1):
            if step.do in ("misbehave", "behave") and step.node not in ADVERSARIES:
                raise ValueError(f"[[steps]] table {number}: {step.node} has no behaviours to switch")
            strangers = people_of(step) - self.cast.keys()
            if strangers:
                raise ValueError(f"{min(strangers)} in [[steps]] table {number} is not in [cast]")
        return self

    def _check_names(self) -> None:
        names: set[str] = set()
        for number, step in enumerate(self.steps, 1):
            for named in steps_named_by(step):
                if named not in names:
                    raise ValueError(f"[[steps]] table {number} names {named!r}, which no earlier step is called")
            if step.name is not None:
                if step.name in names:
                    raise ValueError(f"two steps are called {step.name!r}")
                names.add(step.name)


def read_script(file: Path) -> Scenario:
    """Read a scenario's file.

    Raises:
        ScenarioInvalid: it is not there, is not TOML, or a table or key is unknown or wrong; all are named.
    """
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ScenarioInvalid(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise ScenarioInvalid(f"{file} is not TOML: {error}.") from None
    return checked(tables, str(file))


def checked(tables: Data, source: str) -> Scenario:
    """Check a scenario's tables; ``source`` is named in the errors.

    Raises:
        ScenarioInvalid: with every fault.
    """
    try:
        return Scenario.model_validate(tables)
    except ValidationError as error:
        faults = "; ".join(f"{_place(fault['loc'])}{_plain(fault['type'], fault['msg'])}" for fault in error.errors())
        raise ScenarioInvalid(f"{source}: {faults}.") from None


def _place(location: tuple[int | str, ...]) -> str:
    """Say where in the file: ``[[steps]] table 3 (submit), key body``."""
    if not location:
        return ""
    table, *rest = location
    where = f"[{table}]"
    if rest and isinstance(rest[0], int):
        where = f"[[{table}]] table {rest[0] + 1}"
        del rest[0]
    if table == "steps" and rest:
        where += f" ({rest.pop(0)})"
    if len(location) == 1:
        return f"key {table}: "
    return f"{where}, key {'.'.join(str(part) for part in rest)}: " if rest else f"{where}: "


def _plain(rule: str, message: str) -> str:
    words = {"missing": "is missing", "extra_forbidden": "means nothing here"}
    return words.get(rule, message.removeprefix("Value error, "))
