"""Records that are well delivered and must not be used (sections 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable

from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, quarantines
from mock_partners.rogue.link import Link
from mutualrecognition.records.v1.record_pb2 import Record


async def _judged(link: Link, record: bytes) -> Heard:
    async with link.open() as session:
        return await session.judged(await session.deliver(record))


def _changed(link: Link, change: Callable[[Record], None]) -> bytes:
    record = Record.FromString(link.record())
    change(record)
    return record.SerializeToString()


@attack("R-REC-03", quarantines("header.issuer"))
async def record_of_another_issuer(link: Link) -> Heard:
    """States something in the name of another administration."""

    def change(record: Record) -> None:
        record.header.issuer = "XY"

    return await _judged(link, _changed(link, change))
