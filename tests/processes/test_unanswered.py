"""A command that reaches nobody says where it got to, and who must act: gRPC alone would say the same each time."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certs.authority import Authority
from gateway.app import open_node
from gateway.config import load
from tests import nodes
from tests.nodes import Home

pytestmark = pytest.mark.long


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Home]:
    home = await asyncio.to_thread(nodes.make_home, tmp_path, "NL")
    async with open_node(load(home.path), home.path):
        yield home


async def said(home: Home) -> str:
    """What a command of its own process says, and nothing else: no note of gRPC's may stand beside it."""
    words = [sys.executable, "-m", "gateway", "links", "--json", "--home", str(home.path)]
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    told = json.loads(done.stderr)
    assert told["reason"] == "UNAVAILABLE"
    return str(told["message"])


async def test_a_certificate_that_the_node_does_not_take(node: Home) -> None:
    own = node.path / "clients" / "local"
    stranger = Authority.create("customs.nl.example")
    stranger.issue_client("local").write(own, "client", replace=True)
    assert "does not take the certificate" in (message := await said(node))
    assert "tls/national-ca.pem" in message


async def test_one_that_has_ended(node: Home) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=400)
    late = node.national_authority.issue_client("local", at=long_ago)
    late.write(node.path / "clients" / "local", "client", replace=True)
    assert f"which ended at {late.certificate.not_valid_after_utc:%Y-%m-%d}" in await said(node)


async def test_another_node(node: Home, tmp_path: Path) -> None:
    other = await asyncio.to_thread(nodes.make_home, tmp_path, "CN")
    shutil.copy(other.path / "clients" / "local" / "ca.pem", node.path / "clients" / "local" / "ca.pem")
    assert "not the node that this client knows" in await said(node)


async def test_nobody(tmp_path: Path) -> None:
    home = await asyncio.to_thread(nodes.make_home, tmp_path, "NL")
    assert "Nobody listens at" in await said(home)


async def test_something_else(tmp_path: Path) -> None:
    home = await asyncio.to_thread(nodes.make_home, tmp_path, "NL")
    host, _, port = home.operations.rpartition(":")

    async def chatter(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(chatter, host, int(port), family=socket.AF_INET):
        assert "does not speak TLS" in await said(home)
