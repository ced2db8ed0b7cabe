"""NL runs once for all cases of a file; a link that a case suspends is resumed by NL's operator before the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.forked import forked
from tests.processes.hostile_peer import HostilePeer
from tests.processes.hostile_world import World


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    cn, nl = nodes.pair(tmp_path_factory.mktemp("hostile"))
    with forked(nl) as (node,):
        yield World(node, nl, HostilePeer(cn, nl))


@pytest.fixture
async def world(started: World) -> World:
    """The link is as good as new: resumed, offences forgiven."""
    async with nodes.links_of(started.nl) as links:
        await links.ResumeLink(
            operations.ResumeLinkRequest(partner="CN", reason="the next case"), timeout=nodes.SECONDS
        )
    return started
