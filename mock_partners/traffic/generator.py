"""A stream of submissions in proto3 JSON, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from mock_partners.traffic.consignments import Consignment, Json, make_consignment
from mock_partners.traffic.controls import inspection_outcome
from mock_partners.traffic.operators import aeo_status, make_register
from mock_partners.traffic.screenings import screening_result

ISSUERS: Final = ("CN", "NL", "US")
_KINDS: Final = (("screening_result", 55), ("inspection_outcome", 35), ("aeo_status", 10))


class Traffic:
    """Made-up records of some administrations, in turn by chance.

    ``aeo`` False leaves operators' standings out.
    """

    def __init__(self, seed: int, *, issuers: Sequence[str] = ISSUERS, aeo: bool = True) -> None:
        self._chance = Random(seed)  # noqa: S311  it must repeat, nothing depends on its secrecy
        self._seed = seed
        self._issuers = tuple(issuers)
        self._kinds = [(kind, weight) for kind, weight in _KINDS if aeo or kind != "aeo_status"]
        self._registers = {issuer: make_register(self._chance, issuer) for issuer in self._issuers}

    def submissions(self, count: int) -> Iterator[Json]:
        """Give ``count`` submissions: request_id and record, the issuer in the record's header."""
        for serial in range(1, count + 1):
            yield {"request_id": f"traffic-{self._seed}-{serial:06d}", "record": self._record(serial)}

    def _record(self, serial: int) -> Json:
        chance = self._chance
        issuer = chance.choice(self._issuers)
        trader = chance.choice(self._registers[issuer])
        kind = chance.choices([kind for kind, _ in self._kinds], weights=[weight for _, weight in self._kinds])[0]
        if kind == "aeo_status":
            return {
                "header": {
                    "issuer": issuer,
                    "purpose": "PURPOSE_AEO_BENEFIT",
                    "subject": {"operator": {"tin": trader}},
                },
                kind: aeo_status(chance, issuer, trader),
            }
        goods = make_consignment(chance, issuer, trader)
        screened = kind == "screening_result"
        body = screening_result(chance, goods) if screened else inspection_outcome(chance, goods, serial)
        return {"header": _header(goods), kind: body}


def _header(goods: Consignment) -> Json:
    return {
        "issuer": goods.issuer,
        "issuing_office": goods.office,
        "purpose": "PURPOSE_SECURITY_RISK",
        "subject": goods.subject,
    }
