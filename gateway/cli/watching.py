"""A watch that outlives its connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import grpc

from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

_PAUSE_SECONDS: Final = 2.0


def watch(
    records: RecordsServiceStub, request: pb.WatchRecordsRequest, *, away: Callable[[str], None]
) -> Iterator[pb.StoredRecord]:
    """Give records one by one, for ever; ``away`` is told when the node goes away. It goes on after the last one.

    Raises:
        grpc.RpcError: the node refused, or was never there.
    """
    reached = False
    while True:
        call = records.WatchRecords(request)
        try:
            for response in call:
                reached = True
                yield from response.records
                request.cursor, request.from_now = response.cursor, False
        except grpc.RpcError as error:
            if not reached or not isinstance(error, grpc.Call) or error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            away("the node went away; trying again every 2 s, from where it stopped")
            time.sleep(_PAUSE_SECONDS)
        finally:
            call.cancel()
