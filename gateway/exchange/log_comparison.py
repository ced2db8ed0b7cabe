"""Check 7 of Hello: signatures, then what each side holds of both logs (docs/protocol.md, The session).

For each log with its issuer at size ``s`` and receipted up to ``r``, its partner showing ``h``:

========================================  =============================================================
``r <= h <= s``, roots agree              go on from ``h``; if ``r < h`` a receipt was lost: it is kept now
``h < r``                                 the partner lost history and takes entries again from ``h``
``h > s``, or its generation is higher    ``LOG_ROLLBACK``
roots differ                              ``LOG_FORK``
its generation is lower                   ``LOG_RENEWED``
========================================  =============================================================

Both ends come to the same result, each for both logs. Whether a key counted is not asked of these old notes where
this side has the log itself to compare with: else a key withdrawn after a compromise would lock out the very batch
that signs the log anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.errors import (
    ClockSkew,
    FrameMalformed,
    KeyNotValid,
    LogFork,
    LogRenewed,
    LogRollback,
    NoteMalformed,
    Pressure,
    SignatureInvalid,
)
from gateway.exchange.batches import LostHistory, known_lines_only
from gateway.exchange.effects import CommitReceipt
from gateway.exchange.session_trust import Party, SessionTrust
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, receipt_time, require_types, verify_lines
from gateway.linklog.keys import DatedKey, KeyType
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, parse_note
from gateway.linklog.text import MAX_TIME
from gateway.linklog.tree import CompactRange
from gateway.ports.links import LinkPositions, LogState
from gateway.trust.names import Origin
from mutualrecognition.federation.v1.link_pb2 import Hello, LogPosition


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note that a Hello shows, its signatures verified. ``time`` is the receipt's, None when it bears no receipt."""

    note: Note
    checkpoint: Checkpoint
    time: int | None


@dataclass(frozen=True, slots=True)
class LogStanding:
    """What a session goes on from: where to send from, and what either side lost (0, None: nothing, as a rule)."""

    resume_from: int
    lost_receipt: CommitReceipt | None
    peer_lost_below: int
    own_lost: LostHistory | None


class LogComparison:
    """One Hello against the stored logs. ``trees_needed`` are to be read before ``standing`` is asked for."""

    def __init__(self, unverified: Hello, trust: SessionTrust, positions: LinkPositions) -> None:
        """Verify origins, generations and signatures.

        Raises:
            NoteMalformed, FrameMalformed, SignatureInvalid, LogRollback, LogRenewed: the session ends with it.
        """
        self._trust = trust
        self._issued = positions.issued
        self._held = positions.held
        _check_origin(unverified.held, trust.own, trust.peer)
        _check_origin(unverified.issued, trust.peer, trust.own)
        _check_issued_generation(unverified.held, positions.issued)
        _check_held_generation(unverified.issued, positions.held)
        if self._issued.restored_at:
            raise LogRollback(
                f"The issuer's store was restored from a copy: {self._issued.origin} is closed, and the link opens"
                " again in its next generation."
            )
        self._peer_holds = _read(unverified.held, trust.own, trust.peer)
        self._peer_issued = _read(unverified.issued, trust.peer, trust.own)
        self._check_sizes()

    @property
    def trees_needed(self) -> tuple[int | None, int | None]:
        """Sizes at which the issued and the held log must be read; None where nothing or the head will do."""
        issued, held = _size(self._peer_holds), _size(self._peer_issued)
        return (
            issued if 0 < issued < self._issued.tree.size else None,
            held if 0 < held < self._held.tree.size else None,
        )

    def standing(
        self, issued: CompactRange | None, held: CompactRange | None, *, time: int, skew: int, resends_allowed: bool
    ) -> LogStanding:
        """Compare roots, with the trees that ``trees_needed`` named, and say how the session goes on.

        Raises:
            LogFork, SignatureInvalid, ClockSkew, FrameMalformed, KeyNotValid, Pressure: the session ends with it.
        """
        _compare(self._peer_holds, issued or self._issued.tree)
        if _size(self._peer_issued) <= self._held.tree.size:
            _compare(self._peer_issued, held or self._held.tree)
        self._require_receipts()
        size = _size(self._peer_holds)
        lost_by_peer = self._issued.receipted if size < self._issued.receipted else 0
        if lost_by_peer and not resends_allowed:
            raise Pressure(f"The peer asks again for entries from {size} on; this was done often enough today.")
        return LogStanding(size, self._lost_receipt(time, skew), lost_by_peer, self._own_lost())

    def _check_sizes(self) -> None:
        shown = self._peer_holds
        if _size(shown) > self._issued.tree.size:
            raise LogRollback(f"The peer holds {_size(shown)} entries of this side's log of {self._issued.tree.size}.")

    def _require_receipts(self) -> None:
        """Refuse a note without the receipt that it must bear; one of another history was told before, as a fork."""
        shown = self._peer_holds
        if shown and shown.time is None and shown.checkpoint.size >= self._issued.receipted:
            raise SignatureInvalid(f"A receipt key's signature is missing on {shown.checkpoint.origin} as held there.")
        if self._peer_issued and self._peer_issued.time is None:
            raise SignatureInvalid(f"This side's signature is missing on {self._peer_issued.checkpoint.origin}.")

    def _lost_receipt(self, time: int, skew: int) -> CommitReceipt | None:
        shown = self._peer_holds
        if shown is None or shown.time is None or shown.checkpoint.size <= self._issued.receipted:
            return None
        if shown.time > time + skew:
            raise ClockSkew(f"A receipt states {shown.time}, this side's clock says {time}.")
        if shown.time < self._issued.receipt_time:
            raise FrameMalformed("A receipt states an earlier time than the one before it.")
        try:
            _receipt_time(shown.note, shown.checkpoint, self._trust.peer.receipt_keys)
        except KeyNotValid:
            return None  # the next receipt, under a key that counts, covers this one
        return CommitReceipt(shown.checkpoint.size, shown.note.serialize(), shown.time)

    def _own_lost(self) -> LostHistory | None:
        shown = self._peer_issued
        if shown is None or shown.checkpoint.size <= self._held.tree.size:
            return None
        _receipt_time(shown.note, shown.checkpoint, self._trust.own.receipt_keys)
        return LostHistory(shown.checkpoint.size, shown.checkpoint.root)


