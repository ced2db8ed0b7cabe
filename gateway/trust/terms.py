"""The terms of an agreement, as people write them in TOML: the schema, and errors that point into the text.

A date means its beginning in UTC, also as an end: ``valid_until = 2031-01-01`` is valid through 31 December 2030.
The terms of each pair of a plurilateral agreement stand in its flows; so do differences between directions.
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.errors import DocumentInvalid, Violation

HEADER: Final = "mutualrecognition/agreement/v1"
ALL_FIELDS: Final = "*"


class Purpose(StrEnum):
    """What a receiver may use a record for; the names of the records' ``Purpose`` without their prefix."""

    SECURITY_RISK = "SECURITY_RISK"
    AEO_BENEFIT = "AEO_BENEFIT"
    FISCAL = "FISCAL"
    INVESTIGATION = "INVESTIGATION"


def _to_posix(value: object) -> object:
    if isinstance(value, datetime):
        if value.utcoffset() is None or value.utcoffset() != UTC.utcoffset(None):
            raise ValueError("a time must be in UTC, as in 2026-01-31T12:00:00Z")
        if value.microsecond:
            raise ValueError("a time has whole seconds")
        return int(value.timestamp())
    if isinstance(value, date):
        return int(datetime.combine(value, time.min, UTC).timestamp())
    raise ValueError("it must be a date, as in 2026-01-31, or a time, as in 2026-01-31T12:00:00Z")


def _spelled(pattern: str, words: str) -> AfterValidator:
    """Hold a text to a pattern, and say in words what it should be."""
    whole = re.compile(pattern)

    def check(value: str) -> str:
        if not whole.fullmatch(value):
            raise ValueError(f"{value!r} is not {words}")
        return value

    return AfterValidator(check)


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("a value stands there twice")
    return values


