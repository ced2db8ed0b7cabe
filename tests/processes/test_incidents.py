"""A fork suspends the link, and what proves it is there after a restart, for a third party who has only the file."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from click.testing import CliRunner

from gateway.app import open_node
from gateway.cli.main import cli
from gateway.config import load
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.signers.roles import LOG, load_signers
from gateway.trust.documents import write_digest
from gateway.trust.names import log_key_name
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home
from tests.processes.hostile_peer import End, HostilePeer

OTHER = b"\x07" * 32


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Home]:
    return nodes.pair(tmp_path_factory.mktemp("incidents"))


@pytest.fixture(scope="module")
def peer(homes: tuple[Home, Home]) -> HostilePeer:
    """CN, which keeps both logs over all cases: what it lies about is never stored."""
    return HostilePeer(*homes)


@pytest.fixture
async def nl(homes: tuple[Home, Home]) -> AsyncIterator[Home]:
    """NL runs, and has forgiven CN what was before."""
    home = homes[1]
    async with open_node(load(home.path), home.path):
        async with nodes.links_of(home) as links:
            await links.ResumeLink(operations.ResumeLinkRequest(partner="CN", reason="the next case"))
        yield home


async def run(*words: str, exit_code: int = 0) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, cli, words)
    assert done.exit_code == exit_code, done.output
    return done.output


async def exported(nl: Home, place: Path) -> Path:
    """Let NL's operator export the newest incident."""
    file = place / "incident.zip"
    await run("incident", "export", "CN", "--home", str(nl.path), "--out", str(file))
    return file


async def verified(file: Path, *trusted: Home, exit_code: int) -> dict:
    """Let a third party verify the file, who knows these digests and has nothing else."""
    digests = [word for home in trusted for word in ("--descriptor", write_digest(home.descriptor.digest))]
    found: dict = json.loads(await run("incident", "verify", str(file), "--json", *digests, exit_code=exit_code))
    return found


async def grow(peer: HostilePeer, *batches: int) -> None:
    async with peer.greeted() as session:
        for count in batches:
            await session.deliver(*[peer.record(each + 1).SerializeToString() for each in range(count)])


async def hear(peer: HostilePeer, nl: Home) -> None:
    """Let NL state something, and sign for it, so that its log has a size of which there can be two roots."""
    if not peer.held.tree.size:
        await nodes.submit(nl, nodes.submissions("NL", 2))
        async with peer.greeted() as session:
            while peer.held.tree.size < 2:
                await session.heard("batch")
            await nodes.link_until(nl, "CN", nodes.is_settled)


async def shown(peer: HostilePeer, *, issued: bytes = b"", held: bytes = b"") -> End:
    """Greet NL with a note that is not what the logs are."""
    async with peer.connected() as session:
        hello = peer.hello(await session.heard_hello())
        hello.hello.issued.checkpoint = issued or hello.hello.issued.checkpoint
        hello.hello.held.checkpoint = held or hello.hello.held.checkpoint
        await session.say(hello)
        return await session.ended()


def signed(peer: HostilePeer, size: int) -> bytes:
    """CN signs another root for this size of its log."""
    return sign_checkpoint(Checkpoint(peer.issued.origin, size, OTHER), peer.log_signers, int(time.time()))


async def test_one_size_with_two_roots(nl: Home, homes: tuple[Home, Home], peer: HostilePeer, tmp_path: Path) -> None:
    await grow(peer, 2)
    size = peer.issued.tree.size
    fork = signed(peer, size)
    async with peer.greeted() as session:
        await session.say(pb.LinkFrame(batch=pb.Batch(first=size, checkpoint=fork)))
        end = await session.ended()
    assert (end.goodbye.reason, end.code) == ("LOG_FORK", grpc.StatusCode.DATA_LOSS)
    assert list(end.goodbye.evidence) == [fork]
    file = await exported(nl, tmp_path)
    found = await verified(file, homes[0], exit_code=0)
    assert (found["outcome"], found["against"]) == ("PROVEN", ["CN"])
    assert [each["shows"] for each in found["findings"]] == ["TWO_ROOTS"]
    assert found["statement"]["session"] == end.correlation_id
    assert (await verified(file, exit_code=3))["outcome"] == "SHOWN"
    assert (await verified(file, homes[1], exit_code=3))["outcome"] == "SHOWN"


