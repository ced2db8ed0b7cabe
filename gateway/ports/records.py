"""Reading records: one, a page, a stream, and the parts of a proof."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Protocol

from gateway.errors import Violation
from gateway.ports.links import Direction, Standing
from gateway.values import value

PAGE_BYTES: Final = 1024 * 1024
"""Bytes of records in one page, unless the reader says otherwise."""

OWN: Final = ""
"""Whose a record is that this administration issued; of others it is the partner's name."""


@value
class Delivery:
    """A record's way in one link log; ``origin`` is empty and ``index`` -1 while it waits for a batch.

    ``receipted_at`` is the time inside the smallest receipt that covers it, POSIX seconds, or None.
    ``judgement`` is the latest word (QUARANTINED, REFUSED, ACCEPTED) of the log's receiver: the partner's on an issued
    record, this node's own on a received one. Empty when it said nothing.
    """

    partner: str
    origin: str
    index: int
    receipted_at: int | None
    judgement: str


@value
class Erased:
    """What is left of a record's content: which operator it was about, and when the content went, POSIX seconds."""

    tin: str
    at: int


@value
class StoredRecord:
    """A record as this node holds it. ``record`` is the exact bytes; ``sequence`` its place in this node's order.

    ``erased`` tells that the bytes are gone, and then ``record`` is empty.
    """

    sequence: int
    direction: Direction
    record_id: str
    kind: str
    record: bytes
    stored_at: int
    deliveries: tuple[Delivery, ...]
    standing: Standing
    violations: tuple[Violation, ...]
    superseded_by: str
    erased: Erased | None = None

    @property
    def whose(self) -> str:
        """Whose it is: the partner's in whose log it came, or ``OWN``. With its id, that is its name."""
        return self.deliveries[0].partner if self.direction is Direction.RECEIVED else OWN


@value
class RecordQuery:
    """What to leave out; empty collections leave nothing out."""

    direction: Direction | None = None
    partners: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    include_quarantined: bool = False


@value
class EvidenceParts:
    """What a store knows of one entry's proof.

    ``note`` is the smallest receipted checkpoint of the log that covers ``index``; ``size`` its size; ``path`` the
    inclusion proof of RFC 9162 section 2.1.3 in that tree. ``partner`` is the other administration, ``direction``
    tells which of the two issued.
    """

    partner: str
    direction: Direction
    origin: str
    index: int
    salt: bytes
    record: bytes
    size: int
    note: bytes
    path: tuple[bytes, ...]


class Records(Protocol):
    """Reads records. Nothing here changes anything.

    An id is its issuer's choice, and every recipient of a record knows it: another partner can state something else
    under it. So an id names a record only together with whose it is.
    """

    async def get(self, whose: str, record_id: str) -> StoredRecord | None:
        """One record of a partner's in its exact bytes, or with ``OWN`` an own one as it was submitted."""
        ...

    async def several(self, whose: str, record_ids: Collection[str]) -> Sequence[StoredRecord]:
        """Those of a few hundred records that are here, all of one partner's or own ones; in this node's order."""
        ...

    async def of_id(self, record_id: str) -> Sequence[StoredRecord]:
        """Every record of this id, where nobody says whose is meant: our own first, then in this node's order."""
        ...

    async def after(
        self, sequence: int, *, limit: int, size_bytes: int = PAGE_BYTES, query: RecordQuery
    ) -> tuple[Sequence[StoredRecord], int]:
        """Records after a sequence, in order, and how far was looked: the sequence to go on from.

        At most ``limit`` records and ``size_bytes`` bytes of records, but one record where there is one. How far was
        looked equals ``sequence`` only when nothing is stored after it.
        """
        ...

    async def newest(self) -> int:
        """The highest sequence that is stored; 0 when there is none."""
        ...

    async def wait_beyond(self, sequence: int) -> None:
        """Return when a record after this sequence is stored; any number of callers may wait."""
        ...

    async def evidence(self, whose: str, record_id: str, partner: str = "", *, beyond: int = 0) -> EvidenceParts:
        """The proof of one entry; ``partner`` is to whom an own record went, empty when it went to one alone.

        It is by the smallest receipt that covers the entry and more than ``beyond`` entries.

        Raises Absent when there is no such record or several partners have it, NotYetReceipted when no receipt
        covers it, EvidenceErased when the record's content is gone.
        """
        ...

    async def judgements_about(self, origin: str, index: int) -> Sequence[str]:
        """The record_ids of judgements that speak of this entry, oldest first."""
        ...
