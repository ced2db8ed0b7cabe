"""Both ends of a link send as much as they may at once, and neither waits for the other in its writes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.app import open_node
from gateway.config import load
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes
from tests.nodes import Home

RECORDS = 3000
CALL = 500
WIDE = """
[links]
batch_records = 150
window_batches = 64
window_bytes = 33554432
"""


async def fill(home: Home) -> None:
    """Let records pile up: no partner runs."""
    made = nodes.submissions(home.administration, RECORDS, priority=national.PRIORITY_BULK)
    async with open_node(load(home.path), home.path):
        for start in range(0, RECORDS, CALL):
            await nodes.submit(home, made[start : start + CALL])


async def test_two_busy_ends_do_not_wait_for_each_other(tmp_path: Path) -> None:
    pair = await asyncio.to_thread(nodes.pair, tmp_path)
    for home in pair:
        nodes.set_settings(home, WIDE)
        await fill(home)
    cn, nl = pair
    async with open_node(load(cn.path), cn.path), open_node(load(nl.path), nl.path):
        first = await nodes.link_until(cn, "NL", lambda link: bool(link.session))
        for home, partner in ((cn, "NL"), (nl, "CN")):
            link = await nodes.link_until(home, partner, nodes.is_settled)
            assert link.issued.size == RECORDS
            assert link.session == first.session, "a session that waits in a write is given up after a while"
