"""The doctor on real nodes: who refuses whom, and why, where gRPC would say "Socket closed"."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from certs.authority import Authority
from gateway.cli.main import cli
from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.stores.sqlite.store import open_store
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.forked import forked
from tests.nodes import Home

GOOD, BAD, LOOK = "GOOD", "BAD", "LOOK"


def doctor(home: Home, partner: str = "CN") -> dict[str, tuple[str, str]]:
    """Give what is said of each area; of several lines the last."""
    done = CliRunner().invoke(cli, ["doctor", partner, "--home", str(home.path), "--json"])
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == int(any(each["health"] == BAD for each in told)), done.output
    return {each["area"]: (each["health"], each["sentence"]) for each in told}


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Home, Home]:
    return nodes.pair(tmp_path)


def test_two_nodes_that_are_well(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    with forked(cn, nl):
        asyncio.run(nodes.link_until(nl, "CN", lambda link: link.state == operations.LINK_STATE_OPEN))
        told = doctor(nl)
    areas = {"CN link", "CN agreements", "CN clock", "CN logs", "CN name", "CN TCP", "CN TLS", "CN identity"}
    assert {told[area][0] for area in areas | {"node", "key files", "versions"}} == {GOOD}
    assert told["CN identity"][1] == "CN takes us for a partner, NL"


def test_nobody_runs(homes: tuple[Home, Home]) -> None:
    _, nl = homes
    told = doctor(nl)
    assert told["node"][0] == LOOK
    assert told["CN TCP"] == (BAD, told["CN TCP"][1])
    assert "CN's operator: is the node running" in told["CN TCP"][1]


def of_another(home: Home) -> None:
    """Give a node a certificate of an authority that its descriptor does not name."""
    Authority.create(home.descriptor.domain).issue_gateway().write(home.path / "tls", "gateway", replace=True)


def expired(home: Home) -> None:
    at = datetime.now(UTC) - timedelta(days=60)
    home.authority.issue_gateway(life=timedelta(days=30), at=at).write(home.path / "tls", "gateway", replace=True)


CASES: dict[str, tuple[Callable[[Home, Home], None], str, str]] = {
    "their certificate is of another authority": (
        lambda cn, _: of_another(cn),
        "CN TLS",
        "We refuse its certificate: No anchor of customs.cn.example vouches for the certificate.",
    ),
    "their certificate has expired": (
        lambda cn, _: expired(cn),
        "CN TLS",
        "We refuse its certificate: The certificate expired at",
    ),
    "our certificate is of another authority": (
        lambda _, nl: of_another(nl),
        "CN TLS",
        "Ours does not hold: No anchor of customs.nl.example",
    ),
    "our certificate has expired": (lambda _, nl: expired(nl), "CN TLS", "Ours does not hold: The certificate expired"),
    "our own is not in our descriptor": (
        lambda _, nl: of_another(nl),
        "gateway certificate",
        "Partners refuse it: No anchor of customs.nl.example",
    ),
    "a key that others may read": (
        lambda _, nl: (nl.path / "keys" / "log.ed25519.key").chmod(0o644),
        "key files",
        "has mode 0644",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong(case: str, homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    change, area, sentence = CASES[case]
    change(cn, nl)
    with forked(cn):
        told = doctor(nl)
    assert told[area][0] == BAD
    assert sentence in told[area][1]
    assert "operator" in told[area][1], "who must act"


@pytest.mark.long
def test_a_stranger_and_a_suspended_partner(tmp_path: Path) -> None:
    cn, nl, us = (nodes.make_home(tmp_path, each) for each in ("CN", "NL", "US"))
    for home, partner in ((cn, us), (us, cn)):
        nodes.add_descriptor(home, partner)
    nodes.add_descriptor(nl, cn)
    with forked(cn):
        told = doctor(nl)
        assert told["CN TLS"][0] == BAD
        assert "CN has no descriptor of this node, or an older one" in told["CN TLS"][1]

    async def suspend() -> None:
        store = await open_store(cn.path / "gateway.db", randomness=SystemRandomness(), clock=SystemClock(), reserve=1)
        await store.logs.suspend("US", reason="LOG_FORK", detail="as a test has it", actor="test")
        await store.close()

    asyncio.run(suspend())
    with forked(cn):
        told = doctor(us)
    assert (told["CN TLS"][0], told["CN identity"][0]) == (GOOD, BAD)
    assert told["CN identity"][1].startswith("CN says LINK_SUSPENDED")
