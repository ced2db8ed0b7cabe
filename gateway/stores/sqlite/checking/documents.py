"""The trust documents: digests, signatures, succession; what holds gives the keys for the rest of the check."""

from __future__ import annotations

import apsw

from gateway.errors import GatewayError
from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.trust.book import TrustBook
from gateway.trust.documents import digest_of, read_document


def check_documents(connection: apsw.Connection, own: str, tell: Tell) -> TrustBook:
    """Verify every document in the order in which they came, and give the book of those that hold."""
    book = TrustBook(own)
    rows = connection.execute("SELECT type, identity, version, digest, note FROM document ORDER BY id")
    for type_, identity, version, digest, note in rows:
        place = f"{str(type_).lower()} {identity} version {version}"
        try:
            if digest_of(read_document(note).text) != digest:
                tell(place, "Its text does not have the digest that is stored with it.", Repair.COPY)
                continue
            book = book.with_descriptor(note) if type_ == "DESCRIPTOR" else book.with_agreement(note)
        except GatewayError as error:
            tell(place, f"It does not hold: {error.sentence}", Repair.COPY)
    return book
