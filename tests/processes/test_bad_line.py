"""A line that is cut every few seconds and carries 10 kB/s delivers everything, once and in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.cli.addresses import free_addresses
from mock_partners.fault_proxy import Faults, open_proxy
from tests import nodes

LINE = Faults(cut_every=2.5, bytes_per_second=10_000)
RECORDS = 40


@pytest.mark.long
async def test_everything_arrives_over_a_bad_line(tmp_path: Path) -> None:
    bad_line, nobody = free_addresses(2)
    cn = nodes.make_home(tmp_path, "CN", endpoints=[bad_line])
    nl = nodes.make_home(tmp_path, "NL", endpoints=[nobody])
    await asyncio.to_thread(nodes.introduce, cn, nl)
    with nodes.serving(cn, nl):
        there = await nodes.submit(cn, nodes.submissions("CN", RECORDS))
        back = await nodes.submit(nl, nodes.submissions("NL", RECORDS))
        async with open_proxy(bad_line, cn.peer, LINE) as (proxy, _):
            at_nl, at_cn = await asyncio.gather(nodes.received(nl, RECORDS), nodes.received(cn, RECORDS))
            for issuer, partner in ((cn, "NL"), (nl, "CN")):
                await nodes.link_until(issuer, partner, nodes.is_settled)
        assert [each.record.header.record_id for each in at_nl] == there
        assert [each.record.header.record_id for each in at_cn] == back
        assert proxy.cuts, "the line was never cut"
        assert proxy.accepted > 1, "nobody dialled again"
