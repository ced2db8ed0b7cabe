"""The port ``Ledger`` on SQLite."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.ports.ledger import BasisTally, Closing, DecisionTally, Goods, LedgerLine, Reach, Reached
from gateway.stores.sqlite import ledger_rows
from gateway.stores.sqlite.reader import Reader
from gateway.stores.sqlite.writer import Writer


class SqliteLedger:
    """Keeps the ledger; the docstrings of ``gateway.ports.ledger.Ledger`` are its contract."""

    def __init__(self, *, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def lines(self, decision_ids: Collection[str]) -> Sequence[LedgerLine]:
        """Read entries."""
        return await self._reader.run(lambda connection: ledger_rows.lines(connection, decision_ids))

    async def newest(
        self, *, before: str, limit: int, partner: str = "", record: str = "", open_only: bool = False
    ) -> Sequence[LedgerLine]:
        """Read a page."""
        return await self._reader.run(
            lambda connection: ledger_rows.newest(
                connection, before=before, limit=limit, partner=partner, record=record, open_only=open_only
            )
        )

    async def note_goods(self, decision_ids: Sequence[str], goods: Goods, *, at: int, by: str) -> Sequence[str]:
        """Note where goods are."""
        return await self._writer.run(
            lambda connection: ledger_rows.note_goods(connection, decision_ids, goods, at=at, by=by)
        )

    async def close(self, closing: Closing) -> LedgerLine:
        """Keep feedback."""
        return await self._writer.run(lambda connection: ledger_rows.close(connection, closing))

    async def reached(self, reach: Reach, *, offset: int, limit: int) -> Reached:
        """Find decisions."""
        return await self._reader.run(
            lambda connection: ledger_rows.reached(connection, reach, offset=offset, limit=limit)
        )

    async def tallies(
        self, *, begin: int, end: int, partner: str = ""
    ) -> tuple[Sequence[DecisionTally], Sequence[BasisTally]]:
        """Count."""
        return await self._reader.run(
            lambda connection: ledger_rows.tallies(connection, begin=begin, end=end, partner=partner)
        )
