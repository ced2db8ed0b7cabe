"""The verification sample: who is checked all the same, so that relying can be measured.

Drawn by a keyed hash of the goods and of what they rely on. Asking again draws the same, so nobody can ask until the
answer is another; without the node's key nobody can tell beforehand.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_WHOLE: Final = 2**64


def is_drawn(key: bytes, *, goods: Iterable[str], bases: Iterable[str], percent: float) -> bool:
    """Tell whether these goods, relying on these bases, are among the ``percent`` that are checked."""
    if percent <= 0:
        return False
    lines = "\n".join([*sorted(goods), "", *sorted(set(bases))])
    drawn = int.from_bytes(hmac.digest(key, lines.encode(), sha256)[:8])
    return drawn * 100 < percent * _WHOLE
