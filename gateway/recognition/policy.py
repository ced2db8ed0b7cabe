"""What one agreement says about relying on one issuer, laid out for looking up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from gateway.trust.agreements import Agreement
from gateway.trust.recognition_terms import Combination, Equivalence, Recognition
from gateway.trust.terms import Terms

POLICY_VERSION: Final = "1"
"""Grows when a rule is changed: a replay then may come out differently, and says so."""

_AEO: Final = "aeo_status"
_HOUR: Final = 3600
_RANK: Final = {None: 0, "I": 1, "S": 2, "H": 3}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of equivalence, with the name by which results tell of it: its own, or its number from 1."""

    terms: Equivalence
    label: str

    @property
    def max_age(self) -> int:
        """Seconds."""
        return self.terms.max_age_hours * _HOUR


@dataclass(frozen=True, slots=True)
class Together:
    """A combination, with the rows that it takes."""

    terms: Combination
    parts: tuple[tuple[str, Row], ...]
    """Each with its issuer as the row names it: an administration or a union."""


@dataclass(frozen=True)
class Policy:
    """The terms of ``agreement`` for what ``issuer`` states to ``own``. Rows of ``issuer``'s union count as its own."""

    agreement: Agreement
    issuer: str
    own: str
    rows: Mapping[tuple[str, str, str], tuple[Row, ...]] = field(repr=False)
    """By basis, check, threat: those that count alone."""
    named: Mapping[str, Row] = field(repr=False)
    settings: Recognition

    @property
    def terms(self) -> Terms:
        """The agreement's terms."""
        return self.agreement.terms

    @property
    def reference(self) -> str:
        """The agreement as results name it."""
        return f"{self.terms.id} version {self.terms.version}"

    @cached_property
    def max_list_age(self) -> int | None:
        """After how many seconds the issuer's list of operators is stale; None when the agreement does not say."""
        return next((row.hours * _HOUR for row in self.terms.max_status_age if row.kind == _AEO), None)

    @cached_property
    def issues(self) -> bool:
        """Whether the agreement covers records of this issuer: in a union, only its issuing members'."""
        unions = [union for union in self.terms.unions if self.issuer in union.members]
        return all(self.issuer in union.issuing for union in unions)

    def counts_for(self, check: str, threat: str) -> bool:
        """Say whether any row that counts alone speaks of this check and threat."""
        return any(self.rows.get((basis, check, threat)) for basis in ("control", "screening", "aeo"))

    def seen_by(self, releasing: Iterable[str], kind: str, purposes: Iterable[str], at: int) -> bool:
        """Say whether the agreement lets such a record come here for one of these purposes at this time."""
        senders = tuple(releasing)
        return any(
            self.agreement.releases(sender, self.own, kind, purpose, at) for sender in senders for purpose in purposes
        )


class Policies:
    """Makes policies, each once: an agreement's text never changes."""

    def __init__(self) -> None:
        self._made: dict[tuple[bytes, str, str], Policy] = {}
        self._together: dict[tuple[bytes, str], tuple[Together, ...]] = {}

    def of(self, agreement: Agreement, *, issuer: str, own: str) -> Policy:
        """Give the policy for what ``issuer`` states to ``own``."""
        key = (agreement.digest, issuer, own)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = _policy(agreement, issuer, own)
        return found

    def combinations(self, agreement: Agreement, own: str) -> tuple[Together, ...]:
        """Give the combinations that ``own`` takes."""
        key = (agreement.digest, own)
        found = self._together.get(key)
        if found is None:
            rows = {row.terms.name: row for row in _rows(agreement.terms) if row.terms.name}
            mine = _names_of(agreement.terms, own)
            found = self._together[key] = tuple(
                Together(each, tuple((rows[name].terms.issuer, rows[name]) for name in each.all_of))
                for each in agreement.terms.combinations
                if each.relying in mine
            )
        return found


def names_of(terms: Terms, administration: str) -> frozenset[str]:
    """Give how rows may name an administration: by itself, or by a union of which it is a member."""
    return _names_of(terms, administration)


def is_strong_enough(seal_class: int, required: str | None) -> bool:
    """Say whether a seal's class (``SealClass``) is at least the one that is required; unknown is no class."""
    return seal_class >= _RANK[required]


def stronger(one: str | None, other: str | None) -> str | None:
    """Give the stronger of two classes of seal."""
    return max(one, other, key=lambda each: _RANK[each])


def _policy(agreement: Agreement, issuer: str, own: str) -> Policy:
    terms = agreement.terms
    theirs, mine = _names_of(terms, issuer), _names_of(terms, own)
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
        settings=settings or Recognition.model_validate({"from": issuer, "to": own}),
    )


def _rows(terms: Terms) -> Sequence[Row]:
    return [Row(row, row.name or f"row {number}") for number, row in enumerate(terms.equivalence, 1)]


def _names_of(terms: Terms, administration: str) -> frozenset[str]:
    return frozenset([administration, *(union.code for union in terms.unions if administration in union.members)])
