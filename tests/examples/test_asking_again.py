"""What the examples do with each refusal: ask again with the same id where that may help, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import grpc
import pytest

from gateway import errors
from gateway.rpc.status import status_of
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import records_service_pb2_grpc as service
from tests.examples.conftest import World
from tests.examples.national_systems import Language, System
from tests.nodes import ROOT

pytestmark = pytest.mark.long

RECORD = str(ROOT / "docs" / "examples" / "record.json")


class Refusing(service.RecordsServiceServicer):
    """A gateway that refuses as it is told to, and then answers."""

    def __init__(self, refusals: Sequence[errors.GatewayError]) -> None:
        self._refusals = list(refusals)
        self.asked: list[str] = []

    def SubmitRecords(  # noqa: N802
        self, request: national.SubmitRecordsRequest, context: Any
    ) -> national.SubmitRecordsResponse:
        (submission,) = request.submissions
        self.asked.append(submission.request_id)
        if self._refusals:
            context.abort_with_status(status_of(self._refusals.pop(0), "c0ffee"))
        result = national.SubmissionResult(request_id=submission.request_id, record_id="of-the-last-answer")
        return national.SubmitRecordsResponse(results=[result])


@contextmanager
def refusing(world: World, language: Language, *refusals: errors.GatewayError) -> Iterator[tuple[System, Refusing]]:
    """Serve it with NL's certificate; gives the system that calls it."""
    tls = world.nl.path / "tls"
    pair = ((tls / "national.key").read_bytes(), (tls / "national.pem").read_bytes())
    anchors = (tls / "national-ca.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([pair], anchors, require_client_auth=True)
    server, gateway = grpc.server(ThreadPoolExecutor(1)), Refusing(refusals)
    service.add_RecordsServiceServicer_to_server(gateway, server)
    address = f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
    server.start()
    try:
        yield System(world.place, language, replace(world.nl, national=address)), gateway
    finally:
        server.stop(None)


def test_what_passes_is_asked_again_with_the_same_id(world: World, language: Language) -> None:
    passing = (errors.Pressure("The disk is nearly full."), errors.TimedOut("Nobody answered."))
    with refusing(world, language, *passing) as (system, gateway):
        said = system.run("submit", RECORD)
    assert "… OVERLOADED: The disk is nearly full. The caller must wait and try again.; again in" in said
    assert f"✓ {RECORD} is of-the-last-answer" in said
    assert len(gateway.asked) == 3
    assert len(set(gateway.asked)) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        errors.CallerNotPermitted("nl-reader may not call this."),
        errors.LimitExceeded("That is too much."),
        errors.StoreFailed("The disk did not do it."),
    ],
    ids=lambda refusal: refusal.reason,
)
def test_what_does_not_pass_is_asked_once_and_told(
    world: World, language: Language, refusal: errors.GatewayError
) -> None:
    with refusing(world, language, refusal) as (system, gateway):
        said = system.run("submit", RECORD, code=1)
    assert f"✗ {refusal.reason}: {refusal}" in said
    assert len(gateway.asked) == 1
