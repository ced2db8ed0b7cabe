"""A copy of a running node is whole, private and checked; a restored one signs nothing that could contradict itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway import config
from gateway.app import open_node
from gateway.cli.main import cli
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.faults.conftest import BACK, copied

NL_LOG = "customs.nl.example/links/CN/1"


async def run(*words: Any) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, cli, [str(word) for word in words])


async def test_a_node_that_runs_is_copied_while_it_works(nl: nodes.Home, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "monday"
    async with open_node(config.load(nl.path), nl.path):
        submitting = asyncio.create_task(nodes.submit(nl, nodes.submissions("NL", 200, seed=9)))
        done = await run("backup", copy, "--home", nl.path, "--json")
        await submitting
    assert done.exit_code == 0, done.output
    assert sorted(each.name for each in copy.iterdir()) == [
        "backup.json",
        "clients.toml",
        "descriptor.note",
        "gateway.db",
        "gateway.toml",
    ]
    assert copy.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in copy.iterdir()} == {0o600}
    assert list(copy.parent.iterdir()) == [copy]
    logs = {each["origin"]: each for each in json.loads(done.output.splitlines()[-1])["logs"]}
    assert logs[NL_LOG]["receipted"] >= BACK
    assert (await run("fsck", copy)).exit_code == 0


async def test_keys_come_along_only_when_asked_for(nl: nodes.Home, tmp_path: Path) -> None:
    done = await run("backup", tmp_path / "copy", "--home", nl.path, "--with-keys")
    assert done.exit_code == 0, done.output
    there = {each.relative_to(nl.path / "keys") for each in (nl.path / "keys").rglob("*") if each.is_file()}
    assert there
    assert all((tmp_path / "copy" / "keys" / each).stat().st_mode & 0o777 == 0o600 for each in there)


async def test_a_copy_is_never_written_over(nl: nodes.Home, tmp_path: Path) -> None:
    assert (await run("backup", tmp_path / "copy", "--home", nl.path)).exit_code == 0
    before = (tmp_path / "copy" / "backup.json").read_bytes()
    assert (await run("backup", tmp_path / "copy", "--home", nl.path)).exit_code == 1
    assert (tmp_path / "copy" / "backup.json").read_bytes() == before


@pytest.mark.parametrize("name", ["gateway.db", "gateway.toml", "descriptor.note"])
async def test_a_copy_that_was_changed_is_refused(name: str, nl: nodes.Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert (await run("backup", copy, "--home", nl.path)).exit_code == 0
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(bytes(data))
    for words in (("fsck", copy), ("restore", copy, "--home", tmp_path / "new")):
        done = await run(*words)
        assert done.exit_code == 1
        assert "is not as it was copied" in done.output
    assert not (tmp_path / "new" / "gateway.db").exists()


async def test_what_stood_in_its_place_is_kept(nl: nodes.Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert (await run("backup", copy, "--home", nl.path)).exit_code == 0
    refused = await run("restore", copy, "--home", nl.path)
    assert "--replace" in refused.output
    done = await run("restore", copy, "--home", nl.path, "--replace")
    assert done.exit_code == 0, done.output
    kept = [each for each in nl.path.iterdir() if "replaced" in each.name]
    assert kept
    assert (await run("fsck", nl.path)).exit_code == 0


async def test_another_administrations_copy_is_refused(nl: nodes.Home, cn: nodes.Home, tmp_path: Path) -> None:
    assert (await run("backup", tmp_path / "copy", "--home", nl.path)).exit_code == 0
    done = await run("restore", tmp_path / "copy", "--home", cn.path, "--replace")
    assert "NL's" in done.output
    assert done.exit_code == 1


async def test_a_node_that_runs_is_not_replaced(nl: nodes.Home, tmp_path: Path) -> None:
    assert (await run("backup", tmp_path / "copy", "--home", nl.path)).exit_code == 0
    async with open_node(config.load(nl.path), nl.path):
        done = await run("restore", tmp_path / "copy", "--home", nl.path, "--replace")
    assert "STORE_IN_USE" in done.output


@pytest.mark.parametrize("lost", [5, 0])
async def test_a_restored_log_is_not_gone_on_with(lost: int, settled, tmp_path: Path) -> None:
    cn, nl = copied(settled.cn, tmp_path), copied(settled.nl, tmp_path)
    assert (await run("backup", tmp_path / "copy", "--home", nl.path)).exit_code == 0
    async with open_node(config.load(cn.path), cn.path):
        if lost:
            async with open_node(config.load(nl.path), nl.path):
                before = (await nodes.link_of(nl, "CN")).issued.size
                await nodes.submit(nl, nodes.submissions("NL", lost, seed=11))
                await nodes.link_until(
                    nl, "CN", lambda link: nodes.is_settled(link) and link.issued.size == before + lost
                )
        assert (await run("restore", tmp_path / "copy", "--home", nl.path, "--replace")).exit_code == 0
        async with open_node(config.load(nl.path), nl.path):
            await nodes.submit(nl, nodes.submissions("NL", 1, seed=12))
            here = await nodes.link_until(nl, "CN", lambda link: link.state == operations.LINK_STATE_SUSPENDED)
            there = await nodes.link_until(cn, "NL", lambda link: link.state == operations.LINK_STATE_SUSPENDED)
            assert (here.last_reason, there.last_reason) == ("LOG_ROLLBACK", "LOG_ROLLBACK")
            assert here.waiting == 1


async def test_a_log_that_is_left_of_a_lost_store_does_not_meet_the_restored_one(
    nl: nodes.Home, tmp_path: Path
) -> None:
    assert (await run("backup", tmp_path / "copy", "--home", nl.path)).exit_code == 0
    (nl.path / "gateway.db").unlink()
    (nl.path / "gateway.db-wal").write_bytes(b"what a crash has left")
    done = await run("restore", tmp_path / "copy", "--home", nl.path)
    assert done.exit_code == 0, done.output
    assert (await run("fsck", nl.path)).exit_code == 0
    (kept,) = nl.path.glob("gateway.db.replaced-*-wal")
    assert kept.read_bytes() == b"what a crash has left"
