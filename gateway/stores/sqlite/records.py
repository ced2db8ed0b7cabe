"""The port ``Records`` on SQLite."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.ports.records import PAGE_BYTES, EvidenceParts, RecordQuery, StoredRecord
from gateway.stores.sqlite import evidence, judgements, reading
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.reader import Reader


class SqliteRecords:
    """Reads records; the docstrings of ``gateway.ports.records.Records`` are its contract."""

    def __init__(self, *, reader: Reader, arrivals: Arrivals) -> None:
        self._reader = reader
        self._arrivals = arrivals

    async def get(self, whose: str, record_id: str) -> StoredRecord | None:
        """Read one record."""
        return await self._reader.run(lambda connection: reading.get(connection, whose, record_id))

    async def several(self, whose: str, record_ids: Collection[str]) -> Sequence[StoredRecord]:
        """Read several records in one go."""
        return await self._reader.run(lambda connection: reading.several(connection, whose, record_ids))

    async def of_id(self, record_id: str) -> Sequence[StoredRecord]:
        """Read every record of an id."""
        return await self._reader.run(lambda connection: reading.of_id(connection, record_id))

    async def after(
        self, sequence: int, *, limit: int, size_bytes: int = PAGE_BYTES, query: RecordQuery
    ) -> tuple[Sequence[StoredRecord], int]:
        """Read a page."""
        newest = self._arrivals.newest
        return await self._reader.run(
            lambda connection: reading.after(
                connection, sequence, newest=newest, limit=limit, size_bytes=size_bytes, query=query
            )
        )

    async def newest(self) -> int:
        """Give the newest sequence."""
        return self._arrivals.newest

    async def wait_beyond(self, sequence: int) -> None:
        """Wait for a commit."""
        await self._arrivals.beyond(sequence)

    async def evidence(self, whose: str, record_id: str, partner: str = "", *, beyond: int = 0) -> EvidenceParts:
        """Read the parts of a proof."""
        return await self._reader.run(
            lambda connection: evidence.evidence(connection, whose, record_id, partner=partner, beyond=beyond)
        )

    async def judgements_about(self, origin: str, index: int) -> Sequence[str]:
        """Look judgements up by what they speak of."""
        return await self._reader.run(lambda connection: judgements.judgements_about(connection, origin, index))
