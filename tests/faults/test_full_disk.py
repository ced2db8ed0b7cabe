"""A disk that is full: the node says so and who must act, loses nothing, and goes on by itself when there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from gateway.rpc.status import reason_in
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes
from tests.faults.conftest import sound
from tests.faults.small_disk import SmallDisk, small_disk

MIB = 1024 * 1024
DISK, RESERVE = 20, 6
pytestmark = pytest.mark.long


class Crowded:
    """CN, whose store is on a small disk, and NL, which has room; the same two for all cases, one after the other."""

    def __init__(self, disk: SmallDisk, cn: nodes.Home, nl: nodes.Home, node: nodes.NodeProcess) -> None:
        self.disk, self.cn, self.nl, self.node = disk, cn, nl, node
        self.answered: dict[str, list[str]] = {"CN": [], "NL": []}
        self._calls = 0

    async def submit(self, home: nodes.Home, count: int) -> None:
        """Submit so many that were not submitted before."""
        self._calls += 1
        made = nodes.submissions(home.administration, count, seed=self._calls)
        for each in made:
            each.request_id += f"-{self._calls}"
        self.answered[home.administration] += await nodes.submit(home, made)

    async def refused(self) -> str:
        """Submit to CN, which must refuse; gives its sentence."""
        with pytest.raises(grpc.aio.AioRpcError) as told:
            await self.submit(self.cn, 2)
        reason, sentence = reason_in(told.value)
        assert (told.value.code(), reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
        assert "This node's operator must make room on its disk" in sentence
        return sentence

    async def all_arrive(self) -> None:
        """Wait for everything that was ever answered, at the other side, once and in order, with its receipt."""
        for issuer, receiver in ((self.cn, self.nl), (self.nl, self.cn)):
            answered = self.answered[issuer.administration]
            there = await nodes.received(receiver, len(answered))
            assert [each.record.header.record_id for each in there] == answered
            await nodes.link_until(issuer, receiver.administration, nodes.is_settled)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    place = tmp_path_factory.mktemp("crowded")
    with small_disk(place / "small", DISK) as disk:
        cn, nl = nodes.pair(place)
        settings = (cn.path / "gateway.toml").read_text("utf-8")
        settings = settings.replace('path = "gateway.db"', f'path = "{disk.place}/gateway.db"')
        settings = settings.replace("reserve_mib = 256", f"reserve_mib = {RESERVE}")
        (cn.path / "gateway.toml").write_text(settings, "utf-8")
        disk.take(cn.path / "gateway.db")
        with nodes.serving(nl):
            node = nodes.NodeProcess(cn, wrapper=disk.wrapper)
            try:
                node.wait_ready()
                yield Crowded(disk, cn, nl, node)
            finally:
                node.kill()
        disk.copy_to(cn.path)
    sound(cn)
    sound(nl)


async def test_below_the_reserve_intake_refuses_and_what_partners_send_is_still_taken(world: Crowded) -> None:
    await world.submit(world.cn, 5)
    await world.all_arrive()
    with world.disk.filled(leave=RESERVE * MIB - MIB // 4):
        assert f"has {RESERVE - 1} MiB left, less than the {RESERVE} kept" in await world.refused()
        await world.submit(world.nl, 40)
        await world.all_arrive()
    await world.submit(world.cn, 5)
    await world.all_arrive()


async def test_a_full_disk_is_told_to_both_sides_and_passes_by_itself(world: Crowded) -> None:
    await world.submit(world.cn, 50)
    await world.all_arrive()
    with world.disk.filled(leave=0):
        for _ in range(6):
            await world.submit(world.nl, 200)
        for home, partner in ((world.nl, "CN"), (world.cn, "NL")):
            link = await nodes.link_until(home, partner, lambda link: link.last_reason == "OVERLOADED")
            assert "The disk of the store is full; nothing was stored. This node's operator" in link.last_detail
        await world.refused()
        assert len(await nodes.stored(world.cn, national.DIRECTION_ISSUED)) == len(world.answered["CN"])
    await world.all_arrive()
    await world.submit(world.cn, 5)
    await world.all_arrive()
    assert world.node.running


async def test_a_node_that_died_on_a_full_disk_says_so_and_starts_when_there_is_room(world: Crowded) -> None:
    await world.submit(world.cn, 50)
    with world.disk.filled(leave=0):
        world.node.kill_and_start()
        assert await asyncio.to_thread(world.node.wait) != 0
        told = world.node.log_text()
        assert "cannot be opened: its disk is full. This node's operator must make room on its disk" in told
        assert "Traceback" not in told
    world.node.kill_and_start()
    await asyncio.to_thread(world.node.wait_ready)
    await world.all_arrive()


async def test_a_log_that_has_no_room_stops_nothing(tmp_path: Path) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    with nodes.serving(nl):
        node = nodes.NodeProcess(cn, wrapper=["sh", "-c", 'exec "$@" 2>/dev/full', "sh"])
        try:
            await asyncio.to_thread(node.wait_ready)
            answered = await nodes.submit(cn, nodes.submissions("CN", 20))
            assert [each.record.header.record_id for each in await nodes.received(nl, 20)] == answered
            await nodes.link_until(cn, "NL", nodes.is_settled)
        finally:
            node.kill()
