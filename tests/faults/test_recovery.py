"""A node that lost its store, or was restored from an old copy, gets its own history back and goes on in a new log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest
from click.testing import CliRunner

from gateway import config
from gateway.app import open_node
from gateway.cli import trust_door
from gateway.cli.agreement_files import sign
from gateway.cli.main import cli
from gateway.stores.sqlite.checking import check_file
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.faults.conftest import Settled, copied, sound

CN_LOG = "customs.cn.example/links/NL"
WHY = ("--reason", "agreed by telephone")


async def run(*words: Any) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, cli, [str(word) for word in words])


async def done(*words: Any) -> Any:
    finished = await run(*words)
    if finished.exception and not isinstance(finished.exception, SystemExit):
        raise finished.exception
    assert finished.exit_code == 0, finished.output
    return finished


def told_by(finished: Any) -> Any:
    """Read what a command printed; nodes in this process write their logs around it."""
    (line,) = [each for each in finished.output.splitlines() if each.startswith("{")]
    return json.loads(line)


@asynccontextmanager
async def running(home: nodes.Home) -> AsyncIterator[None]:
    async with open_node(config.load(home.path), home.path):
        yield


@pytest.fixture
def both(settled: Settled, tmp_path: Path) -> tuple[nodes.Home, nodes.Home]:
    return copied(settled.cn, tmp_path), copied(settled.nl, tmp_path)


async def issued_ids(home: nodes.Home) -> list[str]:
    stored = await nodes.stored(home, national.DIRECTION_ISSUED)
    return [each.record.header.record_id for each in sorted(stored, key=lambda each: each.sequence)]


async def received_ids(home: nodes.Home) -> list[str]:
    stored = await nodes.stored(home, national.DIRECTION_RECEIVED)
    return [each.record.header.record_id for each in sorted(stored, key=lambda each: each.sequence)]


def lose_store(home: nodes.Home, *partners: nodes.Home) -> None:
    """The disk failed; keys, settings and the documents on paper are left."""
    for each in home.path.glob("gateway.db*"):
        each.unlink()
    for partner in partners:
        note = sign(partner.path, sign(home.path, nodes.AGREEMENT.read_bytes()))
        nodes.add_descriptor(home, partner)
        trust_door.add_agreement(home.path, note)


async def test_a_lost_store_comes_back_and_goes_on_in_the_next_generation(both: tuple[nodes.Home, nodes.Home]) -> None:
    cn, nl = both
    async with running(nl):
        async with running(cn):
            before = await issued_ids(cn)
            heard = await received_ids(cn)
        await asyncio.to_thread(lose_store, cn, nl)
        async with running(cn):
            await nodes.link_until(cn, "NL", lambda link: link.last_reason == "LOG_ROLLBACK")
        told = told_by(await done("recover", "--from-partner", "NL", "--home", cn.path, *WHY, "--json"))
        assert (told["returned"], told["changed"]) == (len(before), len(before))
        assert told["renewal"]["origin"] == f"{CN_LOG}/2"
        async with running(cn):
            assert await issued_ids(cn) == before
            sent = await nodes.submit(cn, nodes.submissions("CN", 20, seed=21))
            await nodes.link_until(nl, "CN", lambda link: link.last_reason in {"LOG_RENEWED", "LOG_ROLLBACK"})
            assert (await nodes.link_of(cn, "NL")).issued.size == 0
            await done("links", "--home", nl.path, "--accept-generation", "CN:2", *WHY)
            link = await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size >= 20)
            assert link.issued.origin == f"{CN_LOG}/2"
            assert set(sent) <= set(await received_ids(nl))
            await nodes.link_until(nl, "CN", nodes.is_settled)
            again = await received_ids(cn)
            assert again[: len(heard)] == heard
    sound(cn)
    sound(nl)


async def test_a_restored_copy_gets_what_it_lacks_and_keeps_what_waited(both: tuple[nodes.Home, nodes.Home]) -> None:
    cn, nl = both
    waited = nodes.submissions("CN", 15, seed=31)
    async with running(cn):
        early = await nodes.submit(cn, waited)
        await done("backup", cn.path.parent / "copy", "--home", cn.path)
    async with running(nl):
        async with running(cn):
            late = await nodes.submit(cn, nodes.submissions("CN", 25, seed=32))
            await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size > 300)
            before = await issued_ids(cn)
        await done("restore", cn.path.parent / "copy", "--home", cn.path, "--replace")
        await done("recover", "--from-partner", "NL", "--home", cn.path, *WHY)
        await done("links", "--home", nl.path, "--accept-generation", "CN:2", *WHY)
        async with running(cn):
            assert await issued_ids(cn) == before
            assert {*early, *late} <= set(before)
            link = await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
            assert (link.waiting, link.issued.size) == (0, 0)
            again = await nodes.submit(cn, waited)
            assert again == early, "a repeat of what the copy knew must get its first answer"
            sent = await nodes.submit(cn, nodes.submissions("CN", 5, seed=33))
            await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size == 5)
            there = await received_ids(nl)
            assert len(there) == len(set(there))
            assert there[-5:] == sent
    sound(cn)
    sound(nl)


async def test_what_the_partner_never_got_waits_for_the_new_log(both: tuple[nodes.Home, nodes.Home]) -> None:
    cn, nl = both
    async with running(cn):
        alone = await nodes.submit(cn, nodes.submissions("CN", 7, seed=41))
        await done("backup", cn.path.parent / "copy", "--home", cn.path)
    await done("restore", cn.path.parent / "copy", "--home", cn.path, "--replace")
    async with running(nl):
        told = told_by(await done("recover", "--from-partner", "NL", "--home", cn.path, *WHY, "--json"))
        assert told["changed"] == 0
        await done("links", "--home", nl.path, "--accept-generation", "CN:2", *WHY)
        async with running(cn):
            link = await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size == 7)
            assert link.issued.origin == f"{CN_LOG}/2"
            assert (await received_ids(nl))[-7:] == alone
    sound(cn)
    sound(nl)


async def test_evidence_of_before_and_after_is_proven(both: tuple[nodes.Home, nodes.Home], tmp_path: Path) -> None:
    cn, nl = both
    await asyncio.to_thread(lose_store, cn, nl)
    async with running(nl):
        await done("recover", "--from-partner", "NL", "--home", cn.path, *WHY)
        await done("links", "--home", nl.path, "--accept-generation", "CN:2", *WHY)
        async with running(cn):
            (new,) = await nodes.submit(cn, nodes.submissions("CN", 1, seed=51))
            await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size >= 1)
            old = (await issued_ids(cn))[3]
            for record_id in (old, new):
                place = tmp_path / record_id
                await done("evidence", "export", record_id, "--partner", "NL", "--home", cn.path, "--out", place)
                (bundle,) = place.glob("*.zip")
                await done("evidence", "verify", bundle, "--trust", nl.path)


async def test_a_damaged_entry_is_mended_and_nothing_else_changes(both: tuple[nodes.Home, nodes.Home]) -> None:
    cn, nl = both
    connection = apsw.Connection(str(cn.path / "gateway.db"))
    connection.execute("UPDATE entry SET salt = zeroblob(16) WHERE log = 1 AND idx IN (4, 40)")
    connection.execute("UPDATE record SET record = zeroblob(30) WHERE sequence = 9")
    connection.close()
    assert not check_file(cn.path / "gateway.db", own="CN").sound
    async with running(nl):
        told = told_by(await done("recover", "--from-partner", "NL", "--home", cn.path, *WHY, "--json"))
    assert told["renewal"] is None
    assert told["changed"] >= 2
    report = check_file(cn.path / "gateway.db", own="CN")
    assert [each for each in report.findings if "entry" in each.place] == []


async def test_nobody_is_accepted_backwards_or_unasked(both: tuple[nodes.Home, nodes.Home]) -> None:
    _, nl = both
    async with running(nl):
        for words in (
            ("--accept-generation", "CN:1", *WHY),
            ("--accept-generation", "CN:0", *WHY),
            ("--accept-generation", "US:2", *WHY),
            ("--accept-generation", "CN:2", "--reason", " "),
            ("--accept-generation", "CN", *WHY),
            ("--accept-generation", "CN:2"),
        ):
            assert (await run("links", "--home", nl.path, *words)).exit_code != 0, words
