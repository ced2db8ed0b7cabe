"""kill -9 of either side at random moments of a bulk run: what was acknowledged arrives once, in order, receipted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Protocol

import grpc
import pytest

from mutualrecognition.national.v1 import records_service_pb2 as pb
from tests import nodes

MESSAGE = 60
COUNT_SECONDS = 900
"""Hundreds of thousands of records are counted after hundreds of kills."""
RETRIES = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED}


class Submitter:
    """Submits without end; a message without answer is sent again, with the same request ids, until it has one."""

    def __init__(self, home: nodes.Home, seed: int) -> None:
        self.home = home
        self.acknowledged: list[str] = []
        self.repeated = 0
        self._finish = asyncio.Event()
        self._made = nodes.submissions(home.administration, MESSAGE, seed=seed)
        self._serials = count()

    def finish(self) -> None:
        self._finish.set()

    async def run(self) -> None:
        async with nodes.records_of(self.home) as records:
            while not self._finish.is_set():
                await self._submit(records, self._message())

    async def _submit(self, records, message: list[pb.Submission]) -> None:
        request = pb.SubmitRecordsRequest(submissions=message)
        while True:
            try:
                answer = await records.SubmitRecords(request, timeout=nodes.SECONDS, wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() not in RETRIES:
                    raise
                self.repeated += 1
                continue
            assert not [each.refusal for each in answer.results if each.HasField("refusal")]
            assert [each.request_id for each in answer.results] == [each.request_id for each in message]
            self.acknowledged += [each.record_id for each in answer.results]
            return

    def _message(self) -> list[pb.Submission]:
        message = []
        for made, serial in zip(self._made, islice(self._serials, MESSAGE), strict=True):
            submission = pb.Submission()
            submission.CopyFrom(made)
            submission.request_id = f"{self.home.administration}-{serial}"
            message.append(submission)
        return message


@dataclass(frozen=True)
class Survived:
    """What came of a run: how much was acknowledged, and how long a killed node took until it served again, seconds."""

    acknowledged: int
    restarts: tuple[float, ...]

    @property
    def median_restart(self) -> float:
        return median(self.restarts)

    @property
    def longest_restart(self) -> float:
        return max(self.restarts)


class Victim(Protocol):
    """A node that is killed again and again."""

    def kill_and_start(self) -> None: ...

    def wait_ready(self) -> object: ...


Run = Callable[..., AbstractContextManager[Sequence[Victim]]]


async def run_with_kills(place: Path, *, cycles: int, seed: int, run: Run = nodes.serving) -> Survived:
    """Kill so many times, then count; ``run`` starts the nodes as processes of one kind or another."""
    cn, nl = await asyncio.to_thread(nodes.pair, place)
    chance = Random(seed)
    restarts: list[float] = []
    with run(cn, nl) as processes:
        submitters = [Submitter(home, seed) for home in (cn, nl)]
        running = [asyncio.create_task(each.run()) for each in submitters]
        for _ in range(cycles):
            await asyncio.sleep(chance.uniform(0.0, 0.4))  # the random moment
            victim = chance.choice(processes)
            began = time.monotonic()
            victim.kill_and_start()
            await asyncio.to_thread(victim.wait_ready)
            restarts.append(time.monotonic() - began)
        for each in submitters:
            each.finish()
        await asyncio.gather(*running)
        for issuer, receiver, submitter in ((cn, nl, submitters[0]), (nl, cn, submitters[1])):
            assert submitter.acknowledged
            await nodes.link_until(issuer, receiver.administration, nodes.is_settled, seconds=COUNT_SECONDS)
            await all_arrived(issuer, receiver, submitter.acknowledged)
        assert sum(each.repeated for each in submitters), "no call was ever cut: the kills hit nothing"
        return Survived(sum(len(each.acknowledged) for each in submitters), tuple(restarts))


async def all_arrived(issuer: nodes.Home, receiver: nodes.Home, acknowledged: list[str]) -> None:
    """Everything acknowledged is there once, at the same index on both sides, in the order of submission."""
    arrived, indexes = [], []
    async for each in nodes.each_received(receiver, len(acknowledged), seconds=COUNT_SECONDS):
        arrived.append(each.record.header.record_id)
        indexes.append(each.deliveries[0].index)
    assert arrived == acknowledged
    assert indexes == list(range(len(acknowledged)))
    assert sum([1 async for _ in nodes.each_stored(receiver, pb.DIRECTION_RECEIVED)]) == len(acknowledged)
    issued = {}
    async for each in nodes.each_stored(issuer, pb.DIRECTION_ISSUED):
        (delivery,) = each.deliveries
        assert delivery.HasField("receipted_at")
        issued[each.record.header.record_id] = (delivery.partner, delivery.index)
    assert issued == {name: (receiver.administration, at) for at, name in enumerate(acknowledged)}
    link = await nodes.link_of(receiver, issuer.administration)
    assert (link.held.size, link.held.receipted) == (len(acknowledged), len(acknowledged))


@pytest.mark.long
async def test_six_kills(tmp_path: Path) -> None:
    await run_with_kills(tmp_path, cycles=6, seed=6)
