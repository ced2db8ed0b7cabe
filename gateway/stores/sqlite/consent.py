"""Noting withdrawn consent, in the transaction that stores it: what is to be erased is due from then on.

No crash forgets it, and whoever commits erases it right after (``erasing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from gateway.ports.links import Standing
from gateway.stores.sqlite.links import RECEIVED
from gateway.stores.sqlite.many import select_rows
from gateway.views.consent import PERSONAL, Personal, Withdrawn, personal_of_bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A received statement about an operator, as it is stored; only an accepted one can be a tombstone."""

    sequence: int
    said: Personal
    accepted: bool

    @property
    def is_tombstone(self) -> bool:
        """Whether it ends consent."""
        return self.accepted and self.said.withdrawn_at is not None


def note_consent(connection: apsw.Connection, partner: str, statements: Sequence[Statement]) -> bool:
    """Note tombstones, and statements that one has ended before they came; True when something is to be erased now."""
    asked = [_note_tombstone(connection, partner, each) for each in statements if each.is_tombstone]
    ended = _ended(connection, partner, statements)
    connection.executemany(
        "UPDATE consent_withdrawn SET due = max(due, ?) WHERE partner = ? AND tin = ?",
        [(each.sequence, partner, each.said.tin) for each in ended],
    )
    return any(asked) or bool(ended)


def note_anew(connection: apsw.Connection, first: int, last: int) -> None:
    """Note the consent that stored records say is withdrawn: what an earlier version stored, it did not note."""
    kinds = sorted(PERSONAL)
    rows = connection.execute(
        "SELECT sequence, partners, standing, record FROM record WHERE sequence BETWEEN ? AND ? AND received = ?"
        " AND kind IN (?, ?) AND length(record) > 0 ORDER BY sequence",
        (first, last, RECEIVED, *kinds),
    ).fetchall()
    for sequence, partners, standing, record in rows:
        said = personal_of_bytes(record)  # type: ignore[arg-type]
        if said is not None:
            statement = Statement(int(sequence), said, standing == Standing.ACCEPTED.value)  # type: ignore[arg-type]
            note_consent(connection, str(partners).strip(), [statement])


def _note_tombstone(connection: apsw.Connection, partner: str, stone: Statement) -> bool:
    """Keep the latest of all tombstones on an operator; one that says nothing later asks for nothing."""
    said = stone.said
    before = connection.total_changes()
    connection.execute(
        "INSERT INTO consent_withdrawn (partner, tin, withdrawn_at, stated_at, tombstone, due)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO UPDATE SET withdrawn_at = max(withdrawn_at, ?3),"
        " stated_at = max(stated_at, ?4), tombstone = ?5, due = ?5 WHERE ?3 > withdrawn_at OR ?4 > stated_at",
        (partner, said.tin, said.withdrawn_at, said.stated_at, stone.sequence),
    )
    return connection.total_changes() > before


def _ended(connection: apsw.Connection, partner: str, statements: Sequence[Statement]) -> list[Statement]:
    rows = select_rows(
        connection,
        "SELECT tin, withdrawn_at, stated_at FROM consent_withdrawn WHERE partner = ? AND tin IN",
        sorted({(each.said.tin,) for each in statements}),
        bindings=(partner,),
    )
    ends = {tin: Withdrawn(at, stated_at) for tin, at, stated_at in rows}
    return [
        each
        for each in statements
        if not each.is_tombstone and each.said.tin in ends and ends[each.said.tin].ends(each.said)
    ]
