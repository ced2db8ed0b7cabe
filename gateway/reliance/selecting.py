"""Which records of this administration a recall names: by name, or all that fit an office, a device, an operator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from gateway.ports.links import Direction
from gateway.ports.records import OWN, RecordQuery, Records
from gateway.recognition.doing import devices_of, done_at
from gateway.reliance.seeking import before_first_since
from gateway.views.keys import GROUNDS
from gateway.views.steps import Saying, read

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """What a recall names. With ``record_ids`` nothing else is looked at; of the others, each that is set must fit.

    ``done_from`` and ``done_until`` bound when it was done, POSIX seconds, the end excluded.
    """

    record_ids: tuple[str, ...] = ()
    office: str = ""
    device: str = ""
    tin: str = ""
    kind: str = ""
    done_from: int = 0
    done_until: int = 2**62

    @property
    def is_empty(self) -> bool:
        """Whether it would name everything."""
        return not (self.record_ids or self.office or self.device or self.tin)


async def selected(records: Records, selection: Selection) -> AsyncIterator[Saying]:
    """Give this administration's records that fit, in the order in which they were issued."""
    if selection.record_ids:
        for name in selection.record_ids:
            stored = await records.get(OWN, name)
            if stored is not None:
                yield read(stored)
        return
    kinds = frozenset({selection.kind}) if selection.kind else GROUNDS - {"withdrawal"}
    query = RecordQuery(direction=Direction.ISSUED, kinds=kinds)
    position = await before_first_since(records, selection.done_from)
    while True:
        page, reached = await records.after(position, limit=_PAGE, query=query)
        for stored in page:
            saying = read(stored)
            if _fits(saying, selection):
                yield saying
        if reached == position:
            return
        position = reached


def _fits(saying: Saying, selection: Selection) -> bool:
    header = saying.record.header
    return (
        selection.office in ("", header.issuing_office)
        and (not selection.device or selection.device in devices_of(saying.record))
        and (not selection.tin or saying.record.aeo_status.tin == selection.tin)
        and selection.done_from <= done_at(saying.record) < selection.done_until
    )
