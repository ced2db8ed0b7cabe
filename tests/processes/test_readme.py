"""README's own commands, read from the page and run as they stand; what it says that they print, they print.

Only what belongs to the place is changed: where nodes listen, since usual ports may be taken on the machine that tests,
and ``./run``, which would set up an environment that the test is running in already.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfile

import pytest

from gateway.trust.documents import digest_of, read_document, write_digest
from tests.docs.pages import ROOT, blocks_under
from tests.nodes import SECONDS, free_addresses

LISTENING = "✓ [A-Z]{2} serves: "
PUBLIC = re.compile(r"0\.0\.0\.0:7401|gateway\.customs\.[a-z]{2}\.example:7401")


class Host:
    """A machine with the project on it: its working directory, and what it still runs."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        place.mkdir()
        self.place = place
        self._stack = stack
        (place / "docs").symlink_to(ROOT / "docs")
        door = place / "run"
        door.write_text(f'#!/bin/sh\nshift\nexec {shlex.quote(sys.executable)} -m gateway "$@"\n', "utf-8")
        door.chmod(0o755)

    def type(self, line: str, known: Mapping[str, str]) -> str:
        """Run one line as a person types it, and give what is printed; a node that serves goes on."""
        assert line.startswith("./run gateway "), line
        if " serve " in line:
            return self._serve(line)
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.place,
            env={**os.environ, **known},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        return done.stdout

    def _serve(self, line: str) -> str:
        words = shlex.split(line)
        serving = self._stack.enter_context(stopped_at_the_end(words, self.place))
        assert serving.stdout is not None
        count = len(words) - words.index("serve") - 1
        said = "".join(serving.stdout.readline() for _ in range(count))
        assert len(re.findall(LISTENING, said)) == count, said
        return said


@contextmanager
def stopped_at_the_end(words: list[str], place: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        words, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as serving:
        try:
            yield serving
        finally:
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(SECONDS) == 0


def at_free_addresses(line: str, peer: str) -> str:
    """Let a node that is being made listen where nobody does; ``peer`` stands for its public address."""
    if " init " not in line:
        return line
    national, operations = free_addresses(2)
    line = PUBLIC.sub(peer, line) if PUBLIC.search(line) else f"{line} --peer {peer}"
    return f"{line} --national {national} --operations {operations}"


def require_said(expected: str, said: str) -> None:
    """Demand every line of a block of output; ``…`` stands for what differs from run to run."""
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        assert re.search(f"^{pattern}$", said, re.MULTILINE), f"not printed: {line}\n{said}"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as open_until_the_end:
        yield open_until_the_end


def test_by_hand(tmp_path: Path, stack: ExitStack) -> None:
    host = Host(tmp_path / "host", stack)
    said = ""
    for language, block in blocks_under("By hand"):
        if language == "text":
            require_said(block, said)
            said = ""
        else:
            for line in block.splitlines():
                said += host.type(at_free_addresses(line, *free_addresses(1)), {})


def test_between_two_hosts(tmp_path: Path, stack: ExitStack) -> None:
    hosts = {name: Host(tmp_path / f"host-{name}", stack) for name in ("nl", "cn")}
    addresses = dict(zip(hosts, free_addresses(2), strict=True))
    said = ""
    for language, block in blocks_under("Between two hosts"):
        if language == "text":
            require_said(block, said)
            continue
        (name,) = {found[1] for found in re.finditer(r"(?:--home|serve|init) (nl|cn)\b", block)}
        carry(hosts)
        said = "".join(
            hosts[name].type(at_free_addresses(line, addresses[name]), digests(hosts)) for line in block.splitlines()
        )


def carry(hosts: Mapping[str, Host]) -> None:
    """Bring each host the files that the other sends."""
    nl, cn = hosts["nl"].place, hosts["cn"].place
    for source, target in (
        (nl / "nl" / "descriptor.note", cn / "nl.note"),
        (cn / "cn" / "descriptor.note", nl / "cn.note"),
        (nl / "agreement.note", cn / "agreement.note"),
        (cn / "agreement-both.note", nl / "agreement-both.note"),
    ):
        if source.exists() and not target.exists():
            copyfile(source, target)


def digests(hosts: Mapping[str, Host]) -> dict[str, str]:
    """Give the digests that were read out over the telephone."""
    notes = {name: host.place / name / "descriptor.note" for name, host in hosts.items()}
    return {
        f"DIGEST_OF_{name.upper()}": write_digest(digest_of(read_document(note.read_bytes()).text))
        for name, note in notes.items()
        if note.exists()
    }
