"""The limits and times of a link session (docs/protocol.md, Limits)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_RECORD_BYTES: Final = 256 * 1024
"""Fixed, so that an entry that is in the log can always be delivered."""

MAX_AGREEMENTS: Final = 256
"""Named at once. Two administrations have a handful; tens of thousands of names would keep everybody else waiting."""

MAX_FRAME_BYTES: Final = 1024 * 1024
"""Fixed; the transport refuses larger ones before they come here."""

ENTRY_OVERHEAD_BYTES: Final = 12
"""Tags and lengths of one entry in a Batch frame, at most."""

NOTE_BYTES: Final = 1024
NOTE_BYTES_WITH_ML_DSA: Final = 5 * 1024
"""Room in a Batch frame for the checkpoint and the frame itself, at most: an origin has 150 bytes."""


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """What one end takes: records and bytes of a batch, batches and bytes without receipt.

    Bytes are those of whole Batch frames. A batch of one record is always taken. A batch is one transaction, for which
    all that others do waits: so it is small, and more of them are under way (docs/decisions/0034).
    """

    batch_records: int = 100
    batch_bytes: int = 128 * 1024
    window_batches: int = 16
    window_bytes: int = 4 * 1024 * 1024

    @property
    def frames_on_the_way(self) -> int:
        """How many frames a peer may have on the way to an end that announced these limits, and a few to spare.

        Batches up to the window, receipts for as many of this side's, heartbeats and a Goodbye.
        """
        return 2 * max(1, self.window_batches) + 4

    @property
    def bytes_on_the_way(self) -> int:
        """How many bytes of frames such a peer may have on the way: its window, and a frame that was sent before."""
        return self.window_bytes + MAX_FRAME_BYTES

    def within(self, other: LinkLimits) -> LinkLimits:
        """Give the smaller of both in each limit, and never less than what carries one record."""
        return LinkLimits(
            batch_records=max(1, min(self.batch_records, other.batch_records)),
            batch_bytes=min(self.batch_bytes, other.batch_bytes),
            window_batches=max(1, min(self.window_batches, other.window_batches)),
            window_bytes=min(self.window_bytes, other.window_bytes),
        )


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """How long a session waits for what, in seconds.

    ``nothing_waits``: an end that has nothing to send says so that often, also when it is not silent.
    """

    hello: float = 10.0
    receipt: float = 60.0
    drain: float = 5.0
    heartbeat: float = 5.0
    nothing_waits: float = 30.0
    dead: float = 14.0
    skew: int = 300
