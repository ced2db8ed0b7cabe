"""Rules between a record's header and its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from gateway.records.rules.across import Rule
from mutualrecognition.records.v1.record_pb2 import PURPOSE_UNSPECIFIED, Record

WITHOUT_AGREEMENT = frozenset({"judgement"})
"""Kinds that travel under the link alone: a receiver may always say what it thinks of what it got."""

_GOODS = frozenset({"consignment"})
_REQUEST = frozenset({"request_id", "consignment"})

SUBJECTS: Mapping[str, frozenset[str]] = {
    "aeo_status": frozenset({"operator"}),
    "screening_result": _GOODS,
    "inspection_outcome": frozenset({"consignment", "control_id", "request_id"}),
    "judgement": frozenset({"origin"}),
    "seal_event": _GOODS,
    "control_request": _REQUEST,
    "control_answer": _REQUEST,
    "screening_request": _REQUEST,
    "screening_answer": _REQUEST,
    "information_request": _REQUEST | {"operator"},
    "information_answer": _REQUEST | {"operator"},
    "consignment_data": _GOODS,
    "arrival_feedback": frozenset({"consignment", "control_id", "record_id"}),
    "alert": frozenset({"consignment", "operator", "programme", "record_id"}),
    "alert_answer": frozenset({"consignment", "operator", "programme", "record_id"}),
    "movement_event": _GOODS,
    "equipment": frozenset({"equipment_id"}),
    "identifier_mapping": frozenset({"operator"}),
    "reliance_notice": frozenset({"consignment", "control_id", "record_id"}),
    "recall": frozenset({"record_id", "operator", "equipment_id", "programme"}),
    "recall_answer": frozenset({"record_id", "operator", "equipment_id", "programme"}),
    "withdrawal": frozenset({"record_id"}),
}
"""What a record of each kind can be about."""

_REQUEST_KINDS = tuple(kind for kind, subjects in SUBJECTS.items() if subjects >= _REQUEST)

_BODYS_OWN: Mapping[str, Callable[[Record], str]] = {
    "aeo_status operator": lambda record: record.aeo_status.tin,
    "inspection_outcome control_id": lambda record: record.inspection_outcome.control_id,
    "inspection_outcome request_id": lambda record: record.inspection_outcome.request_id,
    "judgement origin": lambda record: record.judgement.origin,
    "equipment equipment_id": lambda record: record.equipment.equipment_id,
    "identifier_mapping operator": lambda record: record.identifier_mapping.tin,
    "alert operator": lambda record: record.alert.tin,
    "alert programme": lambda record: record.alert.programme,
    "withdrawal record_id": lambda record: record.header.supersedes,
    **{f"{kind} request_id": attrgetter(f"{kind}.request_id") for kind in _REQUEST_KINDS},
}
"""Where a kind's body names its subject too: how to read it there."""


def agreement_named(record: Record) -> bool:
    """Every kind but a judgement names the agreement, its version and the purpose; a judgement names none."""
    header = record.header
    if record.WhichOneof("body") in WITHOUT_AGREEMENT:
        return not (header.agreement_id or header.agreement_version or header.purpose)
    return bool(header.agreement_id and header.agreement_version and header.purpose != PURPOSE_UNSPECIFIED)


def subject_fits(record: Record) -> bool:
    """The subject is of a sort that the kind can be about."""
    kind, about = record.WhichOneof("body"), record.header.subject.WhichOneof("about")
    return kind is None or about is None or about in SUBJECTS[kind]


def subject_is_the_bodys(record: Record) -> bool:
    """Where the body names the same thing, it names the same one: order on the link goes by the subject."""
    subject = record.header.subject
    about = subject.WhichOneof("about")
    read = _BODYS_OWN.get(f"{record.WhichOneof('body')} {about}")
    if about is None or read is None:
        return True
    return read(record) == (subject.operator.tin if about == "operator" else getattr(subject, about))


def withdrawal_supersedes(record: Record) -> bool:
    """A withdrawal takes back a record that it names."""
    return record.WhichOneof("body") != "withdrawal" or bool(record.header.supersedes)


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
        Rule(
            "record.withdraws_nothing",
            "A withdrawal must name in supersedes the record that it takes back.",
            withdrawal_supersedes,
            path="header.supersedes",
        ),
    ),
}
