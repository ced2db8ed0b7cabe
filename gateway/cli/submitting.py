"""Sending submissions to a node, message by message, with what became of each."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.cli.client import CALL_SECONDS
from gateway.cli.submission_files import Placed, in_messages
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

_UNANSWERED_AT_MOST: Final = 8
"""Messages on their way: enough to keep the node busy, few enough that little is read ahead."""


def submit(records: RecordsServiceStub, submissions: Iterable[Placed]) -> Iterator[tuple[Placed, pb.SubmissionResult]]:
    """Submit; each result is given as soon as the node has answered its message.

    What was read before an error in the input is submitted, and its results are given, before the error is raised.

    Raises:
        Malformed: an error in the input.
        grpc.RpcError: the node refused a message as a whole, or does not answer.
    """
    messages = in_messages(submissions)
    first = next(messages, None)
    if first is None:
        return
    if len(first) == 1:
        request = pb.SubmitRecordsRequest(submissions=[each.submission for each in first])
        yield from zip(first, records.SubmitRecords(request, timeout=CALL_SECONDS).results, strict=True)
        first = next(messages, None)
    if first is not None:
        yield from _stream(records, _Messages(first, messages))


def _stream(records: RecordsServiceStub, messages: _Messages) -> Iterator[tuple[Placed, pb.SubmissionResult]]:
    for response in records.StreamRecords(messages.requests()):
        yield from zip(messages.answered(), response.results, strict=True)
    if messages.failure is not None:
        raise messages.failure


class _Messages:
    """Messages that are sent from gRPC's own thread, and remembered until they are answered."""

    def __init__(self, first: list[Placed], rest: Iterator[list[Placed]]) -> None:
        self._first = first
        self._rest = rest
        self._unanswered: list[list[Placed]] = []
        self._room = threading.Semaphore(_UNANSWERED_AT_MOST)
        self.failure: Exception | None = None

    def requests(self) -> Iterator[pb.StreamRecordsRequest]:
        """Give one message after the other, as room is made by answers."""
        message: list[Placed] | None = self._first
        while message is not None:
            self._room.acquire()
            self._unanswered.append(message)
            yield pb.StreamRecordsRequest(submissions=[each.submission for each in message])
            try:
                message = next(self._rest, None)
            except Exception as error:  # noqa: BLE001  raised where the results are read, after those before it
                self.failure = error
                return

    def answered(self) -> list[Placed]:
        """Give the oldest message that had no answer yet."""
        self._room.release()
        return self._unanswered.pop(0)
