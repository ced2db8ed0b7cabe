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

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from zlib import crc32

from google.protobuf.message import DecodeError

from gateway.views.deadlines import deadline_keys
from gateway.views.naming import BODY_KEYS, subject_keys
from mutualrecognition.records.v1.aeo_status_pb2 import AEO_STATE_CERTIFIED
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
    first = dict.fromkeys(islice(_keys(record, record.WhichOneof("body")), _LOOKED_AT))
    return tuple(sorted(HELD + key for key in islice(first, MOST_HELD)))


def _filed(record: Record) -> Iterable[str]:
    """Give the keys of a record, set apart where no rule reads it. That it takes another's place, all must see."""
    kind = record.WhichOneof("body")
    if kind not in READ_BY_NO_RULE:
        return _keys(record, kind)
    superseded = f"record:{record.header.supersedes}"
    return [key if key == superseded or key.startswith(_NOT_NAMED) else ASIDE + key for key in _keys(record, kind)]


def _keys(record: Record, kind: str | None) -> Iterator[str]:
    header = record.header
    yield from subject_keys(header.subject)
    if header.supersedes:
        yield f"record:{header.supersedes}"
    if kind is None:
        return
    body = getattr(record, kind)
    of_kind = BODY_KEYS.get(kind)
    if of_kind is not None:
        yield from of_kind(body)
    if kind in FEW:
        yield f"kind:{kind}"
        yield from deadline_keys(record)
    elif kind == "aeo_status":
        yield register_key(header.issuer)
    if kind in GROUNDS and (header.supersedes or (kind == "aeo_status" and body.status != AEO_STATE_CERTIFIED)):
        yield CAUSES


def read_record(record: bytes) -> Record:
    """Give what exact bytes say: a record without anything in it where they cannot be read."""
    try:
        return Record.FromString(record)
    except DecodeError:
        return Record()


def keys_of_bytes(record: bytes) -> tuple[str, ...]:
    """Give the keys of a record in its exact bytes; none for bytes that cannot be read."""
    return view_keys(read_record(record))


def held_keys_of_bytes(record: bytes) -> tuple[str, ...]:
    """Give the keys of a record in quarantine in its exact bytes; none for bytes that cannot be read."""
    return held_keys(read_record(record))


def keys_of_stored(record: bytes, *, is_held: bool, erased_tin: str | None) -> tuple[str, ...]:
    """Give the keys under which a stored record is found, also when it is in quarantine, or its content is gone."""
    return tuple(sorted(set(filed_under(read_record(record), is_held=is_held, erased_tin=erased_tin))))


def filed_under(said: Record, *, is_held: bool, erased_tin: str | None) -> Iterable[str]:
    """Give the keys of ``keys_of_stored`` for what a record says: in any order, some twice, no more than are taken."""
    if is_held:
        return () if erased_tin else held_keys(said)
    return keys_of_erased(erased_tin) if erased_tin else _filed(said)


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
