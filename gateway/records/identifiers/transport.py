"""Names of ships, carriers and transport documents: IMO number, SCAC, air waybill."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.errors import IdentifierInvalid

_IMO = re.compile(r"(?:IMO)?([0-9]{7})")
_SCAC = re.compile(r"[A-Z]{2,4}")
_AIR_WAYBILL = re.compile(r"([0-9]{3})([0-9]{8})")
_IMO_WEIGHTS = range(7, 1, -1)


@dataclass(frozen=True, slots=True)
class Imo:
    """A ship's number: seven digits."""

    number: str


@dataclass(frozen=True, slots=True)
class Scac:
    """A carrier's code: two to four letters."""

    code: str


@dataclass(frozen=True, slots=True)
class AirWaybill:
    """An air waybill: the airline's three digits and eight digits of its own."""

    airline: str
    serial: str

    @property
    def number(self) -> str:
        """Give it as it is printed: 180-12345675."""
        return f"{self.airline}-{self.serial}"


def parse_imo(text: str) -> Imo:
    """Read an IMO ship number: the weighted sum of the first six digits (7 to 2) ends in the seventh."""
    found = _IMO.fullmatch(re.sub(r"\s+", "", text).upper())
    if not found:
        raise IdentifierInvalid("An IMO number has seven digits, with the letters IMO or without.")
    digits = [int(digit) for digit in found[1]]
    expected = sum(weight * digit for weight, digit in zip(_IMO_WEIGHTS, digits, strict=False)) % 10
    if digits[6] != expected:
        raise IdentifierInvalid(f"The last digit of IMO {found[1]} should be {expected}: one of its digits is wrong.")
    return Imo(found[1])


def parse_scac(text: str) -> Scac:
    """Read a carrier's SCAC."""
    code = text.strip().upper()
    if not _SCAC.fullmatch(code):
        raise IdentifierInvalid("A SCAC has two to four letters.")
    return Scac(code)


def parse_air_waybill(text: str) -> AirWaybill:
    """Read an air waybill number: the last digit is the remainder of the seven before it, divided by 7."""
    found = _AIR_WAYBILL.fullmatch(re.sub(r"[\s-]+", "", text))
    if not found:
        raise IdentifierInvalid("An air waybill number has eleven digits: three of the airline and eight.")
    expected = int(found[2][:7]) % 7
    if int(found[2][7]) != expected:
        raise IdentifierInvalid(f"The last digit of {found[0]} should be {expected}: one of its digits is wrong.")
    return AirWaybill(found[1], found[2])
