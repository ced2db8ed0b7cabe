"""``national.v1.RecordsService``: submit, read, watch, export."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from gateway.errors import Malformed
from gateway.exchange.export import EvidenceExport
from gateway.exchange.meant import meant
from gateway.exchange.submission import Attempt, Submissions, require_count
from gateway.fail_points import reach
from gateway.ports.records import RecordQuery, Records
from gateway.records.codes import CodeList
from gateway.rpc.cursors import page_limit, place_of, sequence_of
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.refusal_log import RefusalLog
from gateway.rpc.views import DIRECTIONS, stored_record, with_warnings
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceServicer

WATCH_RECORDS: Final = 500
MESSAGES_UNDER_WAY: Final = 3
"""Messages of a bulk that wait for their commit while the next is prepared."""
SLICE: Final = 25
"""Submissions that are prepared at a stretch: about 2 ms."""
MESSAGE_BYTES: Final = 1024 * 1024
"""Bytes of records in one message: each is given twice, exact and parsed, and a client takes 4 MiB by default."""


_SUBMIT: Final = "/mutualrecognition.national.v1.RecordsService/SubmitRecords"

_Admission = asyncio.Task[list[pb.SubmissionResult]]


class RecordsService(RecordsServiceServicer):
    """The national system's door. It holds no state of its own: a cursor is all that a watch is.

    ``lists`` are the code lists, by name, that a record is shown with. ``refusals`` is told who would have passed on
    what another administration stated.
    """

    def __init__(
        self,
        *,
        administration: str,
        submissions: Submissions,
        records: Records,
        evidence: EvidenceExport,
        lists: Mapping[str, CodeList],
        refusals: RefusalLog,
    ) -> None:
        self._own = administration
        self._submissions = submissions
        self._records = records
        self._evidence = evidence
        self._lists = lists
        self._refusals = refusals

    async def SubmitRecords(self, request: pb.SubmitRecordsRequest, context: Context) -> pb.SubmitRecordsResponse:  # noqa: ARG002, N802
        """Take one batch."""
        prepared = await self._prepare(request.submissions)
        results = await self._submissions.admit(prepared)
        reach("before-answer")
        return pb.SubmitRecordsResponse(results=results)

    async def StreamRecords(  # noqa: N802
        self,
        request_iterator: AsyncIterator[pb.StreamRecordsRequest],
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.StreamRecordsResponse]:
        """Take message after message; the next ones are prepared while the store commits, answers keep the order.

        An answer leaves as soon as its message is durable, whether or not another message follows.
        """
        under_way: asyncio.Queue[_Admission | None] = asyncio.Queue()
        room = asyncio.Semaphore(MESSAGES_UNDER_WAY)
        taking = asyncio.create_task(self._take(request_iterator, under_way, room))
        taking.add_done_callback(lambda _: under_way.put_nowait(None))
        try:
            while (admission := await under_way.get()) is not None:
                yield pb.StreamRecordsResponse(results=await admission)
                room.release()
            await taking  # it may have ended with a refusal
        finally:
            taking.cancel()
            while not under_way.empty():
                if left := under_way.get_nowait():
                    left.cancel()

    async def _take(
        self,
        requests: AsyncIterator[pb.StreamRecordsRequest],
        under_way: asyncio.Queue[_Admission | None],
        room: asyncio.Semaphore,
    ) -> None:
        async for request in requests:
            prepared = await self._prepare(request.submissions)
            await room.acquire()
            under_way.put_nowait(asyncio.create_task(self._submissions.admit(prepared)))

    async def _prepare(self, submissions: Sequence[pb.Submission]) -> list[Attempt]:
        """Prepare a message in slices, so that links, watches and other callers get their turn in between."""
        require_count(submissions)
        prepared: list[Attempt] = []
        caller = CALLER.get().name
        for start in range(0, len(submissions), SLICE):
            prepared += await self._submissions.prepare(caller, submissions[start : start + SLICE])
            await asyncio.sleep(0)
        for each in prepared:
            if each.forwarded is not None:
                await self._refusals.note(each.forwarded, method=_SUBMIT, caller=caller, address="")
        return prepared

    async def GetRecord(self, request: pb.GetRecordRequest, context: Context) -> pb.GetRecordResponse:  # noqa: ARG002, N802
        """Give one record, and who else has used its id."""
        found = await self._records.of_id(request.record_id)
        one = meant(found, request.record_id, issuer=request.issuer, own=self._own)
        others = [each.whose or self._own for each in found if each is not one]
        return pb.GetRecordResponse(record=with_warnings(one, self._lists), other_issuers=others)

    async def ListRecords(self, request: pb.ListRecordsRequest, context: Context) -> pb.ListRecordsResponse:  # noqa: ARG002, N802
        """Give one page. A token is the sequence to go on from; it stays good for ever."""
        found, reached = await self._records.after(
            sequence_of(request.page_token, "page_token"),
            limit=page_limit(request.page_size),
            size_bytes=MESSAGE_BYTES,
            query=_query(request.filter),
        )
        more = str(reached) if reached < await self._records.newest() else ""
        return pb.ListRecordsResponse(records=map(stored_record, found), next_page_token=more)

    async def WatchRecords(  # noqa: N802
        self,
        request: pb.WatchRecordsRequest,
        context: Context,  # noqa: ARG002
    ) -> AsyncIterator[pb.WatchRecordsResponse]:
        """Give what is stored after the cursor, then what arrives.

        The next read waits until the reader has taken the last message: gRPC's flow control is the only buffer.
        """
        query, position = _query(request.filter), place_of(request.cursor, await self._records.newest())
        if request.from_now:
            if request.cursor:
                raise Malformed("from_now goes with an empty cursor only.")
            position = await self._records.newest()
            yield pb.WatchRecordsResponse(cursor=str(position))
        while True:
            found, reached = await self._records.after(
                position, limit=WATCH_RECORDS, size_bytes=MESSAGE_BYTES, query=query
            )
            if found:
                yield pb.WatchRecordsResponse(records=map(stored_record, found), cursor=str(reached))
            elif reached == position:
                await self._records.wait_beyond(position)
            position = reached

    async def ExportEvidence(self, request: pb.ExportEvidenceRequest, context: Context) -> pb.ExportEvidenceResponse:  # noqa: ARG002, N802
        """Give the evidence bundle of one record."""
        bundle, name = await self._evidence.export(request.record_id, request.partner, request.issuer)
        return pb.ExportEvidenceResponse(bundle=bundle, file_name=name)


def _query(given: pb.RecordFilter) -> RecordQuery:
    if given.direction not in DIRECTIONS:
        raise Malformed(f"There is no direction {given.direction}.")
    return RecordQuery(
        direction=DIRECTIONS[given.direction],
        partners=frozenset(given.partners),
        kinds=frozenset(given.kinds),
        include_quarantined=given.include_quarantined,
    )
