"""The schema of a scenario's file, and errors that name the file, the table and the key.

Times are written as ``2026-11-20T08:00:00Z``, spans as ``90s``, ``40m``, ``26h`` or ``3d``. In records and questions
``$NAME`` stands for a fact, ``@STEP`` for the id of the record that a step submitted, and ``now-40m`` for a time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.records.kinds import KINDS
from mock_partners.faulty import FAULTS

ADVERSARIES: Final = frozenset({"XA", "XB", "XC", "XD"})
_SPAN: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class ScenarioInvalid(Exception):
    """A scenario's file cannot be played; whoever wrote it corrects it."""


def seconds_of(span: str) -> int:
    """Read a span, such as 26h. ValueError when it is none."""
    found = _SPAN.fullmatch(span)
    if found is None:
        raise ValueError(f"{span!r} is not a span of time, as in 90s, 40m, 26h or 3d")
    return int(found[1]) * _UNITS[found[2]]


def _moment(value: object) -> object:
    if isinstance(value, datetime) and value.utcoffset() == UTC.utcoffset(None):
        return int(value.timestamp())
    raise ValueError("write a time in UTC, as in 2026-11-20T08:00:00Z")


def _kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"there is no kind {value!r} of record; the kinds are {', '.join(KINDS)}")
    return value


def _fault(value: str) -> str:
    if value not in FAULTS:
        raise ValueError(f"there is no fault {value!r}; the faults are {', '.join(FAULTS)}")
    return value


Administration = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Words = Annotated[str, Field(min_length=1)]
Moment = Annotated[int, BeforeValidator(_moment)]
Span = Annotated[int, BeforeValidator(lambda value: seconds_of(str(value)))]
Kind = Annotated[str, AfterValidator(_kind)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Pair = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*:[A-Z][A-Z0-9_]*$")]
"""A required check and its threat, as in NII:EXPLOSIVES_IED."""
Data = dict[str, Any]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Table):
    """One administration of the cast; ``fault`` makes it misbehave, which only XA to XD do."""

    role: Words
    fault: Annotated[str, AfterValidator(_fault)] | None = None


class AgreementUse(_Table):
    """An agreement of the shared ``base`` between ``parties``; ``change`` replaces whole keys of its terms."""

    base: StepName
    parties: Annotated[tuple[Administration, ...], Field(min_length=2)]
    change: Data = Field(default_factory=dict)


class _Step(_Table):
    """What every step may have. ``after`` places the step of a variant."""

    name: StepName | None = None
    why: Words | None = None
    after: StepName | None = None


class Submit(_Step):
    """``by`` issues a record. ``refused`` is the reason for which its own gateway is expected not to take it."""

    do: Literal["submit"]
    by: Administration
    kind: Kind
    body: Data = Field(default_factory=dict)
    header: Data = Field(default_factory=dict)
    to: tuple[Administration, ...] = ()
    supersedes: StepName | None = None
    refused: Code | None = None
    quarantined: bool = False
    arrives: bool = True


class Advance(_Step):
    """Time passes, for every node at once."""

    do: Literal["advance"]
    time: Span


class Switch(_Step):
    """A node goes off or on."""

    do: Literal["stop", "start"]
    node: Administration


class CheckExpected(_Table):
    """How one required check comes out.

    ``by`` is the kind of basis that meets it, ``reasons`` are all that speak against any basis, also where another
    one meets the check.
    """

    standing: Literal["MET", "MET_ON_CONDITION", "REMAINS", "AWAITED"]
    by: Literal["CONTROL", "SCREENING", "AEO", "COMBINATION"] | None = None
    reasons: tuple[Code, ...] = ()


class Answer(_Table):
    """What a decision is expected to say. What is left out is not looked at; what is there must be the whole of it.

    ``general`` are the reasons that refuse everything, ``reasons`` all reasons anywhere.
    """

    outcome: Literal["RELY", "RELY_SUBJECT_TO", "RELY_IN_PART", "DO_NOT_RELY", "VERIFY", "PENDING"]
    why: Words
    general: tuple[Code, ...] | None = None
    reasons: tuple[Code, ...] | None = None
    conditions: tuple[Words, ...] | None = None
    remaining: tuple[Pair, ...] | None = None
    checks: Mapping[Pair, CheckExpected] = Field(default_factory=dict)
    relied_on: tuple[StepName, ...] | None = None


class Decide(_Step):
    """``at`` asks whether it may rely; ``question`` goes over the scenario's own."""

    do: Literal["decide"]
    at: Administration
    require: Annotated[tuple[Pair, ...], Field(min_length=1)] | None = None
    question: Data = Field(default_factory=dict)
    expect: Answer


class Revisit(_Step):
    """A decision made before is looked at again: it has resolved by itself, or come to its default."""

    do: Literal["revisit"]
    decision: StepName
    expect: Answer


class Replay(_Step):
    """A decision is made again from what was kept with it."""

    do: Literal["replay"]
    decision: StepName
    verdict: Literal["SAME", "DIFFERENT", "EVIDENCE_ERASED"]


class Look(_Step):
    """``at`` looks at its link with ``partner``, or at how a record of a step stands with it."""

    do: Literal["look"]
    at: Administration
    partner: Administration | None = None
    link: Literal["OPEN", "CLOSED", "SUSPENDED"] | None = None
    equal_logs: bool = False
    record: StepName | None = None
    standing: Literal["ACCEPTED", "QUARANTINED", "ABSENT"] | None = None
    rules: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.partner is None) != (self.link is None and not self.equal_logs):
            raise ValueError("link and equal_logs go with partner, and partner with one of them")
        if (self.record is None) != (self.standing is None):
            raise ValueError("record and standing go together")
        return self


Step = Annotated[Submit | Advance | Switch | Decide | Revisit | Replay | Look, Field(discriminator="do")]


class Variant(_Table):
    """The same story with a difference: steps left out, changed by name, or added."""

    name: StepName
    title: Words
    why: Words
    facts: Data = Field(default_factory=dict)
    agreements: tuple[AgreementUse, ...] | None = None
    question: Data = Field(default_factory=dict)
    without: tuple[StepName, ...] = ()
    change: Mapping[StepName, Data] = Field(default_factory=dict)
    steps: tuple[Data, ...] = ()


class Scenario(_Table):
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
            if (part.fault is not None) != (name in ADVERSARIES):
                raise ValueError(f"{name} in [cast]: XA to XD misbehave and say how (fault), real countries never do")
        self._check_names()
        for number, step in enumerate(self.steps, 1):
            strangers = _people(step) - self.cast.keys()
            if strangers:
                raise ValueError(f"{min(strangers)} in [[steps]] table {number} is not in [cast]")
        return self

    def _check_names(self) -> None:
        names: set[str] = set()
        for number, step in enumerate(self.steps, 1):
            for named in _names_used(step):
                if named not in names:
                    raise ValueError(f"[[steps]] table {number} names {named!r}, which no earlier step is called")
            if step.name is not None:
                if step.name in names:
                    raise ValueError(f"two steps are called {step.name!r}")
                names.add(step.name)


def _people(step: Step) -> set[str]:
    named = {getattr(step, key, None) for key in ("by", "node", "at", "partner")} - {None}
    return {str(each) for each in named} | set(getattr(step, "to", ()))


def _names_used(step: Step) -> list[str]:
    named = [getattr(step, key, None) for key in ("supersedes", "decision", "record")]
    expected = getattr(step, "expect", None)
    return [each for each in named if each is not None] + list((expected and expected.relied_on) or ())


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
