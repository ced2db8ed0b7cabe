"""How consignments look in the national API."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.rpc.views import stored_record
from gateway.views.consignments import Asked, ConsignmentView, Fate, Relation, Strength, TimelineEntry
from gateway.views.tracing import Traced
from mutualrecognition.national.v1 import consignments_service_pb2 as pb

RECORD_BYTES: Final = 1024 * 1024
"""Bytes of records in one answer: each is given twice, exact and parsed, and a client takes 4 MiB by default."""

_STRENGTHS: Final = {Strength.STRONG: pb.MATCH_STRENGTH_STRONG, Strength.WEAK: pb.MATCH_STRENGTH_WEAK}
_RELATIONS: Final = {
    Relation.SAME: pb.RELATION_SAME,
    Relation.MASTER: pb.RELATION_MASTER,
    Relation.HOUSE: pb.RELATION_HOUSE,
    Relation.BESIDE: pb.RELATION_BESIDE,
}
_FATES: Final = {
    Fate.STANDS: pb.RECORD_FATE_STANDS,
    Fate.CORRECTED: pb.RECORD_FATE_CORRECTED,
    Fate.WITHDRAWN: pb.RECORD_FATE_WITHDRAWN,
}


def asked_for(keys: pb.ConsignmentKeys) -> Asked:
    """Read what is asked for."""
    return Asked(
        containers=frozenset(keys.container_numbers),
        documents=frozenset(keys.transport_documents),
        ucr=keys.ucr,
        mrn=keys.mrn,
        at=keys.at.seconds if keys.HasField("at") else None,
    )


def consignments(traced: Traced) -> tuple[list[pb.Consignment], bool]:
    """Show consignments while their records fit, the latest first; tells whether something is left out."""
    room = RECORD_BYTES
    shown: list[pb.Consignment] = []
    truncated = traced.truncated
    for view in traced.views:
        fitting: list[TimelineEntry] = []
        for entry in reversed(view.timeline):
            room -= len(entry.sighting.stored.record)
            if room < 0 and (fitting or shown):
                truncated = True
                break
            fitting.append(entry)
        if fitting:
            shown.append(_consignment(view, fitting[::-1]))
    return shown, truncated


def _consignment(view: ConsignmentView, timeline: list[TimelineEntry]) -> pb.Consignment:
    return pb.Consignment(
        container_numbers=view.containers,
        transport_documents=view.documents,
        ucrs=view.ucrs,
        mrns=view.mrns,
        voyages=view.voyages,
        swaps=[pb.ContainerSwap(from_container=left, to_container=entered) for left, entered in view.swaps],
        first_at=Timestamp(seconds=view.first_at),
        last_at=Timestamp(seconds=view.last_at),
        timeline=map(_entry, timeline),
    )


def _entry(entry: TimelineEntry) -> pb.TimelineEntry:
    return pb.TimelineEntry(
        at=Timestamp(seconds=entry.sighting.at),
        strength=_STRENGTHS[entry.strength],
        relation=_RELATIONS[entry.relation],
        fate=_FATES[entry.fate],
        by=entry.by,
        record=stored_record(entry.sighting.stored),
    )
