"""Which 32 bytes may be an Ed25519 public key (RFC 8032, 5.1.3, and what it leaves out).

Libraries load a key without looking at it, and a key of small order verifies signatures that nobody made: every
message has one. So a key is looked at once, when it is read.
"""

from __future__ import annotations

from typing import Final

from gateway.errors import KeyRefused

P: Final = 2**255 - 19
D: Final = -121665 * pow(121666, -1, P) % P


def require_sound_point(encoded: bytes) -> None:
    """Refuse a key that is not the one encoding of a curve point, or whose order is 1, 2, 4 or 8.

    Raises:
        KeyRefused: with what is wrong.
    """
    y = int.from_bytes(encoded, "little") & ~(1 << 255)
    if y >= P:
        raise KeyRefused("An Ed25519 public key is not in its canonical encoding.")
    x_squared = _x_squared(y)
    if x_squared and pow(x_squared, (P - 1) // 2, P) != 1:
        raise KeyRefused("An Ed25519 public key is not a point of the curve.")
    if _has_small_order(y):
        raise KeyRefused("An Ed25519 public key of small order would verify signatures that nobody made.")


def _x_squared(y: int) -> int:
    """Solve the curve's equation -x² + y² = 1 + d·x²·y² for x²."""
    return (y * y - 1) * pow(D * y * y + 1, -1, P) % P


def _has_small_order(y: int) -> bool:
    """Double three times; the y coordinate alone tells whether that gives the neutral point (y = 1)."""
    for _ in range(3):
        x_squared, y_squared = _x_squared(y), y * y
        y = (y_squared + x_squared) * pow(2 + x_squared - y_squared, -1, P) % P
    return y == 1
