"""How far a partner is trusted, in one word."""

from __future__ import annotations

from typing import Final

from gateway.trust.book import TrustBook

CONFIRMED: Final = "confirmed"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
REVOKED: Final = "revoked"


def state_of(book: TrustBook, administration: str, suspended: str, at: int) -> tuple[str, str]:
    """Give the state and the reason for it, empty where it needs none; ``suspended`` is the link's reason.

    Confirmed: its descriptor was compared and added, and no agreement is in force. Active: one is.
    """
    if administration in book.revoked:
        return REVOKED, suspended
    if suspended:
        return SUSPENDED, suspended
    return (ACTIVE if book.agreements_with(administration, at) else CONFIRMED), ""
