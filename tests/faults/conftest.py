"""Two nodes that have exchanged records, stopped; every case works on a copy of theirs."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway import config
from gateway.app import open_node
from gateway.stores.sqlite.checking import check_file
from tests import nodes
from tests.misbehaving import leaking

HONEST, LEAKED, BACK = 270, 12, 30


@dataclass(frozen=True)
class Settled:
    """CN and NL after some traffic: quarantined records, hence judgements, in the last of three kinds."""

    cn: nodes.Home
    nl: nodes.Home


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    cn, nl = nodes.pair(tmp_path_factory.mktemp("settled"))
    asyncio.run(_exchange(cn, nl))
    return Settled(cn, nl)


@pytest.fixture
def nl(settled: Settled, tmp_path: Path) -> nodes.Home:
    """NL's home, to be spoiled."""
    return copied(settled.nl, tmp_path)


@pytest.fixture
def cn(settled: Settled, tmp_path: Path) -> nodes.Home:
    """CN's home, to be spoiled."""
    return copied(settled.cn, tmp_path)


def copied(home: nodes.Home, place: Path) -> nodes.Home:
    shutil.copytree(home.path, place / home.path.name)
    return nodes.Home(
        home.administration, place / home.path.name, home.peer, home.national, home.operations, home.descriptor
    )


def sound(home: nodes.Home) -> None:
    """Let fsck look at a store that nobody has open, or that was killed."""
    report = check_file(home.path / "gateway.db", own=home.administration)
    assert report.findings == ()


async def _exchange(cn: nodes.Home, nl: nodes.Home) -> None:
    async with open_node(config.load(nl.path), nl.path):
        async with open_node(config.load(cn.path), cn.path):
            await nodes.submit(cn, nodes.submissions("CN", HONEST))
            await nodes.submit(nl, nodes.submissions("NL", BACK, seed=2))
            await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size == HONEST)
            await nodes.link_until(nl, "CN", lambda link: nodes.is_settled(link) and link.issued.size == BACK)
        async with open_node(config.load(cn.path), cn.path, collaborators=leaking(cn)):
            leaked = nodes.submissions("CN", LEAKED, seed=3)
            for each in leaked:
                each.request_id += "-leaked"
            await nodes.submit(cn, leaked)
            await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.held.size > BACK)
            await nodes.link_until(nl, "CN", nodes.is_settled)
