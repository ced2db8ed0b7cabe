"""Cursors and page tokens: a place in this node's order, that stays good for ever and of which nothing is kept."""

from __future__ import annotations

from typing import Final

from gateway.errors import Malformed

PAGE_DEFAULT: Final = 100
PAGE_AT_MOST: Final = 1000
LAST_SEQUENCE: Final = 2**63 - 1


def sequence_of(token: str, what: str) -> int:
    """Read a cursor or a page token; 0 for an empty one. ``what`` names it in the error.

    Raises:
        Malformed: it is none that a node gives out.
    """
    if not token:
        return 0
    if not (token.isascii() and token.isdigit() and len(token) < 20 and int(token) <= LAST_SEQUENCE):
        raise Malformed(f"This {what} is none that this node gave out.")
    return int(token)


def page_limit(page_size: int) -> int:
    """Give how many a page may have.

    Raises:
        Malformed: it asks for more than any page has, or for fewer than none.
    """
    if not 0 <= page_size <= PAGE_AT_MOST:
        raise Malformed(f"page_size is 1 to {PAGE_AT_MOST}, or 0 for {PAGE_DEFAULT}.")
    return page_size or PAGE_DEFAULT
