"""Rules between a record's header and its body."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Rule
from mutualrecognition.records.v1.record_pb2 import PURPOSE_UNSPECIFIED, Record

WITHOUT_AGREEMENT = frozenset({"judgement"})
"""Kinds that travel under the link alone: a receiver may always say what it thinks of what it got."""

SUBJECTS: Mapping[str, frozenset[str]] = {
    "aeo_status": frozenset({"operator"}),
    "screening_result": frozenset({"consignment"}),
    "inspection_outcome": frozenset({"consignment", "control_id", "request_id"}),
    "judgement": frozenset({"origin"}),
}
"""What a record of each kind can be about."""


def agreement_named(record: Record) -> bool:
    """Every kind but a judgement names the agreement, its version and the purpose; a judgement names none."""
    header = record.header
    named = (bool(header.agreement_id), header.agreement_version > 0, header.purpose != PURPOSE_UNSPECIFIED)
    return not any(named) if record.WhichOneof("body") in WITHOUT_AGREEMENT else all(named)


def subject_fits(record: Record) -> bool:
    """The subject is of a sort that the kind can be about."""
    kind, about = record.WhichOneof("body"), record.header.subject.WhichOneof("about")
    return kind is None or about is None or about in SUBJECTS[kind]


def subject_is_the_bodys(record: Record) -> bool:
    """Where the body names the same thing, it names the same one: order on the link goes by the subject."""
    subject = record.header.subject
    match record.WhichOneof("body"), subject.WhichOneof("about"):
        case "aeo_status", "operator":
            return subject.operator.tin == record.aeo_status.tin
        case "inspection_outcome", "control_id":
            return subject.control_id == record.inspection_outcome.control_id
        case "inspection_outcome", "request_id":
            return subject.request_id == record.inspection_outcome.request_id
        case "judgement", "origin":
            return subject.origin == record.judgement.origin
    return True


NAMED: Mapping[str, tuple[Rule, ...]] = {
    Record.DESCRIPTOR.full_name: (
        Rule(
            "record.agreement",
            "Name the agreement, its version and the purpose; a judgement names none of them.",
            agreement_named,
            path="header",
        ),
        Rule("record.subject_kind", "A record of this kind cannot be about that.", subject_fits, path="header.subject"),
        Rule(
            "record.subject_differs",
            "The subject in the header must be the one that the body names.",
            subject_is_the_bodys,
            path="header.subject",
        ),
    ),
}
