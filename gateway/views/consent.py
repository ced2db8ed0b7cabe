"""Consent that an operator has withdrawn: what it ends, for the views that hide it and the stores that erase it.

A *tombstone* is an ``aeo_status`` with nothing but the operator's TIN and the moment from which it no longer consents.
It ends every standing that rests on consent given before, and every mapping that its issuer stated before. Only new
consent opens the register again, for what is stated under it: a tombstone cannot be withdrawn, since what was erased
for it does not come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from gateway.ports.links import Direction
from gateway.ports.records import StoredRecord
from mutualrecognition.records.v1.record_pb2 import Record

PERSONAL: Final = frozenset({"aeo_status", "identifier_mapping"})
"""Kinds that exist by an operator's consent. What goods are about has grounds of its own."""


@dataclass(frozen=True, slots=True)
class Personal:
    """A statement about an operator, as far as consent goes. Times are POSIX seconds.

    ``given_at`` is the consent that a standing rests on, 0 where it names none, as a mapping never does.
    ``withdrawn_at`` tells a tombstone.
    """

    tin: str
    is_mapping: bool
    stated_at: int
    given_at: int
    withdrawn_at: int | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """All tombstones of one issuer on one operator together: when consent ended, and when the last was stated."""

    at: int
    stated_at: int

    def ends(self, said: Personal) -> bool:
        """Tell whether a statement is neither to be shown nor to be kept. It may also be a tombstone: see there."""
        if said.is_mapping:
            return said.stated_at <= max(self.at, self.stated_at)
        return said.given_at <= self.at


def personal(record: Record) -> Personal | None:
    """Read what a record says of an operator; None for kinds that are not personal."""
    kind = record.WhichOneof("body")
    if kind not in PERSONAL:
        return None
    stated_at, consent = record.header.issued_at.seconds, record.aeo_status.consent
    if kind == "identifier_mapping":
        return Personal(record.identifier_mapping.tin, True, stated_at, 0, None)
    withdrawn_at = consent.withdrawn_at.seconds if consent.HasField("withdrawn_at") else None
    return Personal(record.aeo_status.tin, False, stated_at, consent.given_at.seconds, withdrawn_at)


def personal_of_bytes(record: bytes) -> Personal | None:
    """Do the same from a record's bytes; None also for bytes that cannot be read."""
    try:
        return personal(Record.FromString(record))
    except DecodeError:
        return None


def withdrawn(records: Iterable[StoredRecord]) -> dict[tuple[str, str], Withdrawn]:
    """Gather the tombstones among records, by issuer and TIN."""
    found: dict[tuple[str, str], Withdrawn] = {}
    for stored in records:
        if stored.kind == "aeo_status" and not stored.erased:
            record = Record.FromString(stored.record)
            said = personal(record)
            if said and said.withdrawn_at is not None:
                key = record.header.issuer, said.tin
                before = found.get(key, Withdrawn(0, 0))
                found[key] = Withdrawn(max(before.at, said.withdrawn_at), max(before.stated_at, said.stated_at))
    return found


def count_erased(records: Iterable[StoredRecord]) -> Counter[tuple[str, str, str]]:
    """Count erased records by issuer, TIN and kind: what a partner stated is all that is ever erased."""
    return Counter(
        (stored.deliveries[0].partner, stored.erased.tin, stored.kind)
        for stored in records
        if stored.erased and stored.direction is Direction.RECEIVED
    )
