"""Numbers that hold: containers with their check digit, UCRs, TINs, documents."""

from __future__ import annotations

import string
from random import Random

from gateway.records.identifiers import check_digit


def container(chance: Random, prefix: str) -> str:
    """Make a container number of ISO 6346; serials that end in the ambiguous check digit 10 are left out."""
    while True:
        ten = f"{prefix}{chance.randrange(100_000, 999_999)}"
        number = f"{ten}{check_digit(ten)}"
        if number[-1] != "0":
            return number


def tin(chance: Random, country: str) -> str:
    """Make a trader's number in the form that the country uses, or a plain one."""
    match country:
        case "CN":
            return f"CN{chance.randrange(1_100_000_000, 6_599_999_999)}"
        case "NL":
            return f"NL{chance.randrange(800_000_000, 869_999_999)}"
        case _:
            return f"{country}{chance.randrange(100_000_000_000, 999_999_999_999)}"


def ucr(chance: Random, trader: str) -> str:
    """Make a unique consignment reference: year digit, trader, the trader's own reference; an..35."""
    return f"6{trader}{'PO'}{chance.randrange(10_000, 99_999)}"[:35]


def bill_of_lading(chance: Random, scac: str) -> str:
    """Make a carrier's bill of lading number."""
    return f"{scac}{chance.randrange(100_000_000, 999_999_999)}"


def voyage(chance: Random) -> str:
    """Make a carrier's voyage number, such as 431W."""
    return f"{chance.randrange(100, 640)}{chance.choice('NESW')}"


def seal(chance: Random, country: str) -> str:
    """Make the number of a customs seal."""
    return f"{country}{chance.randrange(1_000_000, 9_999_999):07d}"


def reference(chance: Random, length: int = 6) -> str:
    """Make a short reference of capitals and digits."""
    return "".join(chance.choices(string.ascii_uppercase + string.digits, k=length))
