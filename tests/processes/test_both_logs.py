"""A breach between two whole nodes: both logs tell it, under one correlation id, and nothing of it may be used."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway import config
from gateway.app import Collaborators, open_node
from gateway.ports.links import Entry, FormedBatch, LinkLogs
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.forked import forked
from tests.misbehaving import leaking


class ChangingLogs:
    """Changes a byte of every record after its batch was formed, as a disk or memory that fails would."""

    def __init__(self, logs: LinkLogs) -> None:
        self._logs = logs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logs, name)

    async def form_batch(self, partner: str, **limits: Any) -> FormedBatch | None:
        batch = await self._logs.form_batch(partner, **limits)
        return batch and replace(batch, entries=tuple(Entry(each.salt, changed(each.record)) for each in batch.entries))


def changed(record: bytes) -> bytes:
    return record[:-1] + bytes([record[-1] ^ 1])


@pytest.fixture
def log() -> Any:
    with structlog.testing.capture_logs() as lines:
        yield lines


async def test_a_byte_that_changes_on_the_way(tmp_path: Path, log: list[dict[str, Any]]) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    with forked(nl) as (at_nl,):
        async with open_node(config.load(cn.path), cn.path, collaborators=Collaborators(logs=ChangingLogs)):
            await nodes.submit(cn, nodes.submissions("CN", 1))
            for home, partner in ((nl, "CN"), (cn, "NL")):
                await nodes.link_until(home, partner, lambda link: link.state == operations.LINK_STATE_SUSPENDED)
            here = next(line for line in log if line["event"] == "link suspended")
            there = next(line for line in at_nl.logged() if line["event"] == "link suspended")
        assert here["reason"] == there["reason"] == "ROOT_MISMATCH"
        assert here["correlation_id"] == there["correlation_id"] != ""
        assert here["detail"] == there["detail"]
        assert (here["by_peer"], there["by_peer"]) == (True, False)
        assert await nodes.stored(nl, national.DIRECTION_RECEIVED) == []


async def test_a_field_that_is_not_released(tmp_path: Path) -> None:
    """The receiver keeps it as evidence, uses nothing of it, and the issuer's own operator reads what was wrong."""
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    (given,) = [each for each in nodes.submissions("CN", 60) if names_officer(each)][:1]
    with forked(nl):
        async with open_node(config.load(cn.path), cn.path, collaborators=leaking(cn)):
            (record_id,) = await nodes.submit(cn, [given])
            (arrived,) = await nodes.received(nl, 1, quarantined=True)
            await nodes.until(lambda: judgement_of(cn, record_id), lambda word: word == "QUARANTINED")
        assert arrived.standing == national.STANDING_QUARANTINED
        assert ("inspection_outcome.officer_ref", "agreement.fields") in {(v.path, v.rule) for v in arrived.violations}


def names_officer(submission: national.Submission) -> bool:
    return bool(submission.record.inspection_outcome.officer_ref)


async def judgement_of(home: nodes.Home, record_id: str) -> str:
    async with nodes.records_of(home) as records:
        answer = await records.GetRecord(national.GetRecordRequest(record_id=record_id), timeout=nodes.SECONDS)
    return str(answer.record.deliveries[0].judgement)
