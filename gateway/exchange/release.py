"""Release: which partners get a record, and in which form.

It happens before serialization, so that a field which no agreement lets through never exists in the bytes that are
signed. Partners that get the same fields under the same agreement share the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from gateway import records
from gateway.errors import NotCovered, RecordInvalid, Violation
from gateway.ports.intake import AgreementVersion, Outgoing
from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.record_pb2 import Purpose, Record

_PURPOSE_NAMES: Final = {number: name.removeprefix("PURPOSE_") for name, number in Purpose.items()}


@dataclass(frozen=True, slots=True)
class Release:
    """One partner's form of a record, and the field paths of the body that were left out.

    ``parsed`` is the same form before it was serialized. ``whole`` tells that the partner gets all that was submitted.
    """

    partner: str
    agreement: AgreementVersion
    record: bytes
    withheld: tuple[str, ...]
    parsed: Record
    whole: bool

    @property
    def outgoing(self) -> Outgoing:
        """What the intake stores."""
        return Outgoing(self.partner, self.record, self.agreement)


@dataclass(frozen=True, slots=True)
class Route:
    """One partner that gets records of one kind and purpose, the agreement that lets it, and its fields, compiled.

    ``since`` is when the agreement came into force: it does not cover what was issued before.
    """

    partner: str
    agreement: AgreementVersion
    profile: str
    fields: records.FieldSelection
    since: int


class _Form(NamedTuple):
    record: bytes
    withheld: tuple[str, ...]
    parsed: Record
    whole: bool


class Releaser:
    """Makes the released forms of records under one trust book."""

    def __init__(self, book: TrustBook) -> None:
        self._book = book
        self._partners = book.partners
        self._route_to = lru_cache(maxsize=4096)(self._look_up)
        self._compiled = lru_cache(maxsize=1024)(records.FieldSelection)

    def routes(self, record: Record, *, recipients: Collection[str], at: int) -> tuple[Route, ...]:
        """Say who gets a record and under which agreement, by partner; its rules need not be checked yet.

        ``recipients`` names whom it is for; empty: everybody to whom an agreement releases it. The agreement is in
        force at ``at`` and was in force when the record was issued: the receiver asks for the latter.

        Raises:
            NotCovered: nobody gets it, or somebody of ``recipients`` does not.
            KindUnknown: it has no body.
        """
        header, kind = record.header, records.kind_of(record)
        purpose = purpose_name(header.purpose)
        routes: list[Route] = []
        for partner in sorted(recipients) or self._partners:
            route = self._route_to(partner, kind, purpose, at, header.agreement_id)
            if route is not None and route.since <= header.issued_at.seconds:
                routes.append(route)
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
        older = record.header.supersedes
        knew_the_older = superseded.get(older, ()) if older else ()
        made: dict[tuple[AgreementVersion, str, bool], _Form] = {}
        releases = []
        for route in routes:
            keeps_link = route.partner in knew_the_older
            key = (route.agreement, route.profile, keeps_link)
            form = made.get(key)
            if form is None:
                form = made[key] = _form(record, route, keeps_link=keeps_link)
            releases.append(Release(route.partner, route.agreement, *form))
        return tuple(releases)

    def _look_up(self, partner: str, kind: str, purpose: str, at: int, agreement_id: str) -> Route | None:
        released = self._book.release(partner, kind, purpose, at, agreement_id=agreement_id)
        if released is None:
            return None
        terms, selection = released.agreement.terms, released.selection
        allowed = selection.paths or frozenset({records.EVERYTHING})
        fields = self._compiled(kind, allowed)
        agreement = AgreementVersion(terms.id, terms.version)
        return Route(partner, agreement, selection.profile, fields, terms.valid_from)


def purpose_name(purpose: Purpose.ValueType) -> str:
    """Give a purpose as agreements write it, empty when it is none that this version knows."""
    return _PURPOSE_NAMES.get(purpose, "")


def _form(record: Record, route: Route, *, keeps_link: bool) -> _Form:
    withheld = route.fields.withheld_from(record)
    released = route.fields.apply(record)
    header, agreement = released.header, route.agreement
    header.agreement_id, header.agreement_version = agreement.id, agreement.version
    header.release_profile = route.profile
    whole = not withheld and (keeps_link or not header.supersedes)
    if not keeps_link:
        header.ClearField("supersedes")
    if withheld and (broken := records.check(released)):
        raise RecordInvalid(
            f"Agreement {agreement.id} version {agreement.version} withholds fields without which this record says "
            "nothing.",
            violations=tuple(Violation(v.path, v.rule, f"{v.message} (after release)") for v in broken),
        )
    return _Form(released.SerializeToString(), withheld, released, whole)


def _not_covered(partner: str, kind: str, purpose: str) -> str:
    what = f"a record of kind {kind} for the purpose {purpose or 'none'} to {partner}"
    return f"No agreement that is in force, and was so when the record was issued, releases {what}."


class PresentReleaser:
    """The releaser of the present trust book. Whoever works with one while trust changes ends with that one."""

    def __init__(self, book: TrustBook, make: Callable[[TrustBook], Releaser]) -> None:
        self._make = make
        self._present = make(book)

    def use(self, book: TrustBook) -> None:
        """Make the releaser of a new trust book the present one."""
        self._present = self._make(book)

    def present(self) -> Releaser:
        """Give it."""
        return self._present
