"""One record as the rules see it: who stated what, how it is proven, and whether something took its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from gateway.values import value
from mutualrecognition.national.v1.decision_facts_pb2 import RecordFacts
from mutualrecognition.records.v1.consignment_ref_pb2 import DOCUMENT_LEVEL_HOUSE, ConsignmentRef
from mutualrecognition.records.v1.record_pb2 import Purpose, Record

_PURPOSES: Final = {number: name.removeprefix("PURPOSE_") for name, number in Purpose.items()}
_HAPPENED: Final = {
    "inspection_outcome": "ended_at",
    "screening_result": "performed_at",
    "seal_event": "at",
    "movement_event": "at",
    "arrival_feedback": "arrived_at",
    "aeo_status": "effective_at",
}
"""Which field tells when it happened; without it, it is from when on the record holds."""

OF_OPERATORS: Final = frozenset({"aeo_status", "identifier_mapping"})
"""Kinds that are about an operator, and about no goods."""


@value
class _Naming:
    """Which fields of a kind name goods."""

    consignment: bool
    house_documents: bool
    container_numbers: bool
    equipment: bool
    single: tuple[str, ...]
    """Those that hold the number of one container."""


def _naming(fields: Collection[str]) -> _Naming:
    """Read from the schema how a kind names goods."""
    return _Naming(
        consignment="consignment" in fields,
        house_documents="house_documents" in fields,
        container_numbers="container_numbers" in fields,
        equipment="equipment" in fields,
        single=tuple(
            [name for name in ("container_number", "from_container", "to_container") if name in fields],
        ),
    )


_NAMING: Final = {"": _naming(())} | {
    kind.name: _naming(kind.message_type.fields_by_name)  # type: ignore[union-attr]
    for kind in Record.DESCRIPTOR.oneofs_by_name["body"].fields
}


@value
class GoodsNamed:
    """The keys by which a record names goods. ``houses`` are those of ``documents`` that are house documents."""

    containers: frozenset[str]
    documents: frozenset[str]
    houses: frozenset[str]
    ucr: str
    mrn: str

    @property
    def is_named(self) -> bool:
        """Whether it names any; an alert on an operator and the withdrawal of a record do not."""
        return bool(self.containers or self.documents or self.ucr or self.mrn)


@value(eq=False)
class Stated:
    """A record with its provenance. Times are POSIX seconds.

    ``partner`` is empty for an own record. ``receipted_at`` None: no receipt covers it. ``key_from`` and ``key_until``
    say when the keys that signed for it counted; ``key_until`` 0: none of them is known. ``purpose`` is empty when it
    is none that this version knows. ``holds_until`` is the end that the record itself states. ``held`` tells that it
    has been in quarantine since it came.
    """

    record_id: str
    issuer: str
    office: str
    partner: str
    kind: str
    sequence: int
    agreement_id: str
    purpose: str
    issued_at: int
    at: int
    holds_until: int | None
    supersedes: str
    receipted_at: int | None
    key_from: int
    key_until: int
    judgement: str
    held: bool
    recipients: tuple[str, ...]
    body: Any
    goods: GoodsNamed


class Succession:
    """Which record took the place of which: the last word of the same issuer, or a withdrawal."""

    def __init__(self, stated: Iterable[Stated]) -> None:
        self._after: dict[tuple[str, str], Stated] = {}
        for each in stated:
            if not each.supersedes:
                continue
            known = self._after.get((each.issuer, each.supersedes))
            if known is None or _order(known) < _order(each):
                self._after[each.issuer, each.supersedes] = each

    def of(self, stated: Stated) -> Stated | None:
        """Give what took a record's place; None while it stands."""
        return self._after.get((stated.issuer, stated.record_id))

    def standing(self, several: Sequence[Stated]) -> Sequence[Stated]:
        """Give those of which nothing took the place."""
        return [each for each in several if self.of(each) is None] if self._after else several


def read_stated(kept: RecordFacts, *, own: str) -> Stated:
    """Read a kept record."""
    record = kept.record
    header = record.header
    kind = record.WhichOneof("body") or ""
    body: Any = getattr(record, kind) if kind else None
    moment = _HAPPENED.get(kind)
    issued_at = header.issued_at.seconds
    holds_from = header.effective_from.seconds if header.HasField("effective_from") else issued_at
    return Stated(
        record_id=header.record_id,
        issuer=header.issuer or own,
        office=header.issuing_office,
        partner=kept.partner,
        kind=kind,
        sequence=kept.sequence,
        agreement_id=header.agreement_id,
        purpose=_PURPOSES.get(header.purpose, ""),
        issued_at=issued_at,
        at=getattr(body, moment).seconds if moment and body.HasField(moment) else holds_from,
        holds_until=header.effective_to.seconds if header.HasField("effective_to") else None,
        supersedes=header.supersedes,
        receipted_at=kept.receipted_at or None,
        key_from=kept.key_from,
        key_until=kept.key_until,
        judgement=kept.judgement,
        held=kept.held,
        recipients=tuple(kept.recipients),
        body=body,
        goods=_goods_named(record, body, _NAMING[kind]),
    )


def _goods_named(record: Record, body: Any, naming: _Naming) -> GoodsNamed:  # noqa: ANN401  any body
    """Give the keys by which a record names goods: its body's, and where that names none its subject's."""
    containers: list[str] = []
    documents: list[str] = []
    houses: list[str] = []
    ucr = mrn = ""
    if (reference := _reference(record, body, naming)) is not None:
        containers += reference.container_numbers
        for paper in reference.transport_documents:
            documents.append(paper.number)
            if paper.level == DOCUMENT_LEVEL_HOUSE:
                houses.append(paper.number)
        ucr, mrn = reference.ucr, reference.mrn
    if naming.house_documents:
        own = [each.number for each in body.house_documents]
        houses += own
        documents += own
    if naming.container_numbers:
        containers += body.container_numbers
    if naming.equipment:
        containers += [each.number for each in body.equipment]
    containers += [number for name in naming.single if (number := getattr(body, name))]
    return GoodsNamed(frozenset(containers), frozenset(documents), frozenset(houses), ucr, mrn)


def _reference(record: Record, body: Any, naming: _Naming) -> ConsignmentRef | None:  # noqa: ANN401
    if naming.consignment and body.HasField("consignment"):
        return body.consignment  # type: ignore[no-any-return]
    subject = record.header.subject
    return subject.consignment if subject.WhichOneof("about") == "consignment" else None


def _order(stated: Stated) -> tuple[int, str]:
    return stated.issued_at, stated.record_id
