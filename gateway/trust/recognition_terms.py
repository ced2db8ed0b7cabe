"""What an agreement says about relying on each other's checks; ``gateway.recognition`` reads it.

A *basis* is what a required check may be left out on: a control, a screening, an operator's standing (``aeo``), or a
combination of these. Old agreements stay valid: whatever is new here has a default that lets nothing more count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.trust.agreement_text import Location
from gateway.trust.spelling import Administration, Code, Distinct, Identifier, Table

Seal = Literal["I", "S", "H"]
Codes = Annotated[tuple[Code, ...], Field(strict=False, min_length=1, max_length=64), Distinct]
Parties = Annotated[tuple[Administration, ...], Field(strict=False, min_length=1, max_length=64), Distinct]


class Equivalence(Table):
    """When ``relying`` takes a check that ``issuer`` carried out for one of its own (read by ``recognition``).

    ``seal`` is the class that a container must bear afterwards. ``standard`` is the code of the technical standard that
    the equipment must meet. ``roles`` are the parts in the supply chain in which an operator's standing counts; none
    named: any. A row with ``alone = false`` counts only as a part of a combination.
    """

    issuer: Administration = Field(alias="from")
    relying: Administration = Field(alias="to")
    basis: Literal["control", "screening", "aeo"]
    name: Identifier | None = None
    method: Code | None = None
    counts_as: Code
    threats: Codes
    max_age_hours: Annotated[int, Field(ge=1)]
    level_at_most: Literal["NONE", "LOW", "MEDIUM", "HIGH"] | None = None
    min_energy_mev: Annotated[float, Field(gt=0, le=20)] | None = None
    min_penetration_mm_steel: Annotated[int, Field(ge=1, le=1000)] | None = None
    min_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    standard: Code | None = None
    seal: Seal | None = None
    roles: Annotated[tuple[Code, ...], Field(strict=False, max_length=16), Distinct] = ()
    alone: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.basis == "control") != (self.method is not None):
            raise ValueError("a control names its method; a screening or an AEO status has none")
        if (self.basis == "screening") != (self.level_at_most is not None):
            raise ValueError("a screening names the highest level that counts; other bases have none")
        if self.basis != "control" and any((self.min_energy_mev, self.min_penetration_mm_steel, self.standard)):
            raise ValueError("energy, penetration and standard are those of a control's equipment")
        if self.roles and self.basis != "aeo":
            raise ValueError("roles are those of an operator, with the basis aeo")
        if not self.alone and self.name is None:
            raise ValueError("a row that counts only in a combination needs a name, by which combinations find it")
        return self


class Combination(Table):
    """Rows that count together for one check, where perhaps none would alone: ``all_of`` names them."""

    relying: Administration = Field(alias="to")
    name: Identifier
    counts_as: Code
    threats: Codes
    all_of: Annotated[tuple[Identifier, ...], Field(strict=False, min_length=2, max_length=8), Distinct]
    seal: Seal | None = None


class Recognition(Table):
    """How ``relying`` weighs what ``issuer`` states, over and above the single rows."""

    issuer: Administration = Field(alias="from")
    relying: Administration = Field(alias="to")
    weight_tolerance_percent: Annotated[float, Field(ge=0, le=50)] = 5.0
    sample_percent: Annotated[float, Field(ge=0, le=100)] = 2.0
    minor_corrected: bool = False
    weigh_at_gate: bool = False
    pending_default: Literal["DO_NOT_RELY", "DECIDE_ON_WHAT_IS_KNOWN"] = "DO_NOT_RELY"


class Union(Table):
    """A customs union among the parties: its ``members``, and those of them whose records the agreement covers.

    Rows of equivalence and recognition may name the union's code in place of each of its members.
    """

    code: Administration
    members: Parties
    issuing: Annotated[tuple[Administration, ...], Field(strict=False, max_length=64), Distinct]


def recognition_faults(
    parties: Sequence[str],
    unions: Sequence[Union],
    equivalence: Sequence[Equivalence],
    combinations: Sequence[Combination],
    recognition: Sequence[Recognition],
) -> Iterator[tuple[Location, str]]:
    """Hold the tables against each other; give what is wrong, with its place."""
    yield from _union_faults(parties, unions)
    known = {*parties, *(union.code for union in unions)}
    for table, number, both in (
        *(("equivalence", number, (row.issuer, row.relying)) for number, row in enumerate(equivalence)),
        *(("recognition", number, (row.issuer, row.relying)) for number, row in enumerate(recognition)),
        *(("combinations", number, (row.relying,)) for number, row in enumerate(combinations)),
    ):
        for stranger in (party for party in both if party not in known):
            yield (table, number), f"{stranger} in [[{table}]] table {number + 1} is not among the parties"
    yield from _twice("recognition", ((row.issuer, row.relying) for row in recognition))
    yield from _twice("equivalence", (row.name for row in equivalence))
    yield from _twice("combinations", (row.name for row in combinations))
    relying = {row.name: row.relying for row in equivalence if row.name}
    for number, combination in enumerate(combinations):
        for part in combination.all_of:
            if relying.get(part) != combination.relying:
                where = f"{part} in [[combinations]] table {number + 1}"
                sentence = f"{where} is the name of no row of [[equivalence]] to {combination.relying}"
                yield ("combinations", number, "all_of"), sentence


def _union_faults(parties: Sequence[str], unions: Sequence[Union]) -> Iterator[tuple[Location, str]]:
    yield from _twice("unions", (union.code for union in unions))
    for number, union in enumerate(unions):
        where = f"in [[unions]] table {number + 1}"
        if union.code in parties:
            yield ("unions", number, "code"), f"{union.code} {where} is a party; a union's members are"
        for member in union.members:
            if member not in parties:
                yield ("unions", number, "members"), f"{member} {where} is not among the parties"
        for member in union.issuing:
            if member not in union.members:
                yield ("unions", number, "issuing"), f"{member} {where} issues, but is no member"


def _twice(table: str, keys: Iterable[object]) -> Iterator[tuple[Location, str]]:
    seen: dict[object, int] = {}
    for number, key in enumerate(keys):
        if key is not None and seen.setdefault(key, number) != number:
            named = " to ".join(key) if isinstance(key, tuple) else key
            yield (table, number), f"[[{table}]] tables {seen[key] + 1} and {number + 1} are both {named}"
