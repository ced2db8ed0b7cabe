"""Release: which partners get a record, and in which form.

It happens before serialization, so that a field which no agreement lets through never exists in the bytes that are
signed. Partners that get the same fields under the same agreement share the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway import records
from gateway.errors import NotCovered, RecordInvalid, Violation
from gateway.ports.intake import AgreementVersion, Outgoing
from gateway.trust.agreements import FieldSelection
from gateway.trust.book import Released, TrustBook
from mutualrecognition.records.v1.record_pb2 import Purpose, Record

_PURPOSE_PREFIX: Final = "PURPOSE_"


@dataclass(frozen=True, slots=True)
class Release:
    """One partner's form of a record, and the field paths of the body that were left out."""

    partner: str
    agreement_id: str
    agreement_version: int
    record: bytes
    withheld: tuple[str, ...]

    @property
    def outgoing(self) -> Outgoing:
        """What the intake stores."""
        return Outgoing(self.partner, self.record, AgreementVersion(self.agreement_id, self.agreement_version))


@dataclass(frozen=True, slots=True)
class Route:
    """One partner that gets a record, and what lets it."""

    partner: str
    release: Released


@dataclass(frozen=True, slots=True)
class _Form:
    record: bytes
    withheld: tuple[str, ...]


class Releaser:
    """Makes the released forms of records under one trust book."""

    def __init__(self, book: TrustBook) -> None:
        self._book = book
        self._covering = lru_cache(maxsize=4096)(self._look_up)
        self._fields_of = lru_cache(maxsize=1024)(self.fields_of)

    def routes(self, record: Record, *, recipients: Collection[str], at: int) -> tuple[Route, ...]:
        """Say who gets a record and under which agreement, by partner; its rules need not be checked yet.

        ``recipients`` names whom it is for; empty: everybody to whom an agreement releases it.

        Raises:
            NotCovered: nobody gets it, or somebody of ``recipients`` does not.
            KindUnknown: it has no body.
        """
        header, kind = record.header, records.kind_of(record)
        purpose = purpose_name(header.purpose)
        routes: list[Route] = []
        for partner in sorted(recipients) or self._book.partners:
            release = self._covering(partner, kind, purpose, at, header.agreement_id)
            if release is not None:
                routes.append(Route(partner, release))
            elif recipients:
                raise NotCovered(_not_covered(partner, kind, purpose))
        if not routes:
            raise NotCovered(_not_covered("anybody", kind, purpose))
        return tuple(routes)

    def forms(
        self, record: Record, routes: Collection[Route], *, superseded: Mapping[str, Collection[str]]
    ) -> tuple[Release, ...]:
        """Give the released form of a completed and valid record for every route.

        ``superseded`` says who got the record that this one replaces: the others are not told that there was one.

        Raises:
            RecordInvalid: without what an agreement withholds, a rule of its kind would break.
        """
        knew_the_older = superseded.get(record.header.supersedes, ())
        made: dict[tuple[bytes, str, bool], _Form] = {}
        releases = []
        for route in routes:
            release = route.release
            keeps_link = bool(record.header.supersedes) and route.partner in knew_the_older
            key = (release.agreement.digest, release.selection.profile, keeps_link)
            if key not in made:
                made[key] = _form(record, release, self._fields_of(release.selection), keeps_link=keeps_link)
            form, terms = made[key], release.agreement.terms
            releases.append(Release(route.partner, terms.id, terms.version, form.record, form.withheld))
        return tuple(releases)

    def _look_up(self, partner: str, kind: str, purpose: str, at: int, agreement_id: str) -> Released | None:
        return self._book.release(partner, kind, purpose, at, agreement_id=agreement_id)

    def fields_of(self, selection: FieldSelection) -> records.FieldSelection:
        """Compile what an agreement lets through; the whole body where it names nothing."""
        return records.FieldSelection(selection.kind, selection.paths or (records.EVERYTHING,))


def purpose_name(purpose: Purpose.ValueType) -> str:
    """Give a purpose as agreements write it, empty when it is none that this version knows."""
    if purpose not in Purpose.values():
        return ""
    return Purpose.Name(purpose).removeprefix(_PURPOSE_PREFIX)


def _form(record: Record, release: Released, fields: records.FieldSelection, *, keeps_link: bool) -> _Form:
    terms = release.agreement.terms
    withheld = fields.withheld_from(record)
    released = fields.apply(record)
    header = released.header
    header.agreement_id = terms.id
    header.agreement_version = terms.version
    header.release_profile = release.selection.profile
    if not keeps_link:
        header.ClearField("supersedes")
    if withheld and (broken := records.check(released)):
        raise RecordInvalid(
            f"Agreement {terms.id} version {terms.version} withholds fields without which this record says nothing.",
            violations=tuple(Violation(v.path, v.rule, f"{v.message} (after release)") for v in broken),
        )
    return _Form(released.SerializeToString(), withheld)


def _not_covered(partner: str, kind: str, purpose: str) -> str:
    return f"No agreement in force releases a record of kind {kind} for the purpose {purpose or 'none'} to {partner}."
