"""The names of the protocol: administration, trust domain, origin of a log (docs/protocol.md, Names and keys)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from gateway.errors import DocumentInvalid, NoteMalformed

MAX_DOMAIN_BYTES: Final = 120
_ADMINISTRATION: Final = re.compile(r"[A-Z]{2}\Z")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\Z")
MAX_GENERATION: Final = 999_999_999
_GENERATION: Final = re.compile(r"[1-9][0-9]{0,8}\Z")


def is_administration(text: str) -> bool:
    """Say whether this is an administration id: two capitals, ISO 3166-1 or a union's reserved code."""
    return _ADMINISTRATION.match(text) is not None


def is_domain(text: str) -> bool:
    """Say whether this is a trust domain: a DNS name in lower case, two labels or more, at most 120 bytes."""
    return len(text) <= MAX_DOMAIN_BYTES and _DOMAIN.match(text) is not None


@dataclass(frozen=True, slots=True)
class Origin:
    """The name of a link log: whose log, towards whom, and which one since the last recovery."""

    domain: str
    partner: str
    generation: int

    def __post_init__(self) -> None:
        if not (is_domain(self.domain) and is_administration(self.partner) and self.generation >= 1):
            raise DocumentInvalid(f"{self.domain!r}, {self.partner!r}, {self.generation} do not name a link log.")

    def __str__(self) -> str:
        """Give the origin as it stands in checkpoints."""
        return f"{self.domain}/links/{self.partner}/{self.generation}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an origin.

        Raises:
            NoteMalformed: it is not the name of a link log.
        """
        domain, *rest = text.split("/")
        if len(rest) != 3 or rest[0] != "links" or not _GENERATION.match(rest[2]):
            raise NoteMalformed(f"{text!r} is not the origin of a link log.")
        if not (is_domain(domain) and is_administration(rest[1])):
            raise NoteMalformed(f"{text!r} is not the origin of a link log.")
        return cls(domain, rest[1], int(rest[2]))


def origin(issuer_domain: str, partner_id: str, generation: int) -> str:
    """Give the origin of the log in which the owner of ``issuer_domain`` issues to ``partner_id``."""
    return str(Origin(issuer_domain, partner_id, generation))


def root_key_name(domain: str) -> str:
    """Give the name under which an administration's root keys sign."""
    return f"{domain}/root"


def receipt_key_name(domain: str) -> str:
    """Give the name under which an administration's receipt keys sign."""
    return f"{domain}/receipts"


def audit_key_name(domain: str) -> str:
    """Give the name of a node's audit key, which is the origin of its audit log too. It never crosses a link."""
    return f"{domain}/audit"


def log_key_name(domain: str) -> str:
    """Give the name of a log key at home; in signature lines it bears the origin of the log that it signs."""
    return f"{domain}/links"
