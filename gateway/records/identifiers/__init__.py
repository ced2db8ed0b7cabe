"""The numbers that name goods, traders, places and seals: parsed, or refused with a reason that helps.

Each function takes what a person or another system wrote, and gives a frozen value in normal form or raises
:class:`gateway.errors.IdentifierInvalid`. What varies by country, or need not conform (swap bodies, foreign MRNs), is
accepted and told apart, never refused. Existence is not checked: for that there are code lists, and the issuer.
"""

from __future__ import annotations

from gateway.records.identifiers.containers import Container, check_digit, parse_container
from gateway.records.identifiers.seals import SealNumber, normal_seal, parse_seal
from gateway.records.identifiers.trade import (
    HsCode,
    Locode,
    Mrn,
    Tin,
    Ucr,
    parse_hs,
    parse_locode,
    parse_mrn,
    parse_tin,
    parse_ucr,
)
from gateway.records.identifiers.transport import (
    AirWaybill,
    Imo,
    Scac,
    parse_air_waybill,
    parse_imo,
    parse_scac,
)

__all__ = [
    "AirWaybill",
    "Container",
    "HsCode",
    "Imo",
    "Locode",
    "Mrn",
    "Scac",
    "SealNumber",
    "Tin",
    "Ucr",
    "check_digit",
    "normal_seal",
    "parse_air_waybill",
    "parse_container",
    "parse_hs",
    "parse_imo",
    "parse_locode",
    "parse_mrn",
    "parse_scac",
    "parse_seal",
    "parse_tin",
    "parse_ucr",
]
