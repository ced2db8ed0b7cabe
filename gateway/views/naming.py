"""What a record names, each thing as the key that stands for it: its subject, and what its body speaks of.

What the keys mean is said in :mod:`gateway.views.keys`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef

_MOST_IN_REFERENCE: Final = 500
_MOST_ITEMS: Final = 999
"""Containers and documents of one reference, items of goods; the rules allow no more, and what has more is in
quarantine."""


def consignment_keys(reference: ConsignmentRef) -> list[str]:
    """Give the keys of a reference. An LRN and a voyage identify nothing alone, so they are none.

    It stands on the path of every record. protobuf's lists are copied before they are walked: that is twice as fast.
    """
    keys = [f"container:{number}" for number in reference.container_numbers[:_MOST_IN_REFERENCE]]
    if documents := reference.transport_documents:
        keys += [f"document:{document.number}" for document in documents[:_MOST_IN_REFERENCE]]
    if ucr := reference.ucr:
        keys.append(f"ucr:{ucr}")
    if mrn := reference.mrn:
        keys.append(f"mrn:{mrn}")
    return keys


def subject_keys(subject: Any) -> Iterable[str]:  # noqa: ANN401  the generated class says no more
    """Give the keys of what a record is about, as its header says."""
    about = subject.WhichOneof("about")
    if about == "consignment":
        return consignment_keys(subject.consignment)
    if about == "operator":
        return (f"tin:{subject.operator.tin}",)
    prefix = _SUBJECT_PREFIXES.get(about)
    return (f"{prefix}:{getattr(subject, about)}",) if prefix else ()


_SUBJECT_PREFIXES: Final = {
    "control_id": "control",
    "request_id": "request",
    "record_id": "record",
    "equipment_id": "equipment",
    "programme": "programme",
}


def _of_standing(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"tin:{body.tin}"


def _of_mapping(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"tin:{body.tin}"
    for each in body.local_ids:
        yield f"local:{each.scheme}:{each.value}"


def _of_consignment_data(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield from consignment_keys(body.consignment)
    for equipment in body.equipment:
        yield f"container:{equipment.number}"
    for item in body.goods[:_MOST_ITEMS]:
        for number in item.container_numbers:
            yield f"container:{number}"
    for document in body.links:
        yield f"document:{document.number}"
    for actor in body.supply_chain_actors:
        yield f"actor:{actor.tin}"


def _of_outcome(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield from consignment_keys(body.consignment)
    yield f"control:{body.control_id}"
    if body.request_id:
        yield f"request:{body.request_id}"


def _of_goods(body: Any) -> Iterable[str]:  # noqa: ANN401
    return consignment_keys(body.consignment)


def _of_seal(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"container:{body.container_number}"
    if body.linked_control_id:
        yield f"control:{body.linked_control_id}"


def _of_movement(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield from consignment_keys(body.consignment)
    for number in (body.from_container, body.to_container):
        if number:
            yield f"container:{number}"
    if body.linked_control_id:
        yield f"control:{body.linked_control_id}"


def _of_request(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"request:{body.request_id}"
    for key in consignment_keys(body.consignment):
        yield key
        yield f"asked:{key}"


def _of_information_request(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield from _of_request(body)
    if body.tin:
        yield f"tin:{body.tin}"


def _of_answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"request:{body.request_id}"


def _of_control_answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"request:{body.request_id}"
    if body.control_id:
        yield f"control:{body.control_id}"
        yield f"answered:control:{body.control_id}"
    if body.outcome_record_id:
        yield f"answered:record:{body.outcome_record_id}"


def _of_screening_answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"request:{body.request_id}"
    if body.result_record_id:
        yield f"answered:record:{body.result_record_id}"


def _of_alert(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"alert:{body.alert_id}"
    if body.lifts:
        yield f"alert:{body.lifts}"
    for number in body.container_numbers:
        yield f"container:{number}"
    for document in body.house_documents:
        yield f"document:{document.number}"
    if body.tin:
        yield f"tin:{body.tin}"
    if body.programme:
        yield f"programme:{body.programme}"
    yield from _records(body)


def _of_equipment(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"equipment:{body.equipment_id}"


def _of_alert_answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"alert:{body.alert_id}"


def _of_feedback(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield from consignment_keys(body.consignment)
    for control_id in body.control_ids:
        yield f"control:{control_id}"
    yield from _records(body)


def _of_notice(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield from consignment_keys(body.consignment)
    yield from _records(body)


def _of_recall(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"recall:{body.recall_id}"
    yield from _records(body)


def _of_recall_answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"recall:{body.recall_id}"


def _records(body: Any) -> Iterator[str]:  # noqa: ANN401
    for record_id in body.record_ids:
        yield f"record:{record_id}"


BODY_KEYS: Final[dict[str, Callable[[Any], Iterable[str]]]] = {
    "aeo_status": _of_standing,
    "identifier_mapping": _of_mapping,
    "consignment_data": _of_consignment_data,
    "inspection_outcome": _of_outcome,
    "screening_result": _of_goods,
    "seal_event": _of_seal,
    "movement_event": _of_movement,
    "control_request": _of_request,
    "screening_request": _of_request,
    "information_request": _of_information_request,
    "control_answer": _of_control_answer,
    "screening_answer": _of_screening_answer,
    "information_answer": _of_answer,
    "alert": _of_alert,
    "alert_answer": _of_alert_answer,
    "equipment": _of_equipment,
    "arrival_feedback": _of_feedback,
    "reliance_notice": _of_notice,
    "recall": _of_recall,
    "recall_answer": _of_recall_answer,
}