def _check_origin(shown: LogPosition, issuer: Party, partner: Party) -> None:
    origin = Origin.parse(shown.origin)
    if (origin.domain, origin.partner) != (issuer.domain, partner.administration):
        raise NoteMalformed(f"{origin} is not a log from {issuer.administration} to {partner.administration}.")


def _check_issued_generation(shown: LogPosition, own: LogState) -> None:
    theirs = Origin.parse(shown.origin).generation
    if theirs > own.generation:
        raise LogRollback(f"The peer holds generation {theirs} of this side's log, which is at {own.generation}.")
    if theirs < own.generation:
        raise LogRenewed(f"The peer holds generation {theirs} of this side's log, which is at {own.generation}.")


def _check_held_generation(shown: LogPosition, held: LogState) -> None:
    theirs = Origin.parse(shown.origin).generation
    if theirs < held.generation:
        raise LogRollback(f"The peer's log is at generation {theirs}; this side holds generation {held.generation}.")
    if theirs > held.generation:
        raise LogRenewed(f"The peer's log is at generation {theirs}; this side holds generation {held.generation}.")


def _read(position: LogPosition, issuer: Party, partner: Party) -> ShownNote | None:
    """Read a note of ``issuer``'s log: its signature must be there, the partner's receipt may be missing."""
    if not position.checkpoint:
        return None
    note = parse_note(position.checkpoint, CHECKPOINT_LIMITS)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != position.origin:
        raise NoteMalformed(f"Hello shows a checkpoint of {checkpoint.origin} as one of {position.origin}.")
    log_keys = [key.with_name(checkpoint.origin) for key in issuer.log_keys]
    signed = verify_lines(checkpoint, note.lines, _always(log_keys))
    require_types(signed, (KeyType.NOTE_ED25519,), 0, f"{checkpoint.origin} at size {checkpoint.size}")
    receipt_keys = partner.receipt_keys
    receipted = bool(known_lines_only(note, receipt_keys).lines)
    time = _receipt_time(note, checkpoint, _always(receipt_keys)) if receipted else None
    return ShownNote(known_lines_only(note, [*log_keys, *receipt_keys]), checkpoint, time)


def _receipt_time(note: Note, checkpoint: Checkpoint, keys: Iterable[DatedKey]) -> int:
    return receipt_time(checkpoint, note.lines, keys, require=(KeyType.COSIGNATURE_ED25519,))


def _always(keys: Iterable[DatedKey]) -> list[DatedKey]:
    return [DatedKey(dated.key, 0, MAX_TIME) for dated in keys]


def _compare(shown: ShownNote | None, tree: CompactRange) -> None:
    if shown is not None and tree.root() != shown.checkpoint.root:
        raise LogFork(
            f"The two sides hold different entries below {shown.checkpoint.size} of {shown.checkpoint.origin}."
        )


def _size(shown: ShownNote | None) -> int:
    return shown.checkpoint.size if shown else 0
