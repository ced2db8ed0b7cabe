"""Seal numbers: compared in normal form, kept as they were read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.errors import IdentifierInvalid

MAX_SEAL = 20
_IGNORED = re.compile(r"[\s-]+")
_VISIBLE = re.compile(r"[ -~]+")


@dataclass(frozen=True, slots=True)
class SealNumber:
    """A seal's number: ``raw`` as it was read, ``normal`` for comparing."""

    raw: str
    normal: str


def parse_seal(text: str) -> SealNumber:
    """Read a seal number, an..20 (WCO data element 165)."""
    raw = text.strip()
    if not raw or len(raw) > MAX_SEAL or not _VISIBLE.fullmatch(raw):
        raise IdentifierInvalid(f"A seal number has 1 to {MAX_SEAL} printable ASCII characters.")
    normal = normal_seal(raw)
    if not normal:
        raise IdentifierInvalid("A seal number has a letter or a digit, not only spaces and hyphens.")
    return SealNumber(raw, normal)


def normal_seal(text: str) -> str:
    """Drop what people write differently: case, spaces, hyphens."""
    return _IGNORED.sub("", text).upper()
