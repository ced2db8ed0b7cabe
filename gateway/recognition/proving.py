"""When the keys counted that signed for a record: as their owner says now, not as it said then."""

from __future__ import annotations

from typing import Final

from gateway.linklog.notes import CHECKPOINT_LIMITS, lines_of, parse_note
from gateway.trust.descriptors import Descriptor

_REMEMBERED: Final = 4096


class KeyDates:
    """Reads checkpoints that were verified when they came, each once for each version of the descriptor."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], tuple[int, int]] = {}

    def of(self, note: bytes, descriptor: Descriptor, origin: str) -> tuple[int, int]:
        """Give from when until when all keys that signed this checkpoint counted; (0, 0) when none is known."""
        key = (note, descriptor.digest)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = _dates(note, descriptor, origin)
        return found


def _dates(note: bytes, descriptor: Descriptor, origin: str) -> tuple[int, int]:
    lines = parse_note(note, CHECKPOINT_LIMITS).lines
    signed = [dated for dated in descriptor.log_keys if lines_of(lines, dated.key.with_name(origin))]
    if not signed:
        return 0, 0
    return max(dated.valid_from for dated in signed), min(dated.valid_until for dated in signed)
