"""The terms of an agreement, as people write them in TOML: the schema, and errors that point into the text.

A date means its beginning in UTC, also as an end: ``valid_until = 2031-01-01`` is valid through 31 December 2030.
The terms of each pair of a plurilateral agreement stand in its flows; so do differences between directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, ValidationInfo, model_validator

from gateway.errors import DocumentInvalid, Violation
from gateway.trust.agreement_text import Location, place_in, read_tables
from gateway.trust.recognition_terms import Combination, Equivalence, Recognition, Union, recognition_faults
from gateway.trust.spelling import (
    Administration,
    Distinct,
    FieldPath,
    Identifier,
    Kind,
    Moment,
    Purpose,
    Purposes,
    Table,
    Words,
)

ALL_FIELDS: Final = "*"


class Flow(Table):
    """What one party releases to another of one kind, for which purposes, and how long it may be kept.

    ``fields`` are paths in the record's body, as in ``consignment.containers``; a path lets through all below it,
    ``*`` the whole body. What is not named is not sent.
    """

    sender: Administration = Field(alias="from")
    receiver: Administration = Field(alias="to")
    kind: Kind
    fields: Annotated[tuple[FieldPath, ...], Field(strict=False, min_length=1, max_length=500), Distinct]
    purposes: Purposes
    retention_days: Annotated[int, Field(ge=1, le=36_500)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sender == self.receiver:
            raise ValueError("from and to must differ")
        if ALL_FIELDS in self.fields and len(self.fields) > 1:
            raise ValueError("fields is either * alone or a list of paths")
        return self


class ResponseTime(Table):
    """How long ``responder`` may take to answer a request of this kind."""

    responder: Administration = Field(alias="from")
    asker: Administration = Field(alias="to")
    kind: Kind
    hours: Annotated[int, Field(ge=1, le=8784)]


class MaxStatusAge(Table):
    """How old a partner's list may be before its statuses stop counting."""

    kind: Kind
    hours: Annotated[int, Field(ge=1, le=8784)]


class Terms(Table):
    """Everything that the two or more parties agreed on. Times are POSIX seconds."""

    id: Identifier
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    title: Words
    legal_basis: Words
    parties: Annotated[tuple[Administration, ...], Field(strict=False, min_length=2, max_length=64), Distinct]
    valid_from: Moment
    valid_until: Moment
    signatures: Literal["ed25519", "ed25519+ml-dsa-44"]
    purposes: Purposes
    notice_days: Annotated[int, Field(ge=0, le=3650)] = 0
    onward: Literal["FORBIDDEN", "WITH_CONSENT"] = "FORBIDDEN"
    flows: Annotated[tuple[Flow, ...], Field(strict=False, min_length=1, max_length=1000)]
    equivalence: Annotated[tuple[Equivalence, ...], Field(strict=False, max_length=1000)] = ()
    combinations: Annotated[tuple[Combination, ...], Field(strict=False, max_length=200)] = ()
    recognition: Annotated[tuple[Recognition, ...], Field(strict=False, max_length=200)] = ()
    unions: Annotated[tuple[Union, ...], Field(strict=False, max_length=16)] = ()
    response_times: Annotated[tuple[ResponseTime, ...], Field(strict=False, max_length=1000)] = ()
    max_status_age: Annotated[tuple[MaxStatusAge, ...], Field(strict=False, max_length=64)] = ()

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        """Gather what is wrong across tables where the caller asks for that, as ``parse_terms`` does; else refuse."""
        gathered = info.context
        for location, sentence in self._faults():
            if gathered is None:
                raise ValueError(sentence)
            gathered.append((location, sentence))
        return self

    def _faults(self) -> Iterator[tuple[Location, str]]:
        if self.valid_from >= self.valid_until:
            yield ("valid_until",), "valid_until must be later than valid_from"
        pairs = [
            *(("flows", number, flow.sender, flow.receiver) for number, flow in enumerate(self.flows)),
            *(("response_times", number, row.responder, row.asker) for number, row in enumerate(self.response_times)),
        ]
        for table, number, *both in pairs:
            for stranger in (party for party in both if party not in self.parties):
                yield (table, number), f"{stranger} in [[{table}]] table {number + 1} is not among the parties"
        yield from self._flow_faults()
        yield from recognition_faults(self.parties, self.unions, self.equivalence, self.combinations, self.recognition)

    def _flow_faults(self) -> Iterator[tuple[Location, str]]:
        seen: dict[tuple[str, str, str, Purpose], int] = {}
        for number, flow in enumerate(self.flows):
            for purpose in flow.purposes:
                if purpose not in self.purposes:
                    yield (
                        ("flows", number, "purposes"),
                        f"{purpose} in [[flows]] table {number + 1} is not among the agreement's purposes",
                    )
                key = (flow.sender, flow.receiver, flow.kind, purpose)
                if seen.setdefault(key, number) != number:
                    way = f"{flow.sender} releases to {flow.receiver} of {flow.kind} for {purpose}"
                    yield ("flows", number), f"[[flows]] tables {seen[key] + 1} and {number + 1} both say what {way}"


def parse_terms(text: str) -> Terms:
    """Read an agreement's text: the header line, then TOML.

    Raises:
        DocumentInvalid: with the place in the text, every mistake in ``violations``. Mistakes across tables are
            looked for when each table by itself is right.
    """
    tables = read_tables(text)
    across: list[tuple[Location, str]] = []
    try:
        terms = Terms.model_validate(tables, context=across)
    except ValidationError as error:
        violations = tuple(_violation(text, *fault) for fault in _own_faults(error))
    else:
        violations = tuple(_violation(text, location, "across_tables", sentence) for location, sentence in across)
    if not violations:
        return terms
    more = f" There are {len(violations) - 1} more mistakes." if len(violations) > 1 else ""
    raise DocumentInvalid(f"In the agreement, {violations[0].message}.{more}", violations=violations)


def _own_faults(error: ValidationError) -> Iterator[tuple[Location, str, str]]:
    """Give every fault but those that follow from others: a list is too short also when its rows are at fault."""
    found = error.errors()
    for each in found:
        location = each["loc"]
        follows = any(other["loc"][: len(location)] == location and other is not each for other in found)
        if not (each["type"] == "too_short" and follows):
            yield location, each["type"], each["msg"]


def _violation(text: str, location: Location, rule: str, message: str) -> Violation:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    words = message.removeprefix("Value error, ").replace("Input should be", "it must be")
    if rule == "missing":
        words = "is missing"
    elif rule == "extra_forbidden":
        words = "means nothing here"
    return Violation(path, rule, f"{place_in(text, location)}: {words}")
