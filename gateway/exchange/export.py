"""Export: from what the store and the trust book hold to the evidence bundle of one record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from gateway.errors import GatewayError, NotYetReceipted, StoreCorrupt
from gateway.evidence.bundle import build
from gateway.evidence.composition import EvidenceParts, ProvenEntry
from gateway.exchange.counting import still_counts
from gateway.exchange.meant import meant
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from gateway.linklog.proofs import LogProof
from gateway.ports.links import Direction
from gateway.ports.records import OWN, Records
from gateway.ports.records import EvidenceParts as StoredParts
from gateway.trust.book import TrustBook
from mutualrecognition.records.v1.record_pb2 import Record


class EvidenceExport:
    """Makes evidence bundles. Each is verified before it is given away; one that does not hold is never exported."""

    def __init__(self, *, records: Records, book: Callable[[], TrustBook]) -> None:
        self._records = records
        self._book = book

    async def export(self, record_id: str, partner: str = "", issuer: str = "") -> tuple[bytes, str]:
        """Give the bundle of one record and a name for its file.

        Args:
            record_id: issued here or received.
            partner: whose receipt, where several got it.
            issuer: whose record, where several have used its id.

        Raises:
            Absent: no such record, or several partners got it and none is named.
            Malformed: several partners have used its id, and none is named.
            NotYetReceipted: no receipt covers it yet.
            StoreCorrupt: what is stored does not prove what was signed.
        """
        found = await self._records.of_id(record_id)
        whose = meant(found, record_id, issuer=issuer, own=self._book().own, partner=partner).whose
        parts = await self._parts(whose, record_id, partner)
        judgements = await self._proven_judgements(parts)
        try:
            bundle = build(self._composed_of(parts, judgements))
        except GatewayError as error:
            raise StoreCorrupt(f"The stored proof of the record {record_id} does not hold: {error.sentence}") from error
        return bundle, f"{record_id}-{parts.partner}.zip"

    async def _proven_judgements(self, parts: StoredParts) -> list[StoredParts]:
        """Give what the receiver of the entry has said of it."""
        proven, judge = [], OWN if parts.direction is Direction.RECEIVED else parts.partner
        for record_id in await self._records.judgements_about(parts.origin, parts.index):
            with suppress(NotYetReceipted):
                proven.append(await self._parts(judge, record_id, parts.partner))
        return proven

    async def _parts(self, whose: str, record_id: str, partner: str) -> StoredParts:
        """Give the proof by the smallest receipt that still counts: keys may have been taken back since."""
        parts = first = await self._records.evidence(whose, record_id, partner)
        while not self._counts(parts):
            try:
                parts = await self._records.evidence(whose, record_id, parts.partner, beyond=parts.size)
            except NotYetReceipted:
                return first
        return parts

    def _counts(self, parts: StoredParts) -> bool:
        book = self._book()
        own, partner = book.descriptor_of(book.own), book.descriptor_of(parts.partner)
        issuer, receiver = (own, partner) if parts.direction is Direction.ISSUED else (partner, own)
        return still_counts(parts.note, log_keys=issuer.log_keys, receipt_keys=receiver.receipt_keys)

    def _composed_of(self, parts: StoredParts, judgements: list[StoredParts]) -> EvidenceParts:
        book = self._book()
        header = Record.FromString(parts.record).header
        agreement = book.agreement(header.agreement_id, header.agreement_version)
        versions = (*book.versions[book.own], *book.versions[parts.partner])
        return EvidenceParts(
            entry=_proven(parts),
            descriptors=[book.descriptor_notes[version.digest] for version in versions],
            agreement=book.agreement_notes[agreement.digest] if agreement else b"",
            judgements=[_proven(each) for each in judgements],
        )


def _proven(parts: StoredParts) -> ProvenEntry:
    note = parse_note(parts.note, CHECKPOINT_LIMITS)
    return ProvenEntry(parts.record, LogProof(parts.index, parts.path, note, parts.salt))
