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
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import copyfile

import pytest

from gateway.cli.addresses import free_addresses
from gateway.trust.documents import digest_of, read_document
from gateway.trust.words import spoken
from tests.docs.pages import ROOT, blocks_under, require_said
from tests.nodes import SECONDS

LISTENING = "✓ [A-Z]{2} serves: "
LOOKS = {"./run gateway links --home nl"}
"""Lines whose answer changes while one waits."""

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
        log = self.place / "serve.log"
        serving = self._stack.enter_context(stopped_at_the_end(words, self.place, log))
        assert serving.stdout is not None
        count = len(words) - words.index("serve") - 1
        said = "".join(serving.stdout.readline() for _ in range(count))
        assert len(re.findall(LISTENING, said)) == count, said + log.read_text("utf-8")
        return said


@contextmanager
def stopped_at_the_end(words: list[str], place: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    with (
        log.open("w") as errors,
        subprocess.Popen(
            words, cwd=place, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        ) as serving,
    ):
        try:
            yield serving
        finally:
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(SECONDS) == 0


def at_free_addresses(line: str, addresses: Sequence[str]) -> str:
    """Let a node that is being made listen where nobody does; the first address stands for its public one."""
    if " init " not in line:
        return line
    peer, national, operations = addresses
    line = PUBLIC.sub(peer, line) if PUBLIC.search(line) else f"{line} --peer {peer}"
    return f"{line} --national {national} --operations {operations}"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as open_until_the_end:
        yield open_until_the_end


def test_by_hand(tmp_path: Path, stack: ExitStack) -> None:
    host = Host(tmp_path / "host", stack)
    addresses = iter(free_addresses(6))
    said = ""
    for language, block in blocks_under("By hand"):
        if language == "text":
            require_said(block, said)
            said = ""
            continue
        for line in block.splitlines():
            own = [next(addresses) for _ in range(3)] if " init " in line else []
            said += host.type(at_free_addresses(line, own), {})


def test_between_two_hosts(tmp_path: Path, stack: ExitStack) -> None:
    hosts = {name: Host(tmp_path / f"host-{name}", stack) for name in ("nl", "cn")}
    addresses = free_addresses(6)
    own = {"nl": addresses[:3], "cn": addresses[3:]}
    look: Callable[[], str] = str
    for language, block in blocks_under("Between two hosts"):
        if language == "text":
            until_said(block, look)
            continue
        (name,) = {found[1] for found in re.finditer(r"(?:--home|serve|init) (nl|cn)\b", block)}
        carry(hosts)
        *before, last = [at_free_addresses(line, own[name]) for line in block.splitlines()]
        for line in before:
            hosts[name].type(line, heard(hosts))
        look = partial(hosts[name].type, last, heard(hosts))
        if last not in LOOKS:
            look()


def until_said(expected: str, look: Callable[[], str]) -> None:
    """Look, again and again as a person does, until what is expected is there."""
    end = time.monotonic() + SECONDS
    while True:
        said = look()
        try:
            return require_said(expected, said)
        except AssertionError:
            if time.monotonic() > end:
                raise


def carry(hosts: Mapping[str, Host]) -> None:
    """Bring each host the files that the other sends."""
    nl, cn = hosts["nl"].place, hosts["cn"].place
    for source, target in (
        (nl / "nl.note", cn / "nl.note"),
        (cn / "cn.note", nl / "cn.note"),
        (nl / "agreement.note", cn / "agreement.note"),
        (cn / "agreement-both.note", nl / "agreement-both.note"),
    ):
        if source.exists() and not target.exists():
            copyfile(source, target)


def heard(hosts: Mapping[str, Host]) -> dict[str, str]:
    """Give the words that were read out over the telephone."""
    notes = {name: host.place / name / "descriptor.note" for name, host in hosts.items()}
    return {
        f"WORDS_OF_{name.upper()}": spoken(digest_of(read_document(note.read_bytes()).text))
        for name, note in notes.items()
        if note.exists()
    }
