"""What one agreement says about relying on one issuer, laid out for looking up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.trust.agreements import Agreement
from gateway.trust.recognition_terms import Combination, Equivalence, Recognition
from gateway.trust.terms import Terms
from gateway.values import once, remembers, value

POLICY_VERSION: Final = "3"
"""Grows when a rule is changed: a replay then may come out differently, and says so."""

_AEO: Final = "aeo_status"
_HOUR: Final = 3600
_NOTHING: Final[frozenset[str]] = frozenset()
_RANK: Final = {None: 0, "I": 1, "S": 2, "H": 3}


@value
class Row:
    """One row of equivalence, with the name by which results tell of it: its own, or its number from 1."""

    terms: Equivalence
    label: str

    @property
    def max_age(self) -> int:
        """Seconds."""
        return self.terms.max_age_hours * _HOUR


@value
class Together:
    """A combination, with the rows that it takes, each with the class of seal that row or combination demands."""

    terms: Combination
    parts: tuple[tuple[Row, str | None], ...]
    bases: frozenset[str]
    """What its rows call the bases that it takes."""


@remembers
@dataclass(frozen=True)
class Policy:
    """The terms of ``agreement`` for what ``issuer`` states to ``own``. Rows of ``issuer``'s union count as its own."""

    agreement: Agreement
    issuer: str
    own: str
    rows: Mapping[tuple[str, str, str], tuple[Row, ...]] = field(repr=False)
    """By basis, check, threat: those that count alone."""
    named: Mapping[str, Row] = field(repr=False)
    released: Mapping[tuple[str, str], frozenset[str]] = field(repr=False)
    """For which purposes a sender's records of a kind may come here while the agreement is in force."""
    settings: Recognition

    @property
    def terms(self) -> Terms:
        """The agreement's terms."""
        return self.agreement.terms

    @once
    def reference(self) -> str:
        """The agreement as results name it."""
        return f"{self.terms.id} version {self.terms.version}"

    @once
    def max_list_age(self) -> int | None:
        """After how many seconds the issuer's list of operators is stale; None when the agreement does not say."""
        return next((row.hours * _HOUR for row in self.terms.max_status_age if row.kind == _AEO), None)

    @once
    def issues(self) -> bool:
        """Whether the agreement covers records of this issuer: in a union, only its issuing members'."""
        unions = [union for union in self.terms.unions if self.issuer in union.members]
        return all(self.issuer in union.issuing for union in unions)

    @once
    def knows_operators(self) -> bool:
        """Whether any row lets an operator's standing count, alone or in a combination."""
        return any(basis == "aeo" for basis, _, _ in self.rows) or any(
            row.terms.basis == "aeo" for row in self.named.values()
        )

    def counts_for(self, check: str, threat: str) -> bool:
        """Say whether any row that counts alone speaks of this check and threat."""
        return any(self.rows.get((basis, check, threat)) for basis in ("control", "screening", "aeo"))

    def lets_come(self, sender: str, kind: str, purposes: Iterable[str]) -> bool:
        """Say whether the agreement lets such a record come here for one of these purposes."""
        return not self.released.get((sender, kind), _NOTHING).isdisjoint(purposes)


def policy_of(agreement: Agreement, *, issuer: str, own: str) -> Policy:
    """Lay out what an agreement says of records that ``issuer`` states to ``own``."""
    terms = agreement.terms
    theirs, mine = names_of(terms, issuer), names_of(terms, own)
    rows = [row for row in _rows(terms) if row.terms.issuer in theirs and row.terms.relying in mine]
    by_use: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        for threat in row.terms.threats:
            if row.terms.alone:
                by_use[row.terms.basis, row.terms.counts_as, threat].append(row)
    settings = next((row for row in terms.recognition if row.issuer in theirs and row.relying in mine), None)
    return Policy(
        agreement=agreement,
        issuer=issuer,
        own=own,
        rows={key: tuple(found) for key, found in by_use.items()},
        named={row.terms.name: row for row in rows if row.terms.name},
        released=_released(terms, own),
        settings=settings or Recognition.model_validate({"from": issuer, "to": own}),
    )


def combinations_of(agreement: Agreement, own: str) -> tuple[Together, ...]:
    """Give the combinations that ``own`` takes."""
    rows = {row.terms.name: row for row in _rows(agreement.terms) if row.terms.name}
    mine = names_of(agreement.terms, own)
    return tuple(
        Together(
            each,
            tuple((rows[name], stronger(rows[name].terms.seal, each.seal)) for name in each.all_of),
            frozenset(rows[name].terms.basis for name in each.all_of),
        )
        for each in agreement.terms.combinations
        if each.relying in mine
    )


def names_of(terms: Terms, administration: str) -> frozenset[str]:
    """Give how rows may name an administration: by itself, or by a union of which it is a member."""
    return frozenset([administration, *(union.code for union in terms.unions if administration in union.members)])


def is_strong_enough(seal_class: int, required: str | None) -> bool:
    """Say whether a seal's class (``SealClass``) is at least the one that is required; unknown is no class."""
    return seal_class >= _RANK[required]


def stronger(one: str | None, other: str | None) -> str | None:
    """Give the stronger of two classes of seal."""
    return max(one, other, key=lambda each: _RANK[each])


def _released(terms: Terms, own: str) -> Mapping[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for flow in terms.flows:
        if flow.receiver == own:
            found[flow.sender, flow.kind] |= set(flow.purposes)
    return {key: frozenset(purposes) for key, purposes in found.items()}


def _rows(terms: Terms) -> Sequence[Row]:
    return [Row(row, row.name or f"row {number}") for number, row in enumerate(terms.equivalence, 1)]
