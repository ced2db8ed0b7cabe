"""Container numbers (ISO 6346): owner, category, serial, check digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import IdentifierInvalid

_ISO_6346 = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_EQUIPMENT = re.compile(r"[A-Z0-9]{4,17}")
_SEPARATORS = re.compile(r"[\s./-]+")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Letters count from 10 on, leaving out the multiples of 11, which the modulus would not see.
_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip(_LETTERS, (value for value in range(10, 39) if value % 11), strict=True)),
}


class Conformity(StrEnum):
    """How far a number follows ISO 6346."""

    CONFORMS = "conforms"
    AMBIGUOUS_ZERO = "ambiguous zero"
    """The remainder is 10, written 0 like the remainder 0; the standard advises against such serials."""
    OTHER = "other"
    """A swap body, a shipper's own box, another load unit: nothing to check."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container or another load unit; ``number`` in upper case without separators."""

    number: str
    conformity: Conformity

    @property
    def owner(self) -> str:
        """Give the owner code of a conforming number; empty for another."""
        return "" if self.conformity is Conformity.OTHER else self.number[:3]


def parse_container(text: str) -> Container:
    """Read a container number.

    Case, spaces, hyphens, dots and slashes are forgiven. A number of ISO 6346's form with a wrong check digit is
    refused, and the right digit is named: one of the eleven characters was copied wrongly. A number of another form
    is taken as equipment that need not conform.
    """
    number = _SEPARATORS.sub("", text).upper()
    if not _EQUIPMENT.fullmatch(number):
        raise IdentifierInvalid("A container or equipment number has 4 to 17 letters and digits.")
    if not _ISO_6346.fullmatch(number):
        return Container(number, Conformity.OTHER)
    remainder = _remainder(number[:10])
    expected = remainder % 10
    if int(number[10]) != expected:
        raise IdentifierInvalid(
            f"The check digit of {number} should be {expected}, not {number[10]}: one of its characters is wrong.",
        )
    return Container(number, Conformity.AMBIGUOUS_ZERO if remainder == 10 else Conformity.CONFORMS)


def check_digit(ten: str) -> int:
    """Compute the check digit for the first ten characters of a number: four letters, six digits, upper case."""
    return _remainder(ten) % 10


def has_wrong_check_digit(number: str) -> bool:
    """Tell whether a number in normal form looks like ISO 6346 and contradicts its own check digit."""
    return bool(_ISO_6346.fullmatch(number)) and int(number[10]) != check_digit(number[:10])


def _remainder(ten: str) -> int:
    return sum(_VALUES[character] << power for power, character in enumerate(ten)) % 11
