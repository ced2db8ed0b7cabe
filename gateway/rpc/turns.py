"""Who gives way: a link that takes in much leaves half of the node's time to others while they have something to do.

All links share one event loop and one writer of the store. Alone, a link may have everything. While another link moves
records too, it rests after each batch for as long as the batch took: so a partner that floods never has more than half,
and two busy ones have half each. Its receipts leave before the rest; only its next batch waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

RECENT_SECONDS: Final = 1.0
"""So long after it moved a record a link counts as one that has something to do."""
LONGEST_REST: Final = 1.0


class Turns:
    """Knows when each link was last at work. ``monotonic`` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at_work: dict[str, float] = {}

    def worked(self, partner: str) -> None:
        """The link with this partner has moved records, in whichever direction."""
        self._at_work[partner] = self._monotonic()

    def rest(self, partner: str, began: float) -> float:
        """Give the seconds that a link is to rest after work that ``began`` then; 0 when it is the only one."""
        now = self._monotonic()
        since = now - RECENT_SECONDS
        if any(at > since for other, at in self._at_work.items() if other != partner):
            return min(LONGEST_REST, now - began)
        return 0.0
