"""Gives entries of a link's logs to the partner: its own log, which it may have lost, or the one issued to it."""

from __future__ import annotations

from typing import Final

from gateway.errors import Absent, NoteMalformed, Pressure
from gateway.ports.histories import Histories, HistoryPart
from gateway.trust.names import Origin
from mutualrecognition.federation.v1 import link_pb2 as pb

ANSWER_BYTES: Final = 900 * 1024
ANSWER_ENTRIES: Final = 10_000
_MOST: Final = 2**63 - 1


class HistoryGiver:
    """Answers ``GetEntries``, one call of each partner at a time."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self._asking: set[str] = set()

    async def give(self, partner: str, request: pb.GetEntriesRequest) -> pb.GetEntriesResponse:
        """Give the next entries of a log between this node and ``partner``.

        Raises:
            Absent: there is no such log between the two.
            Pressure: another call of this partner is under way.
        """
        if partner in self._asking:
            raise Pressure("Entries are given to each partner by one call at a time.")
        self._asking.add(partner)
        try:
            return _answer(await self._part(partner, request))
        finally:
            self._asking.discard(partner)

    async def _part(self, partner: str, request: pb.GetEntriesRequest) -> HistoryPart:
        try:
            origin = str(Origin.parse(request.origin))
        except NoteMalformed:
            raise Absent("There is no such log on this link.") from None
        part = await self._histories.part(
            partner,
            origin,
            first=min(request.first, _MOST),
            records=min(request.count or ANSWER_ENTRIES, ANSWER_ENTRIES),
            size_bytes=ANSWER_BYTES,
        )
        if part is None:
            raise Absent("There is no such log on this link.")
        return part


def _answer(part: HistoryPart) -> pb.GetEntriesResponse:
    answer = pb.GetEntriesResponse(checkpoint=part.note)
    for each in part.entries:
        if each.entry.salt:
            answer.entries.add(salt=each.entry.salt, record=each.entry.record)
        else:
            answer.entries.add(commitment=each.commitment)
    return answer