_NAME: Final = r"[a-z][a-z0-9_]*"
Administration = Annotated[str, _spelled(r"[A-Z]{2}", "an administration, which is two capital letters")]
Moment = Annotated[int, BeforeValidator(_to_posix), Field(ge=0)]
Identifier = Annotated[
    str, _spelled(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", "an id of at most 64 letters a-z, digits, dots, hyphens")
]
Kind = Annotated[str, Field(max_length=64), _spelled(_NAME, "a kind, as in inspection_outcome")]
FieldPath = Annotated[
    str,
    Field(max_length=128),
    _spelled(rf"\*|{_NAME}(?:\.{_NAME})*", "the path of a field, as in consignment.containers, or *"),
]
Code = Annotated[str, _spelled(r"[A-Z][A-Z0-9_]{0,63}", "a code, as in NII_XRAY")]
Words = Annotated[str, Field(min_length=1, max_length=1000)]
Purposes = Annotated[
    tuple[Annotated[Purpose, Field(strict=False)], ...], Field(strict=False, min_length=1), AfterValidator(_distinct)
]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Flow(_Table):
    """What one party releases to another of one kind, for which purposes, and how long it may be kept.

    ``fields`` are paths in the record's body, as in ``consignment.containers``; a path lets through all below it,
    ``*`` the whole body. What is not named is not sent.
    """

    sender: Administration = Field(alias="from")
    receiver: Administration = Field(alias="to")
    kind: Kind
    fields: Annotated[
        tuple[FieldPath, ...], Field(strict=False, min_length=1, max_length=500), AfterValidator(_distinct)
    ]
    purposes: Purposes
    retention_days: Annotated[int, Field(ge=1, le=36_500)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sender == self.receiver:
            raise ValueError("from and to must differ")
        if ALL_FIELDS in self.fields and len(self.fields) > 1:
            raise ValueError("fields is either * alone or a list of paths")
        return self


class Equivalence(_Table):
    """When ``relying`` takes a check that ``issuer`` carried out for one of its own (read by ``recognition``)."""

    issuer: Administration = Field(alias="from")
    relying: Administration = Field(alias="to")
    basis: Literal["control", "screening", "aeo"]
    method: Code | None = None
    counts_as: Code
    threats: Annotated[tuple[Code, ...], Field(strict=False, min_length=1), AfterValidator(_distinct)]
    max_age_hours: Annotated[int, Field(ge=1)]
    level_at_most: Literal["NONE", "LOW", "MEDIUM", "HIGH"] | None = None
    min_energy_mev: Annotated[float, Field(gt=0, le=20)] | None = None
    min_penetration_mm_steel: Annotated[int, Field(ge=1, le=1000)] | None = None
    min_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    seal: Literal["I", "S", "H"] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.basis == "control") != (self.method is not None):
            raise ValueError("a control names its method; a screening or an AEO status has none")
        if (self.basis == "screening") != (self.level_at_most is not None):
            raise ValueError("a screening names the highest level that counts; other bases have none")
        return self


class ResponseTime(_Table):
    """How long ``responder`` may take to answer a request of this kind."""

    responder: Administration = Field(alias="from")
    asker: Administration = Field(alias="to")
    kind: Kind
    hours: Annotated[int, Field(ge=1, le=8784)]


class MaxStatusAge(_Table):
    """How old a partner's list may be before its statuses stop counting."""

    kind: Kind
    hours: Annotated[int, Field(ge=1, le=8784)]


class Terms(_Table):
    """Everything that the two or more parties agreed on. Times are POSIX seconds."""

    id: Identifier
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    title: Words
    legal_basis: Words
    parties: Annotated[
        tuple[Administration, ...], Field(strict=False, min_length=2, max_length=64), AfterValidator(_distinct)
    ]
    valid_from: Moment
    valid_until: Moment
    signatures: Literal["ed25519", "ed25519+ml-dsa-44"]
    purposes: Purposes
    notice_days: Annotated[int, Field(ge=0, le=3650)] = 0
    onward: Literal["FORBIDDEN", "WITH_CONSENT"] = "FORBIDDEN"
    flows: Annotated[tuple[Flow, ...], Field(strict=False, min_length=1, max_length=1000)]
    equivalence: Annotated[tuple[Equivalence, ...], Field(strict=False, max_length=1000)] = ()
    response_times: Annotated[tuple[ResponseTime, ...], Field(strict=False, max_length=1000)] = ()
    max_status_age: Annotated[tuple[MaxStatusAge, ...], Field(strict=False, max_length=64)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.valid_from >= self.valid_until:
            raise ValueError("valid_until must be later than valid_from")
        pairs = [
            *(("flows", number, flow.sender, flow.receiver) for number, flow in enumerate(self.flows, 1)),
            *(("equivalence", number, row.issuer, row.relying) for number, row in enumerate(self.equivalence, 1)),
            *(
                ("response_times", number, row.responder, row.asker)
                for number, row in enumerate(self.response_times, 1)
            ),
        ]
        for table, number, *both in pairs:
            if strangers := [party for party in both if party not in self.parties]:
                raise ValueError(f"{strangers[0]} in [[{table}]] table {number} is not among the parties")
        self._check_flows()
        return self

    def _check_flows(self) -> None:
        seen: dict[tuple[str, str, str, Purpose], int] = {}
        for number, flow in enumerate(self.flows, 1):
            for purpose in flow.purposes:
                if purpose not in self.purposes:
                    raise ValueError(f"{purpose} in [[flows]] table {number} is not among the agreement's purposes")
                key = (flow.sender, flow.receiver, flow.kind, purpose)
                if seen.setdefault(key, number) != number:
                    raise ValueError(
                        f"[[flows]] tables {seen[key]} and {number} both say what {flow.sender} releases to "
                        f"{flow.receiver} of {flow.kind} for {purpose}"
                    )


def parse_terms(text: str) -> Terms:
    """Read an agreement's text: the header line, then TOML.

    Raises:
        DocumentInvalid: with the place in the text, in ``violations`` too.
    """
    header, _, body = text.partition("\n")
    if header != HEADER:
        raise DocumentInvalid(f"An agreement begins with the line {HEADER}.")
    try:
        tables = tomllib.loads(f"#\n{body}")  # a comment in place of the header, so that line numbers are the text's
    except ValueError as error:  # TOMLDecodeError is one; so is a number of more digits than Python reads
        raise DocumentInvalid(f"The agreement is not TOML: {error}.") from None
    except RecursionError:
        raise DocumentInvalid("The agreement is not TOML that anybody would write: it is nested too deeply.") from None
    try:
        return Terms.model_validate(tables)
    except ValidationError as error:
        violations = tuple(_violation(text, found["loc"], found["type"], found["msg"]) for found in error.errors())
        first = violations[0]
        more = f" There are {len(violations) - 1} more mistakes." if len(violations) > 1 else ""
        raise DocumentInvalid(f"In the agreement, {first.message}.{more}", violations=violations) from None


def _violation(text: str, location: tuple[int | str, ...], rule: str, message: str) -> Violation:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    words = message.removeprefix("Value error, ")
    if rule == "missing":
        words = "is missing"
    elif rule == "extra_forbidden":
        words = "means nothing here"
    return Violation(path, rule, f"{place_in(text, location)}: {words}")


def place_in(text: str, location: tuple[int | str, ...]) -> str:
    """Say where in an agreement's text a value stands: its table, the line of that table's heading, its key.

    ``location`` leads to the value, lists by index from 0, as in ``("flows", 1, "fields")``.
    """
    if not location:
        return "as a whole"
    table, *rest = location
    if not (rest and isinstance(rest[0], int) and _heading_lines(text, str(table))):
        return _key_words(location)
    number = rest[0]
    lines = _heading_lines(text, str(table))
    where = f"[[{table}]] table {number + 1}"
    if number < len(lines):
        where += f" (line {lines[number]})"
    return f"{where}, {_key_words(tuple(rest[1:]))}" if rest[1:] else where


def _key_words(location: tuple[int | str, ...]) -> str:
    key, *rest = location
    return f"key {key}, value {rest[0] + 1}" if rest and isinstance(rest[0], int) else f"key {key}"


def _heading_lines(text: str, table: str) -> list[int]:
    heading = re.compile(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]")
    return [number for number, line in enumerate(text.split("\n"), 1) if heading.match(line)]
