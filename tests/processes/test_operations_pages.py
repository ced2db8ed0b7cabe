"""The commands on the pages for operators, read from the pages and run as they stand."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.cli.addresses import free_addresses
from gateway.trust.documents import digest_of, read_document
from gateway.trust.words import spoken
from tests.docs.pages import ROOT
from tests.processes.test_readme import Host, at_free_addresses, require_said

PAGES = ("onboarding", "agreements", "audit")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.long


def words_heard(host: Host) -> dict[str, str]:
    """Give the words that CN reads out, once it has exported its descriptor."""
    note = host.place / "cn.note"
    if not note.exists():
        return {}
    return {"WORDS_OF_CN": spoken(digest_of(read_document(note.read_bytes()).text))}


@pytest.mark.parametrize("name", PAGES)
def test_commands_run(name: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations" / f"{name}.md").read_text("utf-8")
    addresses = iter(free_addresses(6))
    said = ""
    with ExitStack() as stack:
        host = Host(tmp_path / "host", stack)
        for language, block in BLOCK.findall(page):
            if language == "text":
                require_said(block, said)
                said = ""
                continue
            for line in block.splitlines():
                own = [next(addresses) for _ in range(3)] if " init " in line else []
                said += host.type(at_free_addresses(line, own), words_heard(host))
