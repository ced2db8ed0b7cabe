"""The numbers that stand for agreements in the outbox."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from gateway.ports.intake import AgreementVersion

NO_AGREEMENT = 0


def number_agreement(connection: apsw.Connection, agreement: AgreementVersion | None) -> int:
    """Give an agreement's number in this file; a new one for a new agreement."""
    if agreement is None:
        return NO_AGREEMENT
    found = _find_number(connection, agreement)
    if found is not None:
        return found
    insert = "INSERT INTO released_under (agreement, version) VALUES (?, ?) RETURNING id"
    return int(connection.execute(insert, (agreement.id, agreement.version)).get)


def numbers_of(connection: apsw.Connection, agreements: Iterable[AgreementVersion]) -> list[int]:
    """Give the numbers of those under which something was ever released."""
    numbers = (_find_number(connection, each) for each in agreements)
    return [number for number in numbers if number is not None]


def _find_number(connection: apsw.Connection, agreement: AgreementVersion) -> int | None:
    """Give an agreement's number in this file, None while nothing was released under it."""
    found = connection.execute(
        "SELECT id FROM released_under WHERE agreement = ? AND version = ?", (agreement.id, agreement.version)
    ).get
    return None if found is None else int(found)
