"""A key that was stolen ends at that time: what was receipted before stays, and the rest is signed anew."""

from __future__ import annotations

import asyncio
import io
import json
import time
import zipfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner

from gateway.app import open_node
from gateway.cli.main import cli
from gateway.clocks.system import SystemClock
from gateway.config import load
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes

LATER = 100


@pytest.fixture(autouse=True)
def log() -> Any:
    """Two nodes log into this process; a command's output is read here."""
    with structlog.testing.capture_logs() as lines:
        yield lines


class SetClock(SystemClock):
    """The system's, and some seconds more."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead


async def exported(home: nodes.Home, record_id: str) -> int:
    """Export a record, which verifies it; gives the size of the log by which it is proven."""
    async with nodes.records_of(home) as records:
        answer = await records.ExportEvidence(
            national.ExportEvidenceRequest(record_id=record_id), timeout=nodes.SECONDS
        )
    with zipfile.ZipFile(io.BytesIO(answer.bundle)) as bundle:
        proof = bundle.read("record.tlog-proof").decode()
    return int(proof.split("\n\n")[1].split("\n")[1])


@pytest.mark.parametrize(("role", "issuer"), [("log", 0), pytest.param("receipt", 1, marks=pytest.mark.long)])
async def test_what_a_stolen_key_has_signed_is_signed_anew(role: str, issuer: int, tmp_path: Path) -> None:
    homes = await asyncio.to_thread(nodes.pair, tmp_path)
    clock, robbed = SetClock(), homes[0]
    issuing, receiving = homes[issuer], homes[1 - issuer]
    async with AsyncExitStack() as stack:
        for home in homes:
            await stack.enter_async_context(open_node(load(home.path), home.path, clock=clock))
        given = nodes.submissions(issuing.administration, 5)
        before = await nodes.submit(issuing, given[:3])
        partner = receiving.administration
        await nodes.link_until(issuing, partner, lambda link: nodes.is_settled(link) and link.issued.size == 3)
        stood = await all_exported(receiving, before)
        clock.ahead = LATER
        since = await nodes.submit(issuing, given[3:])
        first = await nodes.link_until(issuing, partner, lambda link: nodes.is_settled(link) and link.issued.size == 5)
        stolen = datetime.fromtimestamp(time.time() + LATER / 2, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = ["keys", "compromised", role, "--since", stolen, "--home", str(robbed.path), "--json"]
        done = await asyncio.to_thread(CliRunner().invoke, cli, words)
        assert done.exit_code == 0, done.output
        assert json.loads(done.output)["descriptors"][0]["version"] == 2
        await nodes.link_until(issuing, partner, lambda link: link.session != first.session and nodes.is_settled(link))
        for home in homes:
            sizes = await nodes.until(lambda home=home: all_exported(home, since), lambda sizes: sizes == [5, 5])
            assert sizes == [5, 5]
            assert await all_exported(home, before) == stood, "what was receipted before stands as it stood"
        assert (await nodes.link_of(issuing, partner)).issued.size == 5, "nothing was added"
        more = await nodes.submit(issuing, nodes.submissions(issuing.administration, 1, seed=9))
        await nodes.link_until(issuing, partner, lambda link: nodes.is_settled(link) and link.issued.size == 6)
        assert await all_exported(receiving, more) == [6]


async def all_exported(home: nodes.Home, record_ids: list[str]) -> list[int]:
    return [await exported(home, each) for each in record_ids]
