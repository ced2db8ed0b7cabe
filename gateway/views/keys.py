"""Under which keys a record is found: texts such as ``container:MSKU3841906``, and the numbers that stand for them.

===================  ============================================================================================
key                  which records
===================  ============================================================================================
``tin:``             statements about this operator: its standing, its mapping, alerts, requests for information
``local:``           signed mappings that name this number, as ``local:EORI:DE123456789``
``actor:``           consignments in whose supply chain this operator (its TIN) takes part
``register:``        every standing that this issuer stated
``container:``       records that name this container
``document:``        records that name a transport document of this number, whoever issued it
``ucr:``, ``mrn:``   records that name this consignment or declaration
``control:``         the outcome of this control, and what refers to it
``request:``         a request with its answers, and the control that it led to
``alert:``           an alert with its answers, and what lifts it
``equipment:``       entries of a register of equipment under this name, whoever's register it is
``programme:``       alerts about an operator programme of this name
``record:``          records that replace, withdraw, recall or rely on this one
``kind:``            every record of a kind of which there are few: requests, alerts, recalls and their answers
``asked:``           requests alone, by the keys of the goods that they are about
``answered:``        answers alone, by the control or the record that they name
``recall:``          a recall and the answers to it
``causes``           what may take the ground from decisions: what supersedes, and standings that do not count
``held:`` ...        records in quarantine, by the keys that they would have: a decision looks there, views do not
``aside:`` ...       records of kinds that no rule reads, by the keys of what they name: views look there, a decision
                     does not
``due-minute:`` ...  requests and alerts by when they fall due (``gateway.views.deadlines``)
===================  ============================================================================================

What is filed under a key may concern another subject all the same (a container is reused): that is for the fold to
tell. ``KEYS_VERSION`` grows with every change here, so that a store knows that its index is out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final
from zlib import crc32

from google.protobuf.message import DecodeError

from gateway.views.deadlines import deadline_keys
from mutualrecognition.records.v1.aeo_status_pb2 import AEO_STATE_CERTIFIED
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.record_pb2 import Record

KEYS_VERSION: Final = 8

CAUSES: Final = "causes"
"""The key of every record that may take the ground from decisions: ``gateway.reliance.causes`` tells which do."""

HELD: Final = "held:"
"""Before the keys of a record in quarantine."""

ASIDE: Final = "aside:"
"""Before the keys of what a record names that no rule reads.

Each decision that relies makes a notice of the same goods, on both sides: if decisions found these, each would cost
more than the one before, and who sends many could have the facts cut off.
"""

READ_BY_NO_RULE: Final = frozenset(
    {"reliance_notice", "recall_answer", "alert_answer", "information_request", "information_answer"}
)
"""Kinds of which a decision keeps nothing (``gateway.recognition.keeping``)."""

_NOT_NAMED: Final = ("kind:", "due-")
"""Keys that say nothing of what a record is about."""

MOST_HELD: Final = 64
"""Keys of one record in quarantine: what breaks the rules may name any number of things."""

_LOOKED_AT: Final = 4 * MOST_HELD
"""Keys of such a record that are made at most, the same ones more than once included."""

_MOST_IN_REFERENCE: Final = 500
_MOST_ITEMS: Final = 999
"""Containers and documents of one reference, items of goods; the rules allow no more, and what has more is in
quarantine."""

FEW: Final = frozenset(
    {
        "control_request",
        "control_answer",
        "screening_request",
        "screening_answer",
        "information_request",
        "information_answer",
        "alert",
        "alert_answer",
        "recall",
        "recall_answer",
    }
)
"""Kinds that a person deals with one by one, so that a list of all of them is of use."""

GROUNDS: Final = frozenset(
    {
        "inspection_outcome",
        "screening_result",
        "aeo_status",
        "identifier_mapping",
        "seal_event",
        "equipment",
        "withdrawal",
    }
)
"""Kinds that a decision can stand on, and what takes them back."""


def view_keys(record: Record) -> tuple[str, ...]:
    """Give every key under which ``record`` is found, each once, sorted.

    A record of no kind that this version knows has those of its header alone.
    """
    return tuple(sorted(set(_filed(record))))


def aside(keys: Iterable[str]) -> frozenset[str]:
    """Give the keys under which records that no rule reads name the same."""
    return frozenset([ASIDE + key for key in keys])


def held_keys(record: Record) -> tuple[str, ...]:
    """Give the keys under which a record in quarantine is found: the first that it would have, its subject's before.

    No more are made than that: a record of nothing but names would keep everybody waiting while they are written out.
    """
    first = dict.fromkeys(islice(_keys(record), _LOOKED_AT))
    return tuple(sorted(HELD + key for key in islice(first, MOST_HELD)))


def _filed(record: Record) -> Iterable[str]:
    """Give the keys of a record, set apart where no rule reads it. That it takes another's place, all must see."""
    if record.WhichOneof("body") not in READ_BY_NO_RULE:
        return _keys(record)
    superseded = f"record:{record.header.supersedes}"
    return [key if key == superseded or key.startswith(_NOT_NAMED) else ASIDE + key for key in _keys(record)]


