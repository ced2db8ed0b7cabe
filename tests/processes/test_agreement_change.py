"""A new version of an agreement takes over in the middle of a bulk: nothing is lost, and nothing goes outside of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.app import open_node
from gateway.cli import trust_door
from gateway.cli.agreement_files import sign
from gateway.cli.main import cli
from gateway.config import load
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home

WITHHELD = "location"
CALL = 100


def second_version(begins: int) -> bytes:
    """The same agreement, but without the place of a control, from ``begins`` on."""
    text = nodes.AGREEMENT.read_text("utf-8")
    when = datetime.fromtimestamp(begins, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = text.replace("version = 1", "version = 2", 1).replace("valid_from = 2026-01-01", f"valid_from = {when}", 1)
    assert f'"{WITHHELD}", ' in text
    return text.replace(f'"{WITHHELD}", ', "").encode()


def add_on_both(homes: tuple[Home, Home], text: bytes) -> None:
    cn, nl = homes
    note = sign(nl.path, sign(cn.path, text))
    for home in homes:
        trust_door.add_agreement(home.path, note)


def printed(done: Result) -> Any:
    """Give the JSON that a command printed; a node in this process may log in between."""
    return json.loads(next(line for line in done.output.splitlines() if line.startswith(('{"', "[{"))))


async def submit_until(cn: Home, end: float) -> list[str]:
    """Submit call after call; every one must be accepted."""
    ids: list[str] = []
    number = 0
    while time.time() < end:
        number += 1
        made = nodes.submissions("CN", CALL, seed=number)
        for at, each in enumerate(made):
            each.request_id = f"{number}-{at}"
        ids += await nodes.submit(cn, made)
    return ids


@pytest.fixture
async def homes(tmp_path: Path) -> tuple[Home, Home]:
    return await asyncio.to_thread(nodes.pair, tmp_path)


@pytest.mark.long
async def test_a_version_takes_over_under_load(homes: tuple[Home, Home]) -> None:
    cn, nl = homes
    async with open_node(load(cn.path), cn.path), open_node(load(nl.path), nl.path):
        await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        session = (await nodes.link_of(cn, "NL")).session
        begins = int(time.time()) + 4
        submitting = asyncio.create_task(submit_until(cn, begins + 3))
        await asyncio.to_thread(add_on_both, homes, second_version(begins))  # while records flow
        ids = await submitting
        await nodes.link_until(cn, "NL", nodes.is_settled)
        assert (await nodes.link_of(cn, "NL")).session != session, "a change is a new handshake"
        there = sorted(await nodes.stored(nl, national.DIRECTION_RECEIVED), key=lambda each: each.sequence)
    assert [each.record.header.record_id for each in there] == ids, "each once, in order"
    assert {each.standing for each in there} == {national.STANDING_ACCEPTED}
    versions = Counter(each.record.header.agreement_version for each in there)
    assert set(versions) == {1, 2}
    for each in there:
        header, issued_at = each.record.header, each.record.header.issued_at.seconds
        assert header.agreement_version == (2 if issued_at >= begins else 1), (issued_at, begins)
        if header.agreement_version == 2 and each.record.HasField("inspection_outcome"):
            assert not each.record.inspection_outcome.HasField(WITHHELD), "nothing leaks that the new version withholds"


async def test_time_alone_opens_the_links_anew(homes: tuple[Home, Home]) -> None:
    """The version is added long before it counts: its moment is a new handshake, and both sides show it then."""
    cn, nl = homes
    begins = int(time.time()) + 3
    await asyncio.to_thread(add_on_both, homes, second_version(begins))
    async with open_node(load(cn.path), cn.path), open_node(load(nl.path), nl.path):
        first = await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN)
        later = await nodes.link_until(
            cn, "NL", lambda link: link.state == operations.LINK_STATE_OPEN and link.session != first.session
        )
        assert time.time() >= begins
        assert not later.agreements_differing


async def test_what_a_rehearsal_says(homes: tuple[Home, Home], tmp_path: Path) -> None:
    cn, _ = homes
    newer = tmp_path / "newer.toml"
    newer.write_bytes(second_version(int(time.time()) + 10))
    async with open_node(load(cn.path), cn.path):
        made = [each for each in nodes.submissions("CN", 60) if each.record.HasField("inspection_outcome")]
        await nodes.submit(cn, made)
        words = ["agreement", "rehearse", str(newer), "--home", str(cn.path)]
        shown = await asyncio.to_thread(CliRunner().invoke, cli, [*words, "--json"])
        table = await asyncio.to_thread(CliRunner().invoke, cli, words)
    (row,) = printed(shown)
    assert (row["outcome"], row["fields"]) == ("REDUCED", [f"inspection_outcome.{WITHHELD}"])
    assert row["count"] == len(made)
    assert "REDUCED" in table.output


async def test_one_side_suspends_an_agreement(homes: tuple[Home, Home]) -> None:
    """From then on nothing leaves under it; what was released and waits is kept, and goes when it counts again."""
    cn, nl = homes
    words = ["cn-nl-security", "--home", str(cn.path), "--reason", "as a test has it"]
    async with open_node(load(cn.path), cn.path):
        waiting = await nodes.submit(cn, nodes.submissions("CN", 3))  # NL does not run yet
        done = await asyncio.to_thread(CliRunner().invoke, cli, ["agreement", "suspend", *words, "--at-once"])
        assert done.exit_code == 0, done.output
        async with open_node(load(nl.path), nl.path):
            link = await nodes.link_until(nl, "CN", lambda link: "AGREEMENT_MISMATCH" in link.last_reason)
            assert "counts at NL and not at CN: CN's operator must add it, or has suspended it." in link.last_detail
            async with nodes.records_of(cn) as records:
                given = nodes.submissions("CN", 1, seed=2)
                answer = await records.SubmitRecords(
                    national.SubmitRecordsRequest(submissions=given), timeout=nodes.SECONDS
                )
            assert answer.results[0].refusal.reason == "NO_AGREEMENT"
            assert (await nodes.link_of(cn, "NL")).waiting == 3
            done = await asyncio.to_thread(CliRunner().invoke, cli, ["agreement", "resume", *words])
            assert done.exit_code == 0, done.output
            await nodes.link_until(cn, "NL", lambda link: nodes.is_settled(link) and link.issued.size == 3)
            there = await nodes.stored(nl, national.DIRECTION_RECEIVED)
            assert sorted(each.record.header.record_id for each in there) == sorted(waiting)


async def test_notice_is_given_in_time(homes: tuple[Home, Home]) -> None:
    cn, _ = homes
    words = ["cn-nl-security", "--home", str(cn.path), "--reason", "as a test has it"]
    done = await asyncio.to_thread(CliRunner().invoke, cli, ["agreement", "suspend", *words, "--json"])
    days = (printed(done)["begins"] - time.time()) / 86400
    assert 59.9 < days <= 60, "the agreement's notice_days"
    async with open_node(load(cn.path), cn.path):
        await nodes.submit(cn, nodes.submissions("CN", 1))
    for _ in range(2):
        done = await asyncio.to_thread(CliRunner().invoke, cli, ["agreement", "resume", *words])
    assert "NOT_FOUND" in done.output, "it was taken back once"
