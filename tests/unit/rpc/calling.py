"""Calls to the national API and what becomes of them."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from tests import nodes


async def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    answer = call.read() if isinstance(call, grpc.aio.UnaryStreamCall | grpc.aio.StreamStreamCall) else call
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await answer
    return refusal.value.code(), reason_in(refusal.value)[0]


async def submit(records: RecordsServiceStub, *given: pb.Submission) -> list[pb.SubmissionResult]:
    answer = await records.SubmitRecords(pb.SubmitRecordsRequest(submissions=given), timeout=nodes.SECONDS)
    return list(answer.results)


def one(kind: str = "inspection_outcome") -> pb.Submission:
    return next(each for each in nodes.submissions("CN", 40) if each.record.WhichOneof("body") == kind)