def _keys(record: Record) -> Iterator[str]:
    header = record.header
    yield from _subject_keys(header.subject)
    if header.supersedes:
        yield f"record:{header.supersedes}"
    kind = record.WhichOneof("body")
    if kind is None:
        return
    body = getattr(record, kind)
    of_kind = _BODY_KEYS.get(kind)
    if of_kind is not None:
        yield from of_kind(body)
    if kind in FEW:
        yield f"kind:{kind}"
        yield from deadline_keys(record)
    elif kind == "aeo_status":
        yield register_key(header.issuer)
    if kind in GROUNDS and (header.supersedes or (kind == "aeo_status" and body.status != AEO_STATE_CERTIFIED)):
        yield CAUSES


def _read(record: bytes) -> Record:
    """Give a record, without anything in it where its bytes cannot be read."""
    try:
        return Record.FromString(record)
    except DecodeError:
        return Record()


def keys_of_bytes(record: bytes) -> tuple[str, ...]:
    """Give the keys of a record in its exact bytes; none for bytes that cannot be read."""
    return view_keys(_read(record))


def held_keys_of_bytes(record: bytes) -> tuple[str, ...]:
    """Give the keys of a record in quarantine in its exact bytes; none for bytes that cannot be read."""
    return held_keys(_read(record))


def keys_of_stored(record: bytes, *, is_held: bool, erased_tin: str | None) -> tuple[str, ...]:
    """Give the keys under which a stored record is found, also when it is in quarantine, or its content is gone."""
    if is_held:
        return () if erased_tin else held_keys_of_bytes(record)
    return keys_of_erased(erased_tin) if erased_tin else keys_of_bytes(record)


def is_found_under(keys: frozenset[str], record: bytes, *, is_held: bool, erased_tin: str | None) -> bool:
    """Tell whether one of ``keys`` is among those that ``keys_of_stored`` gives; no more are made than it takes."""
    if is_held or erased_tin:
        return not keys.isdisjoint(keys_of_stored(record, is_held=is_held, erased_tin=erased_tin))
    return not keys.isdisjoint(_filed(_read(record)))


def keys_of_erased(tin: str) -> tuple[str, ...]:
    """Give the one key under which a record is found whose content is gone: the operator's number is what is left."""
    return (f"tin:{tin}",)


def key_number(key: str) -> int:
    """Give the number under which an index keeps ``key``: CRC-32 of its text.

    Two keys may share one, so whoever reads by it compares the keys themselves. Nobody gains by making such keys: who
    wants to be found under a container can name it.
    """
    return crc32(key.encode())


def register_key(issuer: str) -> str:
    """Give the key of all standings that ``issuer`` stated."""
    return f"register:{issuer}"


def consignment_keys(reference: ConsignmentRef) -> list[str]:
    """Give the keys of a reference. An LRN and a voyage identify nothing alone, so they are none.

    It stands on the path of every record. protobuf's lists are copied before they are walked: that is twice as fast.
    """
    keys = [f"container:{number}" for number in reference.container_numbers[:_MOST_IN_REFERENCE]]
    if documents := reference.transport_documents[:_MOST_IN_REFERENCE]:
        keys += [f"document:{document.number}" for document in documents]
    if ucr := reference.ucr:
        keys.append(f"ucr:{ucr}")
    if mrn := reference.mrn:
        keys.append(f"mrn:{mrn}")
    return keys


def _subject_keys(subject: Any) -> Iterable[str]:  # noqa: ANN401  the generated class says no more
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


_BODY_KEYS: Final[dict[str, Callable[[Any], Iterable[str]]]] = {
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
