"""The registers of two partners agree, and so do their digests, after cuts, kills, a rebuild and withdrawn consent."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.addresses import free_addresses
from gateway.cli.main import cli
from gateway.stores.sqlite.checking import check_file
from mock_partners.fault_proxy import Faults, open_proxy
from mutualrecognition.national.v1 import consignments_service_pb2 as goods
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.consignments_service_pb2_grpc import ConsignmentsServiceStub
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from tests import nodes
from tests.forked import forked
from tests.nodes import Home
from tests.processes.test_views import BOX, DAY, control, lookup, national_port, standing, without_receipts

LINE = Faults(cut_every=1.5, bytes_per_second=60_000)
OPERATORS = 60
NAME = b"Example Trading (made up)"


def tombstone(tin: str, *, supersedes: str) -> national.Submission:
    given = standing(tin, aeo.AEO_STATE_CERTIFIED, effective=0, supersedes=supersedes)
    given.record.aeo_status.Clear()
    given.record.aeo_status.tin = tin
    given.record.aeo_status.consent.withdrawn_at.seconds = int(time.time())
    return given


async def run(*words: str) -> Any:
    done = await asyncio.to_thread(CliRunner().invoke, cli, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def digest(home: Home, day: str) -> dict[str, Any]:
    told: dict[str, Any] = await run("operators", "digest", "CN", "NL", "--day", day, "--home", str(home.path))
    return {name: told.get(name) for name in ("issuer", "partner", "midnight", "count", "sha256")}


async def story(home: Home) -> list[goods.Consignment]:
    async with national_port(home) as opened:
        request = goods.GetConsignmentRequest(keys=goods.ConsignmentKeys(container_numbers=[BOX]))
        answer = await ConsignmentsServiceStub(opened).GetConsignment(
            request, timeout=nodes.SECONDS, wait_for_ready=True
        )
    return [without_sides(each) for each in answer.consignments]


def without_sides(consignment: goods.Consignment) -> goods.Consignment:
    """Leave out what is each node's own: when it stored a record, where, and in which form."""
    told = without_receipts(consignment)
    for each in told.timeline:
        for name in ("sequence", "direction", "record_bytes", "stored_at", "standing"):
            each.record.ClearField(name)  # type: ignore[arg-type]
        for name in ("agreement_id", "agreement_version", "release_profile"):
            each.record.record.header.ClearField(name)  # type: ignore[arg-type]
    return told


async def said(home: Home, tins: Sequence[str]) -> list[Any]:
    """Tell what is said of operators, without what only the receiver knows: when it heard of it, what it erased."""
    found = []
    for tin in tins:
        for each in (await lookup(home, tin)).operators:
            each.ClearField("late_notices")
            each.ClearField("erased")
            for line in each.history:
                line.ClearField("known_at")
            found.append(each)
    return found


@pytest.mark.long
async def test_the_registers_of_two_partners_agree_whatever_happened_between(tmp_path: Path) -> None:
    bad_line, nobody = free_addresses(2)
    cn = nodes.make_home(tmp_path, "CN", endpoints=[bad_line])
    nl = nodes.make_home(tmp_path, "NL", endpoints=[nobody])
    await asyncio.to_thread(nodes.introduce, cn, nl)
    now = int(time.time())
    today, tomorrow = (time.strftime("%Y-%m-%d", time.gmtime(now + days * DAY)) for days in (0, 1))
    tins = [f"CN{number:010}" for number in range(OPERATORS)]
    paper = {"transport_documents": [{"number": "MAEU123456789", "level": "DOCUMENT_LEVEL_MASTER"}]}
    async with open_proxy(bad_line, cn.peer, LINE) as (proxy, _):
        with forked(cn, nl) as (issuer, holder):
            ids = await nodes.submit(cn, [standing(tin, aeo.AEO_STATE_CERTIFIED, effective=now - DAY) for tin in tins])
            before = dict(zip(tins, ids, strict=True))
            await nodes.submit(cn, [control(1, **paper), control(2)])
            proxy.cut()
            await nodes.received(nl, OPERATORS // 2)
            holder.kill_and_start()
            await asyncio.to_thread(holder.wait_ready)
            suspended = [
                standing(tin, aeo.AEO_STATE_SUSPENDED, effective=now - 60, supersedes=before[tin]) for tin in tins[:15]
            ]
            before |= dict(zip(tins, await nodes.submit(cn, suspended), strict=False))
            issuer.kill_and_start()
            await asyncio.to_thread(issuer.wait_ready)
            withdrawn = [*tins[10:20]]
            await nodes.submit(cn, [tombstone(tin, supersedes=before[tin]) for tin in withdrawn])
            await nodes.submit(nl, [control(3, **paper)])
            for home, partner in ((cn, "NL"), (nl, "CN")):
                await nodes.link_until(home, partner, nodes.is_settled)
            holder.terminate()
            assert await asyncio.to_thread(holder.wait) == 0
            await run("views", "rebuild", "--home", str(nl.path))
        report = await asyncio.to_thread(check_file, nl.path / "gateway.db", own="NL")
        assert report.findings == ()
        with forked(cn, nl):
            for day in (today, tomorrow):
                assert await digest(nl, day) == await digest(cn, day)
            assert (await digest(nl, tomorrow))["count"] == str(OPERATORS)
            assert await said(nl, tins) == await said(cn, tins)
            assert await story(nl) == await story(cn)
            assert [len(each.timeline) for each in await story(nl)] == [3]
            erased = [each.operators[0].erased for each in [await lookup(nl, tin) for tin in tins[5:25]]]
            assert erased == [0] * 5 + [2] * 5 + [1] * 5 + [0] * 5
            gone = [each for each in await nodes.stored(nl, national.DIRECTION_RECEIVED) if each.HasField("erased_at")]
            assert {each.record.header.subject.operator.tin for each in gone} == set(withdrawn)
            assert not any(each.record_bytes for each in gone)
            refused = await asyncio.to_thread(
                CliRunner().invoke,
                cli,
                ["evidence", "export", gone[0].record.header.record_id, "--home", str(nl.path), "--json"],
            )
            assert json.loads(refused.stderr)["reason"] == "EVIDENCE_ERASED"
        assert proxy.cuts, "the line was never cut"
