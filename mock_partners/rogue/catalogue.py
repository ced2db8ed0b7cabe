"""The table of all attacks, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mock_partners.rogue.attack import Attack
from mock_partners.rogue.attacks import (
    batches,
    calls,
    certificates,
    contents,
    crowds,
    documents,
    encodings,
    hellos,
    receipts,
)

GROUPS: Final = MappingProxyType(
    {
        "Hello": hellos,
        "Batches and their signatures": batches,
        "Receipts": receipts,
        "What records say": contents,
        "How records are written": encodings,
        "Documents": documents,
        "Certificates and connections": certificates,
        "Calls and frames": calls,
        "Crowds and silence": crowds,
    }
)
"""Modules of attacks under the heading that docs/rogue.md gives them."""


def attacks_of(heading: str) -> list[Attack]:
    """Give the attacks under a heading, in their order."""
    return [each for each in vars(GROUPS[heading]).values() if isinstance(each, Attack)]


ATTACKS: Final = MappingProxyType({each.name: each for heading in GROUPS for each in attacks_of(heading)})
