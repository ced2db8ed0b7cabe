"""Asking a node to decide: one question in a call of its own, many in messages of a hundred."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from gateway.cli.client import CALL_SECONDS, recognition
from mutualrecognition.national.v1 import recognition_service_pb2 as pb
from mutualrecognition.national.v1.decision_pb2 import Question

_MESSAGE: Final = 100


def decided(home: Path, questions: Sequence[Question], request_id: str | None) -> Iterator[pb.DecideResult]:
    """Give an answer or a refusal to each question, in their order; a decision has its question in it.

    ``request_id`` is the caller's own id, of many questions what theirs begin with; None: a fresh one.

    Raises:
        grpc.RpcError: the node refused the only question, or the whole call, or does not answer.
    """
    name = request_id or str(uuid.uuid4())
    with recognition(home) as service:
        if len(questions) == 1:
            request = pb.DecideRequest(request_id=name, question=questions[0])
            answer = service.Decide(request, timeout=CALL_SECONDS)
            yield pb.DecideResult(request_id=name, decision=answer.decision)
            return
        asked = iter(questions)
        for response in service.DecideMany(_messages(name, questions)):
            for result in response.results:
                question = next(asked)
                if result.HasField("decision"):
                    result.decision.question.CopyFrom(question)
                yield result


def _messages(name: str, questions: Sequence[Question]) -> Iterator[pb.DecideManyRequest]:
    asked = [
        pb.DecideRequest(request_id=f"{name}-{number}", question=question) for number, question in enumerate(questions)
    ]
    return (pb.DecideManyRequest(requests=asked[at : at + _MESSAGE]) for at in range(0, len(asked), _MESSAGE))
