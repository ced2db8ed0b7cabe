"""Whom to tell that a statement of this administration no longer holds: the partners whose notices name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from gateway.ports.views import ViewIndex
from gateway.reliance.causes import Cause
from gateway.views.keys import aside
from gateway.views.steps import Saying, read
from mutualrecognition.records.v1.record_pb2 import Record

NAME_AT_MOST: Final = 64
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Relied:
    """What one partner said it relied on, of what no longer holds: records and decisions."""

    partner: str
    record_ids: tuple[str, ...]
    decision_ids: tuple[str, ...]


async def who_relied(index: ViewIndex, cause: Cause) -> tuple[Relied, ...]:
    """Give the partners whose reliance notices name a record that a cause reaches, and that went to them.

    A notice may name what never went there; what became of it is not told either.
    """
    records: dict[str, dict[str, None]] = defaultdict(dict)
    decisions: dict[str, dict[str, None]] = defaultdict(dict)
    async for saying in _notices(index, aside(f"record:{each}" for each in cause.reach.records)):
        notice = saying.record.reliance_notice
        named = [each for each in notice.record_ids if saying.issuer in cause.went_to.get(each, ())]
        if saying.received and named and notice.decided_at.seconds >= cause.reach.decided_from:
            records[saying.issuer] |= dict.fromkeys(named)
            decisions[saying.issuer][notice.decision_id] = None
    return tuple(Relied(partner, tuple(records[partner]), tuple(decisions[partner])) for partner in sorted(records))


async def _notices(index: ViewIndex, keys: frozenset[str]) -> AsyncIterator[Saying]:
    """Give every notice under these keys, however many: one partner's must not hide that another relied too."""
    after = 0
    while page := await index.records_under(keys, after=after, limit=_PAGE):
        after = page[-1].sequence
        for stored in page:
            if stored.kind == "reliance_notice":
                yield read(stored)


def recall_for(cause: Cause, relied: Relied, *, own: str, due: int) -> Record:
    """Make the record that tells one partner; its name says from which statement it comes."""
    record = Record()
    if cause.said_by.stored.kind == "aeo_status":
        record.header.subject.CopyFrom(cause.said_by.record.header.subject)
    else:  # a recall is about a record, also where what corrects it is about goods
        record.header.subject.record_id = relied.record_ids[0]
    body = record.recall
    body.recall_id = f"{own}-{cause.said_by.record_id}"[:NAME_AT_MOST]
    body.cause = cause.cause
    body.text = cause.said_by.record.withdrawal.text
    body.record_ids.extend(relied.record_ids[:1000])
    body.decision_ids.extend(relied.decision_ids[:1000])
    body.ack_required_by.seconds = due
    return record
