"""Which record a client means that says an id, and perhaps whose it is: several administrations may have used it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.errors import Absent, Malformed
from gateway.ports.records import OWN, StoredRecord


def meant(found: Sequence[StoredRecord], record_id: str, *, issuer: str, own: str, partner: str = "") -> StoredRecord:
    """Choose among the records of one id, as ``Records.of_id`` gives them.

    Without an issuer it is our own, or the only one. So nobody takes what a client has submitted from it by using its
    id, and nobody's is given for another's. ``partner``: only those that are in a log between it and this side.

    Raises:
        Absent: there is none.
        Malformed: several partners have used the id, and none is named.
    """
    whose = OWN if issuer == own else issuer
    fitting = [
        each for each in found if (not issuer or each.whose == whose) and (not partner or _is_with(each, partner))
    ]
    if not fitting:
        by, between = f" of {issuer}" if issuer else "", f" between this side and {partner}" if partner else ""
        raise Absent(f"There is no record {record_id!r}{by}{between} here.")
    if len(fitting) > 1 and fitting[0].whose != OWN:
        named = ", ".join(each.whose for each in fitting)
        raise Malformed(f"Several administrations have used this id, {named}: say whose record it is (issuer).")
    return fitting[0]


def _is_with(stored: StoredRecord, partner: str) -> bool:
    return any(each.partner == partner for each in stored.deliveries)
