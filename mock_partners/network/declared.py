"""Traffic from a file: import declarations that were inspected, in place of made-up vessels.

The columns are those of ``gateway.cli.demo.declarations``. A row is stated by the country of departure where that is a
member, else by one that follows from the declaration's number; it goes to all of its partners.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zlib import crc32

import grpc

from gateway.cli.demo.declarations import Declaration, RowRefused, read_declarations, submissions_of
from gateway.errors import Malformed
from mock_partners.network.answers import Answers
from mock_partners.network.tally import Tally
from mock_partners.network.topology import NetworkInvalid
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

_FAULTS_NAMED: Final = 20
_CALL_SECONDS: Final = 60


def read_file(file: Path) -> list[Declaration]:
    """Read every row.

    Raises:
        NetworkInvalid: rows cannot be used: each by its line, its column and why; or there is none.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            rows = list(read_declarations(source))
    except OSError as error:
        raise NetworkInvalid(f"{file} cannot be read: {error.strerror}.") from None
    except Malformed as error:
        raise NetworkInvalid(f"{file}: {error.sentence}") from None
    refused = [row for row in rows if isinstance(row, RowRefused)]
    if refused:
        more = [f"and {len(refused) - _FAULTS_NAMED:,} more"] if len(refused) > _FAULTS_NAMED else []
        faults = "\n  ".join([*map(str, refused[:_FAULTS_NAMED]), *more])
        raise NetworkInvalid(f"{file}: it cannot be used as it is, {len(refused):,} mistakes:\n  {faults}")
    declared = [row for row in rows if isinstance(row, Declaration)]
    if not declared:
        raise NetworkInvalid(f"{file} has no row below its first line.")
    return declared


def stated_by(declaration: Declaration, members: Sequence[str]) -> str:
    """Say which member states a row."""
    departure = declaration.row.departure
    return departure if departure in members else members[crc32(declaration.row.declaration.encode()) % len(members)]


class DeclaredTrade:
    """The national system of one member that states the rows of a file, so many records a second."""

    def __init__(
        self,
        administration: str,
        channel: grpc.aio.Channel,
        *,
        rows: Sequence[Declaration],
        rate: float,
        tally: Tally,
    ) -> None:
        self._own = administration
        self._rows = rows
        self._pause = 2 / rate  # a row is two records
        self._tally = tally
        self._records = RecordsServiceStub(channel)
        self._answers = Answers(administration, channel, tally)
        self._ended = asyncio.Event()

    async def trade(self, begins: float) -> None:  # noqa: ARG002  as every national system
        """State row after row, until there are no more or it is to end."""
        for declaration in self._rows:
            if self._ended.is_set():
                return
            await self._state(declaration)
            try:
                await asyncio.wait_for(self._ended.wait(), self._pause)
            except TimeoutError:
                continue

    async def answer(self) -> None:
        """Answer what comes in; for ever."""
        await self._answers.run()

    def end(self) -> None:
        """State no further row."""
        self._ended.set()

    async def _state(self, declaration: Declaration) -> None:
        submissions = [placed.submission for placed in submissions_of(declaration)]
        request = national.SubmitRecordsRequest(submissions=submissions)
        try:
            answer = await self._records.SubmitRecords(request, timeout=_CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            self._tally.incident(f"{self._own}, line {declaration.line}: {error.code().name} {error.details()}")
            return
        for result in answer.results:
            if result.HasField("refusal"):
                self._tally.incident(f"{self._own} refuses line {declaration.line}: {result.refusal.message}")
            for release in result.releases:
                self._tally.due[f"{self._own} {release.partner}"] += 1
        self._tally.done["records"] += len(answer.results)
