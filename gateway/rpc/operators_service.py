"""``national.v1.OperatorsService``: what is said of operators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Final

from gateway.errors import Malformed
from gateway.ports.records import RecordQuery, Records, StoredRecord
from gateway.rpc.cursors import page_limit, place_of, sequence_of
from gateway.rpc.guard import Context
from gateway.rpc.operator_messages import operator_standings, register_digest, watermark
from gateway.views.register import Found, OperatorRegister
from mutualrecognition.national.v1 import operators_service_pb2 as pb
from mutualrecognition.national.v1.operators_service_pb2_grpc import OperatorsServiceServicer
from mutualrecognition.records.v1.record_pb2 import Record

WATCH_RECORDS: Final = 200
_WATCHED: Final = RecordQuery(kinds=frozenset({"aeo_status", "withdrawal"}))


class OperatorsService(OperatorsServiceServicer):
    """Asks the register; keeps nothing of its own."""

    def __init__(self, *, administration: str, register: OperatorRegister, records: Records) -> None:
        self._own = administration
        self._register = register
        self._records = records

    async def LookupOperator(self, request: pb.LookupOperatorRequest, context: Context) -> pb.LookupOperatorResponse:  # noqa: ARG002, N802
        """Look one up."""
        at = request.at.seconds if request.HasField("at") else None
        match request.WhichOneof("name"):
            case "tin":
                found = await self._register.lookup(request.tin, at)
            case "local_id":
                found = await self._register.lookup_local(request.local_id.scheme, request.local_id.value, at)
            case _:
                raise Malformed("Name the operator by its TIN or by a number of a national scheme.")
        return pb.LookupOperatorResponse(
            operators=operator_standings(found),
            watermarks=map(watermark, await self._register.watermarks()),
            mapped_by=found.mapped_by,
        )

    async def ListOperators(self, request: pb.ListOperatorsRequest, context: Context) -> pb.ListOperatorsResponse:  # noqa: ARG002, N802
        """Give one page."""
        if not request.issuer:
            raise Malformed("Name the administration whose operators are asked for: issuer.")
        found, reached = await self._register.listed(
            request.issuer,
            after=sequence_of(request.page_token, "page_token"),
            limit=page_limit(request.page_size),
        )
        marks = [mark for mark in await self._register.watermarks() if mark.partner == request.issuer]
        return pb.ListOperatorsResponse(
            operators=operator_standings(found),
            next_page_token=str(reached) if reached else "",
            watermark=watermark(marks[0]) if marks else None,
        )

    async def WatchOperators(  # noqa: N802
        self,
        request: pb.WatchOperatorsRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchOperatorsResponse]:
        """Give operators as statements on them are stored; the cursor is all that a watch is."""
        position = place_of(request.cursor, await self._records.newest())
        if request.from_now:
            if request.cursor:
                raise Malformed("from_now goes with an empty cursor only.")
            position = await self._records.newest()
            yield pb.WatchOperatorsResponse(cursor=str(position))
        issuers = frozenset(request.issuers)
        while True:
            said, reached = await self._records.after(position, limit=WATCH_RECORDS, query=_WATCHED)
            operators = await self._operators_of(said, issuers)
            if operators:
                yield pb.WatchOperatorsResponse(operators=operators, cursor=str(reached))
            elif reached == position:
                await self._records.wait_beyond(position)
            position = reached

    async def GetRegisterDigest(  # noqa: N802
        self,
        request: pb.GetRegisterDigestRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.GetRegisterDigestResponse:
        """Compute a day's digest."""
        partner = request.partner or self._own
        if not request.issuer or (request.issuer == self._own) == (partner == self._own):
            raise Malformed("Name issuer and partner: one of them is this administration, the other a partner.")
        midnight = _midnight(request.day)
        digest = await self._register.digest(request.issuer, partner, midnight)
        marks = {each.partner: each.complete_as_of for each in await self._register.watermarks()}
        complete = request.issuer == self._own or marks.get(request.issuer, 0) >= midnight
        return register_digest(digest, complete=complete)

    async def _operators_of(self, said: Iterable[StoredRecord], issuers: frozenset[str]) -> list[pb.OperatorStanding]:
        """Show each operator once of which these records say something, as it stands now."""
        named: dict[tuple[str, str], None] = {}
        for stored in said:
            record = Record.FromString(stored.record)
            tin = await self._tin_of(record, stored.whose)
            if tin and (not issuers or record.header.issuer in issuers):
                named[record.header.issuer, tin] = None
        shown: list[pb.OperatorStanding] = []
        for issuer, tin in named:
            found = await self._register.lookup(tin)
            of_issuer = tuple(view for view in found.views if view.issuer == issuer)
            shown += operator_standings(Found(of_issuer, found.records, found.touched))
        return shown

    async def _tin_of(self, record: Record, whose: str) -> str:
        """Give whom a statement is about; a withdrawal is about whom its issuer's statement is that it takes back."""
        if record.WhichOneof("body") == "aeo_status":
            return record.aeo_status.tin
        taken_back = await self._records.get(whose, record.header.supersedes)
        return Record.FromString(taken_back.record).aeo_status.tin if taken_back else ""


def _midnight(day: str) -> int:
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise Malformed("day is a date, as in 2026-03-01.") from None
