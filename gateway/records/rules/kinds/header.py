"""Rules of the header, the subject and the keys of a consignment."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds, in_order
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef, Location
from mutualrecognition.records.v1.record_pb2 import Header


def effective_order(header: Header) -> bool:
    """A statement ends after it begins."""
    if not (header.HasField("effective_from") and header.HasField("effective_to")):
        return True
    return not in_order(header.effective_to, header.effective_from)


def retention_order(header: Header) -> bool:
    """A record may be kept at least until it is issued."""
    if not (header.HasField("retain_until") and header.HasField("issued_at")):
        return True
    return in_order(header.issued_at, header.retain_until)


def supersedes_another(header: Header) -> bool:
    """A record replaces another one, not itself."""
    return not header.supersedes or header.supersedes != header.record_id


def key_stated(reference: ConsignmentRef) -> bool:
    """A consignment has a key beside its LRN and its voyage, which name goods only together with others."""
    return bool(
        reference.ucr or reference.mrn or reference.container_numbers or reference.transport_documents,
    )


def place_stated(location: Location) -> bool:
    """A place has a code or a name."""
    return bool(location.locode or location.name)


SAID: Mapping[str, Holds] = {
    "header.effective_order": effective_order,
    "header.retention_order": retention_order,
    "header.supersedes_itself": supersedes_another,
    "consignment.key_missing": key_stated,
    "location.empty": place_stated,
}
