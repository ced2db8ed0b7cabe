"""How the values of an agreement are spelled: administrations, moments, codes, the paths of fields."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


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
Distinct: Final = AfterValidator(_distinct)
Purposes = Annotated[tuple[Annotated[Purpose, Field(strict=False)], ...], Field(strict=False, min_length=1), Distinct]


class Table(BaseModel):
    """One table of the text: its keys, and no others."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
