"""Stopping and starting: SIGTERM ends a node well whatever its partner does, and one home has one process."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from certs.authority import Authority
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.forked import ForkedNode, forked

RECORDS = 200


@contextmanager
def black_hole(address: str) -> Iterator[None]:
    """Take connections and say nothing."""
    host, _, port = address.rpartition(":")
    with socket.create_server((host, int(port))):
        yield


def stop(node: nodes.NodeProcess | ForkedNode, *, expected: str = "") -> None:
    node.terminate()
    assert node.wait(nodes.SECONDS) == 0
    assert [line for line in node.logged() if line["level"] == "error" and line["event"] != expected] == []


def dialled(node: nodes.NodeProcess | ForkedNode) -> bool:
    return any(line["event"] == "link session ended" for line in node.logged())


async def test_it_drains_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Records that wait for an absent partner are durable, and go when it is back."""
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    given = nodes.submissions("CN", 2 * RECORDS)
    with nodes.serving(cn, nl) as (at_cn, at_nl):
        await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        first = await nodes.submit(cn, given[:RECORDS])
        await asyncio.to_thread(stop, at_nl)
        second = await nodes.submit(cn, given[RECORDS:])
        await asyncio.to_thread(stop, at_cn)
    with nodes.serving(nl, cn):
        arrived = await nodes.received(nl, 2 * RECORDS)
        await nodes.link_until(cn, "NL", nodes.is_settled)
    assert [each.record.header.record_id for each in arrived] == first + second


async def test_it_stops_in_the_middle_of_a_bulk(tmp_path: Path) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    with forked(cn, nl) as (at_cn, at_nl):
        given = nodes.submissions("CN", 1000)
        there = await nodes.submit(cn, given)
        await nodes.received(nl, 1)
        await asyncio.gather(asyncio.to_thread(stop, at_cn), asyncio.to_thread(stop, at_nl))
    with forked(cn, nl):
        arrived = await nodes.received(nl, len(there))
    assert [each.record.header.record_id for each in arrived] == there


async def test_it_stops_while_its_partner_is_away(tmp_path: Path) -> None:
    cn, _ = await asyncio.to_thread(nodes.pair, tmp_path)
    with forked(cn) as (node,):
        await nodes.until(lambda: asyncio.to_thread(dialled, node), bool)
        await asyncio.to_thread(stop, node)


@pytest.mark.parametrize("speaks_first", [False, True])
async def test_it_stops_while_its_partner_says_nothing(speaks_first: bool, tmp_path: Path) -> None:
    """Also with its Hello on the way into a connection that never becomes one: NL, the higher id, says Hello first."""
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    own, silent = (nl, cn) if speaks_first else (cn, nl)
    with black_hole(silent.peer), forked(own) as (node,):
        await nodes.link_until(own, silent.administration, lambda link: link.state == operations.LINK_STATE_GREETING)
        await asyncio.to_thread(stop, node)


async def test_it_stops_while_its_partner_shows_wrong_certificates(tmp_path: Path) -> None:
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    Authority.create("customs.nl.example").issue_gateway().write(nl.path / "tls", "gateway", replace=True)
    with forked(cn, nl) as both:
        await nodes.until(lambda: asyncio.to_thread(lambda: all(map(dialled, both))), bool)
        for node in both:
            await asyncio.to_thread(stop, node, expected="partners refuse the certificate")


async def test_it_stops_while_its_partner_hangs(tmp_path: Path) -> None:
    """An open session full of batches that nobody takes, and a national client that watches."""
    cn, nl = await asyncio.to_thread(nodes.pair, tmp_path)
    with forked(cn, nl) as (at_cn, at_nl):
        await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        at_nl.freeze()
        try:
            for seed in range(3):
                await nodes.submit(cn, nodes.submissions("CN", 1000, seed=seed))
            async with nodes.records_of(cn) as records:
                watch = records.WatchRecords(national.WatchRecordsRequest(from_now=True))
                await watch.read()
                await asyncio.to_thread(stop, at_cn)
        finally:
            at_nl.thaw()


async def test_a_second_process_on_one_home_is_refused(tmp_path: Path) -> None:
    cn = await asyncio.to_thread(nodes.make_home, tmp_path, "CN")
    with nodes.serving(cn) as (node,):
        second = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "gateway", "serve", str(cn.path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=nodes.SECONDS,
        )
        assert second.returncode == 1
        assert second.stdout == ""
        assert "STORE_IN_USE" in second.stderr
        assert "must stop the other process" in second.stderr
        assert "Traceback" not in second.stderr
        assert node.running
        await asyncio.to_thread(stop, node)


async def test_a_copied_home_finds_its_ports_taken(tmp_path: Path) -> None:
    """Another store on the same addresses: refused in plain words too, and the store is free again afterwards."""
    cn = await asyncio.to_thread(nodes.make_home, tmp_path, "CN")
    copy = tmp_path / "copy"
    shutil.copytree(cn.path, copy)
    with nodes.serving(cn):
        second = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "gateway", "serve", str(copy)],
            capture_output=True,
            text=True,
            check=False,
            timeout=nodes.SECONDS,
        )
    assert second.returncode == 1
    assert "CONFIGURATION_INVALID" in second.stderr
    assert "is another node running?" in second.stderr
    assert "Traceback" not in second.stderr
