"""Certificates that are not taken: the one who bears it hears a bare status, and both logs tell of it under one id."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import structlog

from certs.authority import Authority, Credential
from certs.hostile import HOSTILE, naming
from gateway.app import Node, open_node
from gateway.config import load
from tests import nodes
from tests.nodes import Home


@pytest.fixture(autouse=True)
def log() -> Any:
    with structlog.testing.capture_logs() as lines:
        yield lines


def running(home: Home) -> AbstractAsyncContextManager[Node]:
    return open_node(load(home.path), home.path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Home, Authority]:
    """CN, whom nobody can dial; NL, whom it dials; and the authority of US, another partner of NL."""
    place = tmp_path_factory.mktemp("certificates")
    cn, nl, us = nodes.make_home(place, "CN", endpoints=[]), nodes.make_home(place, "NL"), nodes.make_home(place, "US")
    nodes.introduce(cn, nl)
    nodes.add_descriptor(nl, us)
    return cn, nl, us.authority


Make = Callable[[Authority, Authority], Credential]

CASES: dict[str, tuple[Make, str, str]] = {
    "another administration's authority": (
        lambda cn, us: naming(cn.domain, issued_by=us),
        "UNKNOWN_PEER",
        "No anchor of customs.cn.example vouches",
    ),
    "two URIs": (lambda cn, _: HOSTILE["two-uris"].make(cn), "UNKNOWN_PEER", "exactly one gateway"),
    "outside every trust domain": (
        lambda cn, _: naming("customs.elsewhere.example", issued_by=cn),
        "UNKNOWN_PEER",
        "No partner has this trust domain",
    ),
    "two hosts": (lambda cn, _: HOSTILE["two-hosts"].make(cn), "IDENTITY_MISMATCH", "DNS name"),
}


@pytest.mark.parametrize("case", CASES)
async def test_who_bears_it_and_who_refuses_it_log_the_same_id(
    case: str, made: tuple[Home, Home, Authority], log: list[dict[str, Any]]
) -> None:
    cn, nl, us = made
    make, reason, why = CASES[case]
    make(cn.authority, us).write(cn.path / "tls", "gateway", replace=True)
    async with running(nl), running(cn):
        link = await nodes.link_until(cn, "NL", lambda link: link.last_reason == reason)
    assert "must" in link.last_detail, "who has to act"
    here = [line for line in log if line["event"] == "link session ended" and line["partner"] == "NL"]
    there = {line["correlation_id"]: line for line in log if line["event"] == "call refused"}
    told = next(line for line in here if line["reason"] == reason)
    refused = there[told["correlation_id"]]
    assert (refused["reason"], told["by_peer"]) == (reason, True)
    assert why in refused["sentence"]