async def test_two_sizes_that_are_not_consistent_also_after_a_restart(
    homes: tuple[Home, Home], peer: HostilePeer, tmp_path: Path
) -> None:
    nl = homes[1]
    async with open_node(load(nl.path), nl.path):
        async with nodes.links_of(nl) as links:
            await links.ResumeLink(operations.ResumeLinkRequest(partner="CN", reason="the next case"))
        await grow(peer, 3, 2)
        fork = signed(peer, peer.issued.tree.size - 4)
        end = await shown(peer, issued=fork)
        assert (end.goodbye.reason, end.code) == ("LOG_FORK", grpc.StatusCode.DATA_LOSS)
        assert set(end.goodbye.evidence) >= {fork, peer.issued.note}
    async with open_node(load(nl.path), nl.path):
        link = await nodes.link_of(nl, "CN")
        assert (link.state, link.last_reason) == (operations.LINK_STATE_SUSPENDED, "LOG_FORK")
        assert "LOG_FORK" in await run("incident", "list", "CN", "--home", str(nl.path))
        file = await exported(nl, tmp_path)
    found = await verified(file, homes[0], exit_code=0)
    assert (found["outcome"], found["against"]) == ("PROVEN", ["CN"])
    assert {"shows": "NOT_ITS_BEGINNING", "against": ["CN"]}.items() <= found["findings"][0].items()


async def test_a_fork_of_ones_own_log_is_told_against_oneself(
    nl: Home, homes: tuple[Home, Home], peer: HostilePeer, tmp_path: Path
) -> None:
    await hear(peer, nl)
    signers = load_signers(nl.path / "keys", LOG, log_key_name(nl.descriptor.domain))
    other = Checkpoint(peer.held.origin, peer.held.tree.size, OTHER)
    fork = sign_checkpoint(other, signers, 0) + cosign(other, peer.receipt_signers, int(time.time()))
    end = await shown(peer, held=fork)
    assert end.goodbye.reason == "LOG_FORK"
    found = await verified(await exported(nl, tmp_path), homes[1], exit_code=0)
    assert (found["outcome"], found["against"]) == ("PROVEN", ["NL", "CN"])  # CN has receipted both


async def test_what_the_partner_tells_of_this_side_is_kept_with_its_notes(
    nl: Home, homes: tuple[Home, Home], peer: HostilePeer, tmp_path: Path
) -> None:
    await hear(peer, nl)
    signers = load_signers(nl.path / "keys", LOG, log_key_name(nl.descriptor.domain))
    fork = sign_checkpoint(Checkpoint(peer.held.origin, peer.held.tree.size, OTHER), signers, 0)
    async with peer.greeted() as session:
        await session.say(
            pb.LinkFrame(goodbye=pb.Goodbye(reason="LOG_FORK", detail="two \x1b[31mroots", evidence=[fork]))
        )
        await session.ended()
    await nodes.link_until(nl, "CN", lambda link: link.state == operations.LINK_STATE_SUSPENDED)
    found = await verified(await exported(nl, tmp_path), homes[1], exit_code=0)
    assert found["against"] == ["NL"]
    assert found["statement"]["told_by_partner"]
    assert "\x1b" not in await run("incident", "list", "--home", str(nl.path))


async def test_a_log_that_became_shorter_is_no_proof(
    nl: Home, homes: tuple[Home, Home], peer: HostilePeer, tmp_path: Path
) -> None:
    signers = load_signers(nl.path / "keys", LOG, log_key_name(nl.descriptor.domain))
    longer = Checkpoint(peer.held.origin, 1_000, OTHER)
    end = await shown(peer, held=sign_checkpoint(longer, signers, 0) + cosign(longer, peer.receipt_signers, 0))
    assert end.goodbye.reason == "LOG_ROLLBACK"
    found = await verified(await exported(nl, tmp_path), *homes, exit_code=3)
    assert (found["outcome"], found["statement"]["reason"]) == ("NOT_PROVEN", "LOG_ROLLBACK")


async def test_a_root_that_does_not_fit_its_batch_is_no_proof(
    nl: Home, homes: tuple[Home, Home], peer: HostilePeer, tmp_path: Path
) -> None:
    frame = peer.batch(peer.record().SerializeToString())
    frame.batch.checkpoint = signed(peer, peer.issued.tree.size + 1)
    async with peer.greeted() as session:
        await session.say(frame)
        assert (await session.ended()).goodbye.reason == "ROOT_MISMATCH"
    found = await verified(await exported(nl, tmp_path), *homes, exit_code=3)
    assert found["outcome"] == "NOT_PROVEN"
    assert "NOT_KNOWN" in [each["shows"] for each in found["findings"]]


async def test_there_is_nothing_to_export_of_a_link_that_was_never_suspended(nl: Home) -> None:
    assert "no incident" in await run("incident", "export", "JP", "--home", str(nl.path), exit_code=1)
