"""Death and failure at exact system calls of the store: strace kills the node there, or lets the call fail."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from gateway.rpc.status import reason_in
from gateway.stores.sqlite.checking import Finding, Repair
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes
from tests.faults.conftest import sound
from tests.faults.dying import survive

LONGEST = 300
STRACE = shutil.which("strace")


def may_trace() -> bool:
    """Whether strace is there, and this system lets it attach."""
    if STRACE is None:
        return False
    tried = subprocess.run([STRACE, "-f", "-e", "trace=none", "true"], capture_output=True, check=False)
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(not may_trace(), reason="strace is not there, or the system does not let it trace")


def traced(call: str, what: str) -> list[str]:
    assert STRACE is not None
    return [
        STRACE,
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:{what}",
    ]


FROM = {"fdatasync": 14, "pwrite64": 250}
"""From which call of one thread on it fails: the node must have come up, and answered somebody."""
KILLS = [("CN", "fdatasync", 12), ("NL", "pwrite64", 60), ("NL", "fdatasync", 20), ("CN", "pwrite64", 111)]


@pytest.mark.parametrize(
    ("side", "call", "turn"), [KILLS[0], *(pytest.param(*each, marks=pytest.mark.long) for each in KILLS[1:])]
)
async def test_death_in_a_system_call(side: str, call: str, turn: int, tmp_path: Path) -> None:
    wrapper = traced(call, f"signal=KILL:when={turn}")
    await survive(tmp_path, lambda home: nodes.NodeProcess(home, wrapper=wrapper), victim=side)


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        ("fdatasync", "EIO", "STORE_FAILED"),
        pytest.param("pwrite64", "EIO", "STORE_FAILED", marks=pytest.mark.long),
        pytest.param("pwrite64", "ENOSPC", "OVERLOADED", marks=pytest.mark.long),
    ],
)
async def test_a_call_that_fails_is_told_and_corrupts_nothing(
    call: str, error: str, reason: str, tmp_path: Path
) -> None:
    home = nodes.make_home(tmp_path, "CN")
    partner = nodes.make_home(tmp_path, "NL")
    await asyncio.to_thread(nodes.introduce, home, partner)
    node = nodes.NodeProcess(home, wrapper=traced(call, f"error={error}:when={FROM[call]}+1"))
    try:
        node.wait_ready()
        answered: list[str] = []
        told = ""
        for number in range(60):
            given = nodes.submissions("CN", 20, seed=number)
            for each in given:
                each.request_id += f"-{number}"
            try:
                answered += await nodes.submit(home, given)
            except grpc.aio.AioRpcError as failure:
                told, _ = reason_in(failure)
                break
        assert told == reason
        assert answered
        node.start_plainly()
        node.wait_ready()
        stored = {each.record.header.record_id for each in await nodes.stored(home, national.DIRECTION_ISSUED)}
        assert set(answered) <= stored
        assert len(await nodes.submit(home, nodes.submissions("CN", 5, seed=99))) == 5
    finally:
        node.kill()
    sound(home)


@pytest.mark.long
@pytest.mark.parametrize(("call", "error"), [("fdatasync", "EIO:when=1"), ("pwrite64", "ENOSPC:when=9+")])
def test_a_copy_that_a_call_spoils_gets_no_name(call: str, error: str, nl: nodes.Home, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "gateway", "backup", str(tmp_path / "copies" / "monday"), "--home", str(nl.path)]
    done = subprocess.run([*traced(call, f"error={error}"), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be copied" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "copies").iterdir())


@pytest.mark.long
@pytest.mark.parametrize("turn", [1, 4, 12, 60])
def test_a_check_on_a_disk_that_does_not_read_says_so_in_short_lines(turn: int, nl: nodes.Home) -> None:
    """From the first page, from the schema, amid SQLite's own check, or later; Python reads the file with ``read``."""
    wrapper = [*traced("pread64", f"error=EIO:when={turn}+"), "-e", "trace=pread64,read", "-e", "inject=read:error=EIO"]
    command = [*wrapper, "-P", str(nl.path / "gateway.db"), sys.executable, "-m", "gateway", "fsck", str(nl.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=nodes.SECONDS)
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert "its disk failed" in told[0] or told[-1].startswith(f"→ {Finding('', '', Repair.DISK).advice}")
    assert "malformed" not in told[0]
    assert sum(each.startswith("→") for each in told) <= 1
    assert max(map(len, told)) < LONGEST
