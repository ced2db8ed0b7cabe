"""For which purpose a record may go to a partner that the gateway itself makes: the first that an agreement names."""

from __future__ import annotations

from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.record_pb2 import Purpose


def purpose_towards(book: TrustBook, partner: str, kind: str, at: int) -> Purpose.ValueType | None:
    """Give a purpose for which an agreement in force lets this kind go to the partner; None when none does."""
    for agreement in book.agreements_with(partner, at):
        for purpose in agreement.terms.purposes:
            if agreement.releases(book.own, partner, kind, purpose, at) is not None:
                return Purpose.Value(f"PURPOSE_{purpose}")
    return None
