"""The held log: storing a verified, judged batch of the partner."""

from __future__ import annotations

import json
from collections.abc import Sequence

import apsw

from gateway.errors import OutOfOrder, StoreCorrupt, Violation
from gateway.ports.links import ReceivedBatch, Standing
from gateway.stores.sqlite.admission import admit, partner_list
from gateway.stores.sqlite.consent import Statement, note_consent
from gateway.stores.sqlite.filing import file_numbered
from gateway.stores.sqlite.group_commit import newest_sequence
from gateway.stores.sqlite.judgements import keep_judgement
from gateway.stores.sqlite.links import (
    ISSUED,
    RECEIVED,
    LogHead,
    find_link,
    find_log,
    head_of,
    keep_receipt,
    move_head,
)
from gateway.stores.sqlite.many import insert_rows
from gateway.stores.sqlite.tiles import grow
from gateway.views.consent import PERSONAL, personal, personal_of_bytes


def commit_batch(connection: apsw.Connection, batch: ReceivedBatch, numbers: Sequence[Sequence[int]]) -> bool:
    """Store entries, receipt and judgements; a batch without entries gives the present size a new receipt.

    ``numbers`` are those under which each entry is filed (``filing.numbers_under``). True when a withdrawn consent
    calls for erasing something now.

    Raises:
        OutOfOrder: the log is not at ``batch.before``.
        StoreCorrupt: ``batch.after`` is not what these entries make of it.
    """
    head = head_of(connection, batch.partner, RECEIVED)
    if (head.origin, head.tree) != (batch.origin, batch.before):
        raise OutOfOrder(
            f"{head.origin} is held up to {head.tree.size}; a batch of {batch.origin} after {batch.before.size}"
            " does not go on from there."
        )
    grown = grow(connection, head.log, head.tree, (each.commitment for each in batch.entries))
    if grown != batch.after:
        raise StoreCorrupt(
            f"The entries after {head.tree.size} of {head.origin} do not make the tree that was verified."
        )
    first_sequence = newest_sequence(connection) + 1
    _store_records(connection, batch, first_sequence)
    file_numbered(connection, enumerate(numbers, first_sequence))
    _store_entries(connection, batch, head, first_sequence)
    move_head(connection, head.log, grown)
    keep_receipt(connection, head.log, size=grown.size, time=batch.received_at, note=batch.note)
    _keep_judgements(connection, batch, first_sequence)
    if batch.judgements:
        admit(connection, batch.judgements)
    return _note_consent(connection, batch, first_sequence)


def violations_to_text(violations: Sequence[Violation]) -> str | None:
    """Write violations for their column."""
    if not violations:
        return None
    return json.dumps([[each.path, each.rule, each.message] for each in violations], separators=(",", ":"))


def violations_from_text(text: str | None) -> tuple[Violation, ...]:
    """Read what ``violations_to_text`` gave."""
    return () if text is None else tuple(Violation(*each) for each in json.loads(text))


def _store_records(connection: apsw.Connection, batch: ReceivedBatch, first_sequence: int) -> None:
    issuer = partner_list([batch.partner])
    insert_rows(
        connection,
        "record",
        "sequence, received, record_id, kind, subject, partners, supersedes, stored_at, standing, violations, record",
        [
            (
                sequence,
                RECEIVED,
                each.record_id or None,
                each.kind,
                each.subject,
                issuer,
                each.supersedes or None,
                batch.received_at,
                each.standing.value,
                violations_to_text(each.violations),
                each.entry.record,
            )
            for sequence, each in enumerate(batch.entries, first_sequence)
        ],
    )


def _store_entries(connection: apsw.Connection, batch: ReceivedBatch, head: LogHead, first_sequence: int) -> None:
    insert_rows(
        connection,
        "entry",
        "log, idx, sequence, salt, commitment",
        [
            (head.log, head.tree.size + offset, first_sequence + offset, each.entry.salt, each.commitment)
            for offset, each in enumerate(batch.entries)
        ],
    )


def _keep_judgements(connection: apsw.Connection, batch: ReceivedBatch, first_sequence: int) -> None:
    judging = [(sequence, each.judges) for sequence, each in enumerate(batch.entries, first_sequence) if each.judges]
    if not judging:
        return
    link = find_link(connection, batch.partner)
    assert link is not None
    for sequence, judged in judging:
        about = find_log(connection, link, judged.origin, ISSUED)
        keep_judgement(connection, judged, about, sequence)


def _note_consent(connection: apsw.Connection, batch: ReceivedBatch, first_sequence: int) -> bool:
    statements = [
        Statement(sequence, said, each.standing is Standing.ACCEPTED)
        for sequence, each in enumerate(batch.entries, first_sequence)
        if each.kind in PERSONAL
        and (said := personal(each.parsed) if each.parsed else personal_of_bytes(each.entry.record))
    ]
    return bool(statements) and note_consent(connection, batch.partner, statements)
