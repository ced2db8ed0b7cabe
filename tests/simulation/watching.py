"""What passes over the lines, watched: every signed note is kept, and none may contradict another."""

from __future__ import annotations

from collections import defaultdict
from math import inf

from gateway.linklog.checkpoints import parse_checkpoint
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from tests.simulation.history import History, Violation


class Watcher:
    """Sees every frame as it is handed to a line, whether it arrives or not."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.roots: dict[str, dict[int, bytes]] = defaultdict(dict)
        """By origin and size: what was ever signed."""
        self.receipted: dict[tuple[str, str], int] = defaultdict(int)
        """By receiver and issuer: up to where a receipt was ever given."""
        self.frames = 0
        self._receipts: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
        self._forming: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)

    def receipted_at(self, holder: str, issuer: str, index: int) -> float:
        """When a receipt was first given that covers this entry."""
        return min((at for size, at in self._receipts[holder, issuer] if size > index), default=inf)

    def formed_at(self, issuer: str, holder: str, index: int) -> float:
        """When the store was last asked to give this index to a record."""
        return max((at for size, at in self._forming[issuer, holder] if size <= index), default=-inf)

    def forming(self, issuer: str, holder: str, size: int) -> None:
        """The store is asked to give indexes from ``size`` on."""
        self._forming[issuer, holder].append((size, self._history.clock()))

    def __call__(self, sender: str, receiver: str, frame: LinkFrame) -> None:
        self.frames += 1
        kind = frame.WhichOneof("frame")
        if kind == "batch":
            self._keep(frame.batch.checkpoint)
            count = len(frame.batch.entries)
            self._history.note(sender, f"to {receiver}: batch of {count} from {frame.batch.first}")
        elif kind == "receipt":
            size = frame.receipt.size
            self._receipts[sender, receiver].append((size, self._history.clock()))
            if frame.receipt.lines:
                self.receipted[sender, receiver] = max(self.receipted[sender, receiver], size)
            self._history.note(sender, f"to {receiver}: receipt to {size}")
        elif kind == "hello":
            for position in (frame.hello.issued, frame.hello.held):
                if position.checkpoint:
                    self._keep(position.checkpoint)
            self._history.note(sender, f"to {receiver}: hello")
        elif kind == "goodbye":
            self._history.note(sender, f"to {receiver}: goodbye {frame.goodbye.reason} {frame.goodbye.detail}")

    def _keep(self, note: bytes) -> None:
        checkpoint = parse_checkpoint(parse_note(note, CHECKPOINT_LIMITS).text)
        signed = self.roots[checkpoint.origin]
        known = signed.setdefault(checkpoint.size, checkpoint.root)
        if known != checkpoint.root:
            raise Violation(f"{checkpoint.origin} was signed at {checkpoint.size} with two roots.")
