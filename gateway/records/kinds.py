"""What sorts of record there are, and what a record is about."""

from __future__ import annotations

from gateway.errors import KindUnknown
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.record_pb2 import Record

KINDS: tuple[str, ...] = tuple(field.name for field in Record.DESCRIPTOR.oneofs_by_name["body"].fields)
"""The names of all kinds, as agreements list them: the fields of the body, in the order of the proto."""


def kind_of(record: Record) -> str:
    """Name the kind of a record; :class:`KindUnknown` when it has no body that this version knows."""
    kind = record.WhichOneof("body")
    if kind is None:
        raise KindUnknown("The record has no body of a kind that this version knows.")
    return str(kind)


def subject_key(record: Record) -> str:
    """Give a text that is the same for records about the same thing, so that they keep their order on a link.

    A consignment is named by the first of its keys that is there: container, UCR, transport document, MRN. Two
    records that name the same goods by different keys have different texts: this serves order, not identity.
    """
    subject = record.header.subject
    match about := subject.WhichOneof("about"):
        case None:
            return ""
        case "operator":
            return f"operator:{subject.operator.tin}"
        case "consignment":
            return f"consignment:{_consignment_key(subject.consignment)}"
        case _:
            return f"{about}:{getattr(subject, about)}"


def _consignment_key(reference: ConsignmentRef) -> str:
    if reference.container_numbers:
        return f"container:{min(reference.container_numbers)}"
    if reference.ucr:
        return f"ucr:{reference.ucr}"
    if reference.transport_documents:
        document = reference.transport_documents[0]
        return f"document:{document.issuer}:{document.number}"
    return f"mrn:{reference.mrn}"
