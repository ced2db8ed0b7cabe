"""Names of consignments, traders, goods and places: UCR, TIN, MRN, HS code, UN/LOCODE."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.errors import IdentifierInvalid

_UCR = re.compile(r"[!-~](?:[ -~]{0,33}[!-~])?")
_TIN = re.compile(r"[A-Z]{2}[!-~]{1,15}")
_LOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
_HS = re.compile(r"[0-9]{6}(?:[0-9]{2}){0,2}")
_MRN = re.compile(r"[!-~]{1,35}")
_MRN_OF_18 = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{14}")

HS_EDITIONS = (1988, 1992, 1996, 2002, 2007, 2012, 2017, 2022)
"""The years from which editions of the Harmonized System apply."""
_LAST_CHAPTER = 97
_RESERVED_CHAPTER = 77


@dataclass(frozen=True, slots=True)
class Ucr:
    """Unique consignment reference: an access key, never proof of identity alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Tin:
    """Trader identification number: ``country`` issued it, the rest is that country's own."""

    text: str

    @property
    def country(self) -> str:
        """Give the issuing country or union, by its two letters."""
        return self.text[:2]


@dataclass(frozen=True, slots=True)
class Locode:
    """A place: country and three characters."""

    text: str

    @property
    def country(self) -> str:
        """Give the country, ISO 3166-1 alpha-2."""
        return self.text[:2]


@dataclass(frozen=True, slots=True)
class HsCode:
    """A subheading in one edition; ``national`` are the digits beyond six, which mean nothing abroad."""

    subheading: str
    national: str
    edition: int

    @property
    def chapter(self) -> str:
        """Give the chapter: the first two digits."""
        return self.subheading[:2]


@dataclass(frozen=True, slots=True)
class Mrn:
    """Movement reference number; ``year`` and ``country`` where it has the usual form of 18 characters."""

    text: str
    year: int | None
    country: str | None


def parse_ucr(text: str) -> Ucr:
    """Read a UCR, an..35 (WCO data element 016)."""
    reference = text.strip()
    if not _UCR.fullmatch(reference):
        raise IdentifierInvalid("A UCR has 1 to 35 printable ASCII characters.")
    return Ucr(reference)


def parse_tin(text: str) -> Tin:
    """Read a TIN. Only its form is checked: whether it exists, only the administration that issued it can say."""
    number = re.sub(r"\s+", "", text)
    if not _TIN.fullmatch(number):
        raise IdentifierInvalid(
            "A TIN begins with the two capital letters of the country that issued it, then 1 to 15 characters.",
        )
    return Tin(number)


def parse_locode(text: str) -> Locode:
    """Read a UN/LOCODE; the space after the country is forgiven. Whether it is listed is a question to a code list."""
    code = re.sub(r"\s+", "", text).upper()
    if not _LOCODE.fullmatch(code):
        raise IdentifierInvalid("A UN/LOCODE has two letters for the country and three letters or digits 2 to 9.")
    return Locode(code)


def parse_hs(text: str, edition: int) -> HsCode:
    """Read an HS code of ``edition`` (a year): 6 digits, or 8 or 10 with national ones; dots are forgiven."""
    if edition not in HS_EDITIONS:
        known = ", ".join(str(year) for year in HS_EDITIONS)
        raise IdentifierInvalid(f"There is no edition {edition} of the Harmonized System; editions are {known}.")
    digits = re.sub(r"[\s.]+", "", text)
    if not _HS.fullmatch(digits):
        raise IdentifierInvalid("An HS code has 6 digits, or 8 or 10 with the national ones; was a leading zero lost?")
    chapter = int(digits[:2])
    if not 1 <= chapter <= _LAST_CHAPTER or chapter == _RESERVED_CHAPTER:
        raise IdentifierInvalid(f"The Harmonized System has no chapter {digits[:2]}.")
    return HsCode(digits[:6], digits[6:], edition)


def parse_mrn(text: str) -> Mrn:
    """Read an MRN. Its form differs by country, so a foreign one is never refused for its form."""
    number = text.strip()
    if not _MRN.fullmatch(number):
        raise IdentifierInvalid("An MRN has 1 to 35 printable ASCII characters without spaces.")
    if _MRN_OF_18.fullmatch(number):
        return Mrn(number, 2000 + int(number[:2]), number[2:4])
    return Mrn(number, None, None)
