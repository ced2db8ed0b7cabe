"""What one administration states is an answer at the other: two whole nodes in this process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from click.testing import CliRunner
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp

from certs.authority import Credential
from gateway.app import Node, open_node
from gateway.cli.main import cli
from gateway.config import load
from mutualrecognition.national.v1 import consignments_service_pb2 as goods
from mutualrecognition.national.v1 import operators_service_pb2 as operators
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.consignments_service_pb2_grpc import ConsignmentsServiceStub
from mutualrecognition.national.v1.operators_service_pb2_grpc import OperatorsServiceStub
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from tests import nodes
from tests.nodes import Home

DAY = 86_400
BOX = "MSKU3841906"


@pytest.fixture
async def homes(tmp_path: Path) -> tuple[Home, Home]:
    return await asyncio.to_thread(nodes.pair, tmp_path)


def running(home: Home) -> AbstractAsyncContextManager[Node]:
    return open_node(load(home.path), home.path)


@asynccontextmanager
async def national_port(home: Home) -> AsyncIterator[grpc.aio.Channel]:
    credential = Credential.read(home.path / "clients" / "local", "client")
    async with nodes.channel(home.national, root=home.national_authority, credential=credential) as opened:
        yield opened


def standing(tin: str, status: int, *, effective: int, supersedes: str = "") -> national.Submission:
    body = {
        "tin": tin,
        "certificate_number": f"AEO-{tin}",
        "legal_name": "Example Trading (made up)",
        "programme": "AEO",
        "scope": "AEO_SCOPE_SECURITY",
        "status": aeo.AeoState.Name(status),  # type: ignore[arg-type]
        "effective_at": Timestamp(seconds=effective).ToJsonString(),
    }
    if status == aeo.AEO_STATE_SUSPENDED:
        body["status_reason"] = "AEO_REASON_UNDER_INVESTIGATION"
    given = national.Submission(request_id=str(uuid4()))
    given.record.header.purpose = 2  # AEO_BENEFIT
    given.record.header.subject.operator.tin = tin
    given.record.header.supersedes = supersedes
    json_format.ParseDict(body, given.record.aeo_status)
    return given


def control(number: int, **consignment: Any) -> national.Submission:
    given = national.Submission(request_id=str(uuid4()))
    given.record.header.purpose = 1  # SECURITY_RISK
    said = {
        "control_id": f"C-{number}",
        "consignment": {"container_numbers": [BOX], **consignment},
        "location": {"locode": "CNYTN"},
        "methods": [{"kind": "METHOD_KIND_PHYS_TAILGATE"}],
        "conclusion": "CONCLUSION_NO_DISCREPANCY",
        "coverage": {"extent": "COVERAGE_EXTENT_WHOLE_CONTAINER"},
    }
    json_format.ParseDict(said, given.record.inspection_outcome)
    given.record.inspection_outcome.ended_at.seconds = int(time.time()) - 100 + number
    given.record.header.subject.consignment.CopyFrom(given.record.inspection_outcome.consignment)
    return given


async def lookup(home: Home, tin: str) -> operators.LookupOperatorResponse:
    async with national_port(home) as opened:
        request = operators.LookupOperatorRequest(tin=tin)
        return await OperatorsServiceStub(opened).LookupOperator(request, timeout=nodes.SECONDS, wait_for_ready=True)


def says(status: int) -> Any:
    return lambda answer: [each.standing.status for each in answer.operators] == [status]


async def test_a_suspension_reaches_the_partners_lookup_and_watch(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    tin, now = "CN4403120087", int(time.time())
    async with running(cn), running(nl), national_port(nl) as opened:
        register = OperatorsServiceStub(opened)
        (first,) = await nodes.submit(cn, [standing(tin, aeo.AEO_STATE_CERTIFIED, effective=now - 30 * DAY)])
        certified = await nodes.until(lambda: lookup(nl, tin), says(aeo.AEO_STATE_CERTIFIED))
        assert certified.operators[0].counts_for_security
        assert [mark.partner for mark in certified.watermarks] == ["CN"]
        assert certified.watermarks[0].complete_as_of.seconds >= now
        watch = register.WatchOperators(operators.WatchOperatorsRequest(), timeout=nodes.SECONDS)
        heard = await watch.read()
        assert [each.tin for each in heard.operators] == [tin]
        suspension = standing(tin, aeo.AEO_STATE_SUSPENDED, effective=now - 3 * DAY, supersedes=first)
        (second,) = await nodes.submit(cn, [suspension])
        news = await watch.read()
        assert [(each.record_id, each.counts_for_security) for each in news.operators] == [(second, False)]
        watch.cancel()
        again = register.WatchOperators(operators.WatchOperatorsRequest(cursor=heard.cursor), timeout=nodes.SECONDS)
        assert (await again.read()).operators == news.operators
        again.cancel()
        (found,) = (await lookup(nl, tin)).operators
        assert [(line.record_id, line.fate) for line in found.history] == [
            (first, operators.STANDING_FATE_ENDED),
            (second, operators.STANDING_FATE_IN_FORCE),
        ]
        (late,) = found.late_notices
        assert (late.record_id, late.effective_at.seconds) == (second, now - 3 * DAY)
        assert late.known_at.seconds >= now
        (own,) = (await lookup(cn, tin)).operators
        assert (own.record_id, len(own.late_notices)) == (second, 0)


@pytest.mark.long
async def test_a_partner_that_has_nothing_to_say_differs_from_one_that_is_away(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    for home in homes:
        with (home.path / "gateway.toml").open("a", encoding="utf-8") as settings:
            settings.write("\n[links]\nheartbeat_after = 0.2\n")

    async def heard() -> int:
        (mark,) = (await lookup(nl, "CN4403120087")).watermarks
        assert mark.partner == "CN"
        return int(mark.complete_as_of.seconds)

    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 60))
    async with running(nl):
        assert await heard() == 0
        assert not (await digest(nl, today)).complete
        began = int(time.time())
        async with running(cn):
            await nodes.until(heard, lambda at: at >= began)
            assert (await digest(nl, today)).complete
        last = await heard()
        async with running(cn):
            pass
    async with running(nl):
        assert last <= await heard() <= time.time()


async def digest(home: Home, day: str) -> operators.GetRegisterDigestResponse:
    async with national_port(home) as opened:
        request = operators.GetRegisterDigestRequest(issuer="CN", partner="NL", day=day)
        register = OperatorsServiceStub(opened)
        return await register.GetRegisterDigest(request, timeout=nodes.SECONDS, wait_for_ready=True)


async def listed(home: Home, size: int) -> list[str]:
    found: list[str] = []
    token = ""
    async with national_port(home) as opened:
        while True:
            request = operators.ListOperatorsRequest(issuer="CN", page_size=size, page_token=token)
            page = await OperatorsServiceStub(opened).ListOperators(request, timeout=nodes.SECONDS, wait_for_ready=True)
            found += [each.tin for each in page.operators]
            token = page.next_page_token
            if not token:
                return found


async def test_both_registers_have_one_digest_after_restart_and_rebuild(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    now = int(time.time())
    tins = [f"CN{number:010}" for number in range(30)]
    tomorrow = time.strftime("%Y-%m-%d", time.gmtime(now + DAY))
    async with running(cn):
        given = [standing(tin, aeo.AEO_STATE_CERTIFIED, effective=now - DAY) for tin in tins]
        ids = await nodes.submit(cn, given)
        async with running(nl):
            await nodes.received(nl, 30)
        suspended = [
            standing(tin, aeo.AEO_STATE_SUSPENDED, effective=now - 60, supersedes=before)
            for tin, before in list(zip(tins, ids, strict=True))[:10]
        ]
        await nodes.submit(cn, suspended)
        stated = await digest(cn, tomorrow)
    rebuilt = await asyncio.to_thread(CliRunner().invoke, cli, ["views", "rebuild", "--home", str(nl.path), "--json"])
    assert rebuilt.exit_code == 0, rebuilt.output
    async with running(cn), running(nl):
        await nodes.received(nl, 40)
        known = await digest(nl, tomorrow)
        assert (known.count, known.sha256) == (stated.count, stated.sha256)
        assert (stated.count, stated.complete, known.complete) == (30, True, False)
        assert await listed(nl, 7) == await listed(cn, 100) == tins


def without_receipts(consignment: goods.Consignment) -> goods.Consignment:
    """Leave out what goes on changing: a receipt may come between two answers."""
    told = goods.Consignment()
    told.CopyFrom(consignment)
    for each in told.timeline:
        each.record.ClearField("deliveries")
    return told


async def test_a_consignment_is_one_story_at_the_partner(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    paper = {"transport_documents": [{"number": "MAEU123456789", "level": "DOCUMENT_LEVEL_MASTER"}]}
    async with running(cn), running(nl), national_port(nl) as opened:
        service = ConsignmentsServiceStub(opened)
        keys = goods.ConsignmentKeys(container_numbers=[BOX])
        watch = service.WatchConsignment(
            goods.WatchConsignmentRequest(keys=keys), timeout=nodes.SECONDS, wait_for_ready=True
        )
        nothing = await watch.read()
        assert (list(nothing.consignments), nothing.truncated) == ([], False)
        sent = await nodes.submit(cn, [control(1, **paper), control(2)])
        sent += await nodes.submit(nl, [control(3, **paper)])
        heard = await watch.read()
        while sum(len(each.timeline) for each in heard.consignments) < 3:
            heard = await watch.read()
        watch.cancel()
        answer = await service.GetConsignment(goods.GetConsignmentRequest(keys=keys), timeout=nodes.SECONDS)
        (consignment,) = answer.consignments
        assert without_receipts(consignment) == without_receipts(heard.consignments[0])
        assert list(consignment.transport_documents) == ["MAEU123456789"]
        assert [(each.record.record.header.record_id, each.strength) for each in consignment.timeline] == [
            (sent[0], goods.MATCH_STRENGTH_STRONG),
            (sent[1], goods.MATCH_STRENGTH_WEAK),
            (sent[2], goods.MATCH_STRENGTH_STRONG),
        ]
        shown = await asyncio.to_thread(CliRunner().invoke, cli, ["consignment", "show", BOX, "--home", str(nl.path)])
        assert shown.exit_code == 0, shown.output
        assert "MAEU123456789" in shown.output
        lines = [words for line in shown.output.splitlines() if (words := line.split()) and words[0].isdigit()]
        assert [(words[3], "strong" in words) for words in lines] == [("CN", True), ("CN", False), ("NL", True)]
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.GetConsignment(goods.GetConsignmentRequest(), timeout=nodes.SECONDS)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_the_command_tells_a_standing_and_what_silence_is_worth(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    tin, now = "CN4403120087", int(time.time())
    async with running(cn), running(nl):
        await nodes.submit(cn, [standing(tin, aeo.AEO_STATE_CERTIFIED, effective=now - DAY)])
        await nodes.received(nl, 1)
        for words, told in [
            (
                ["lookup", tin],
                f"✓ CN {tin}  Example Trading (made up): Certified, and the certificate covers security.",
            ),
            (["lookup", "NL99"], "Nobody has said anything of NL99."),
            (["list", "CN"], f"✓ CN {tin}"),
        ]:
            done = await asyncio.to_thread(CliRunner().invoke, cli, ["operators", *words, "--home", str(nl.path)])
            assert done.exit_code == 0, done.output
            assert done.output.startswith(told)
        unmapped = ["operators", "lookup", "EORI:NL1", "--home", str(nl.path), "--json"]
        refused = await asyncio.to_thread(CliRunner().invoke, cli, unmapped)
        assert (refused.exit_code, json.loads(refused.stderr)["reason"]) == (1, "NOT_FOUND")
