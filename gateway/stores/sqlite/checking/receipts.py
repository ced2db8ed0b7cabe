"""The signed checkpoints of a log: their roots against its entries, both sides' signatures, sizes and times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import apsw

from gateway.errors import Absent, GatewayError, SignatureInvalid
from gateway.linklog.checkpoints import parse_checkpoint, receipt_time, require_types, verify_lines
from gateway.linklog.keys import DatedKey, KeyType
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.text import MAX_TIME
from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.stores.sqlite.checking.log_entries import Derived, LogRow
from gateway.trust.book import TrustBook
from gateway.trust.names import Origin


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys of one log: its issuer's for checkpoints, its receiver's for receipts; whenever they counted."""

    log: tuple[DatedKey, ...]
    receipt: tuple[DatedKey, ...]


def receipt_sizes(connection: apsw.Connection, log: int) -> set[int]:
    """Give the sizes for which checkpoints are kept."""
    return {size for (size,) in connection.execute("SELECT size FROM receipt WHERE log = ?", (log,))}


def keys_of(book: TrustBook, row: LogRow, tell: Tell) -> LogKeys | None:
    """Find the keys under which a log is signed; None, and a finding, where the descriptors are missing."""
    issuer, receiver = (row.partner, book.own) if row.received else (book.own, row.partner)
    try:
        named, signs = Origin.parse(row.origin), book.descriptor_of(issuer)
        receipts = book.descriptor_of(receiver)
    except Absent as absent:
        tell(row.origin, f"Its signatures cannot be checked: {absent.sentence}", Repair.PEOPLE)
        return None
    except GatewayError as error:
        tell(row.origin, f"It is no log of this link: {error.sentence}", Repair.COPY)
        return None
    if (named.domain, named.partner) != (signs.domain, receiver):
        tell(row.origin, f"It is no log from {issuer} to {receiver}.", Repair.COPY)
        return None
    log_keys = tuple(DatedKey(each.key.with_name(row.origin), 0, MAX_TIME) for each in signs.log_keys)
    return LogKeys(log_keys, tuple(DatedKey(each.key, 0, MAX_TIME) for each in receipts.receipt_keys))


def check_receipts(
    connection: apsw.Connection,
    row: LogRow,
    derived: Derived,
    *,
    keys: LogKeys | None,
    tell: Tell,
    advance: Callable[[int], None],
) -> None:
    """Check every checkpoint of a log, and that its head names the newest."""
    good, newest, newest_time = 0, 0, 0
    for size, time, note in connection.execute(
        "SELECT size, time, note FROM receipt WHERE log = ? ORDER BY size", (row.log,)
    ):
        place = f"{row.origin} size {size}"
        if time < newest_time:
            tell(place, f"Its receipt is of {time}, the one before it of {newest_time}.", Repair.PEOPLE)
        newest, newest_time = size, time
        try:
            good = _check_note(row, derived, keys, (size, time, note), good)
        except GatewayError as error:
            tell(place, error.sentence, Repair.PARTNER)
        advance(1)
    if (row.receipted, row.receipt_time) != (newest, newest_time):
        tell(row.origin, f"Its head names the receipt for {row.receipted}, the newest is for {newest}.", Repair.PEOPLE)
    if row.received and row.size != newest:
        tell(row.origin, f"It has {row.size} entries, and was receipted up to {newest} only.", Repair.PEOPLE)


def _check_note(row: LogRow, derived: Derived, keys: LogKeys | None, stored: tuple[int, int, bytes], good: int) -> int:
    """Check one checkpoint and give its size; ``good`` is the newest before it whose root fits."""
    size, time, note_bytes = stored
    note = parse_note(note_bytes, CHECKPOINT_LIMITS)
    checkpoint = parse_checkpoint(note.text)
    if (checkpoint.origin, checkpoint.size) != (row.origin, size):
        raise SignatureInvalid(f"The checkpoint kept here is of {checkpoint.origin} at {checkpoint.size}.")
    if keys is not None:
        signed = verify_lines(checkpoint, note.lines, keys.log)
        require_types(signed, (KeyType.NOTE_ED25519,), 0, f"{row.origin} at size {size}")
        receipted = bool(verify_lines(checkpoint, note.lines, keys.receipt))
        if not receipted and not row.received:
            raise SignatureInvalid("The partner's signature is missing on this receipt.")
        stated = receipt_time(checkpoint, note.lines, keys.receipt, require=()) if receipted else time
        if stated != time:
            raise SignatureInvalid(f"The receipt was signed at {stated}; the time kept beside it is {time}.")
    root = derived.roots.get(size)
    if root is not None and root != checkpoint.root:
        raise SignatureInvalid(
            f"The entries do not have the root that was signed: one of the entries {good} to {size - 1} was changed."
        )
    return good if root is None else size
