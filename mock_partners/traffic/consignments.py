"""One made-up consignment, from which records of several kinds can speak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from mock_partners.traffic import numbers
from mock_partners.traffic.corridors import (
    IMO_NUMBERS,
    SHIPPING_CODES,
    Corridor,
    corridors_of,
    name_of,
    offices_of,
)

Json = dict[str, Any]
FIRST_DAY: Final = int(datetime(2026, 1, 12, tzinfo=UTC).timestamp())
_SPAN_SECONDS: Final = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Consignment:
    """Goods on their way: who controls them, where, in which containers, and when (POSIX seconds)."""

    issuer: str
    office: str
    corridor: Corridor
    trader: str
    containers: tuple[str, ...]
    reference: Json
    at: int

    @property
    def subject(self) -> Json:
        """What the header of a record about it says: the containers, by which records keep their order."""
        return {"consignment": {"container_numbers": list(self.containers)}}

    @property
    def terminal(self) -> Json:
        """Where it is controlled."""
        port = self.corridor.origin
        return {"locode": port, "name": f"{name_of(port)} terminal"}


def make_consignment(chance: Random, issuer: str, trader: str, *, partner: str = "") -> Consignment:
    """Make one on a corridor of the issuer, to ``partner`` if given: mostly one container, sometimes up to four."""
    prefix, scac = chance.choice(SHIPPING_CODES)
    count = chance.choices((1, 2, 4), weights=(86, 10, 4))[0]
    containers: dict[str, None] = {}
    while len(containers) < count:
        containers[numbers.container(chance, prefix)] = None
    return Consignment(
        issuer=issuer,
        office=chance.choice(offices_of(issuer)),
        corridor=chance.choice(corridors_of(issuer, partner)),
        trader=trader,
        containers=tuple(containers),
        reference={
            "ucr": numbers.ucr(chance, trader),
            "transport_documents": [
                {
                    "issuer": scac,
                    "number": numbers.bill_of_lading(chance, scac),
                    "level": "DOCUMENT_LEVEL_MASTER",
                }
            ],
            "container_numbers": list(containers),
            "voyage": {
                "imo": chance.choice(IMO_NUMBERS),
                "reference": numbers.voyage(chance),
                "mode": "TRANSPORT_MODE_SEA",
            },
        },
        at=FIRST_DAY + chance.randrange(_SPAN_SECONDS),
    )


def moment(seconds: int) -> str:
    """Write a time as proto3 JSON does."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
