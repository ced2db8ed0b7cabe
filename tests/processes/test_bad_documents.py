"""Documents that do not hold, and a clock that is off: each has its reason, in the logs of both sides under one id."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner

from gateway.app import Node, open_node
from gateway.cli import trust_door
from gateway.cli.agreement_files import sign
from gateway.cli.main import cli
from gateway.clocks.system import SystemClock
from gateway.config import load
from gateway.signers.roles import ROOT, load_signers
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.names import root_key_name
from gateway.trust.revision import Revision
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.nodes import Home


@pytest.fixture(autouse=True)
def log() -> Any:
    with structlog.testing.capture_logs() as lines:
        yield lines


class Ahead(SystemClock):
    def now(self) -> int:
        return super().now() + 600


def running(home: Home, clock: SystemClock | None = None) -> AbstractAsyncContextManager[Node]:
    return open_node(load(home.path), home.path, clock=clock)


def signed(home: Home, descriptor: Descriptor) -> bytes:
    return sign_descriptor(descriptor, load_signers(home.path / "keys", ROOT, root_key_name(home.descriptor.domain)))


def following(home: Home, name: str = "Another name") -> Descriptor:
    return Revision(name=name).after(home.descriptor, issued=int(time.time()))


def altered(cn: Home, _: Home) -> bytes:
    return signed(cn, following(cn)).replace(b"Another name", b"Another game")


def skipping(cn: Home, _: Home) -> bytes:
    second = following(cn)
    return signed(cn, Revision(name="A third").after(second, issued=int(time.time())))


def key_left_out(cn: Home, nl: Home) -> bytes:
    second = following(cn)
    return signed(
        cn, replace(second, log_keys=(replace(second.log_keys[0], valid_until=second.log_keys[0].valid_until + 1),))
    )


def forked(cn: Home, _: Home) -> bytes:
    return signed(cn, replace(cn.descriptor, name="Two of one version"))


def the_other_sides(_: Home, nl: Home) -> bytes:
    return signed(nl, following(nl))


def no_note(_: Home, __: Home) -> bytes:
    return b"mutualrecognition/descriptor/v1\n"


def agreement(*, signed: Home, version: int = 1, title: str = "Mutual recognition of controls, CN and NL") -> bytes:
    text = nodes.AGREEMENT.read_text("utf-8").replace("version = 1\n", f"version = {version}\n")
    return sign(signed.path, text.replace("Mutual recognition of controls, CN and NL", title).encode())


def agreement_edited(cn: Home, _: Home) -> bytes:
    return agreement(signed=cn, title="Mutual recognition of some controls")


def agreement_altered(cn: Home, _: Home) -> bytes:
    return agreement(signed=cn, version=3).replace(b"Mutual recognition", b"Mutual  recognition")


def agreement_older(cn: Home, nl: Home) -> bytes:
    """Both have taken version 3; one that was drafted before it is offered once more."""
    third = sign(nl.path, agreement(signed=cn, version=3))
    for home in (cn, nl):
        trust_door.add_agreement(home.path, third)
    return agreement(signed=cn, version=2)


def agreement_signed_by_the_wrong_party(_: Home, nl: Home) -> bytes:
    return agreement(signed=nl, version=4)


@pytest.mark.parametrize(
    ("make", "reason", "suspends"),
    [
        (altered, "SIGNATURE_INVALID", False),
        (skipping, "DOCUMENT_INVALID", False),
        (key_left_out, "DOCUMENT_INVALID", False),
        (the_other_sides, "DOCUMENT_INVALID", False),
        (no_note, "MALFORMED", False),
        (forked, "DESCRIPTOR_FORK", True),
        (agreement_edited, "DOCUMENT_INVALID", False),
        (agreement_altered, "SIGNATURE_INVALID", False),
        (agreement_older, "DOCUMENT_INVALID", False),
        (agreement_signed_by_the_wrong_party, "DOCUMENT_INVALID", False),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
async def test_a_document_that_does_not_hold(
    make: Callable[[Home, Home], bytes],
    reason: str,
    suspends: bool,
    founded: tuple[Home, Home],
    log: list[dict[str, Any]],
) -> None:
    cn, nl = founded
    note = cn.path / "offered.note"
    note.write_bytes(await asyncio.to_thread(make, cn, nl))
    async with running(cn), running(nl):
        await nodes.link_until(nl, "CN", lambda link: link.state == operations.LINK_STATE_OPEN)
        words = ["documents", "offer", str(note), "--to", "NL", "--home", str(cn.path)]
        done = await asyncio.to_thread(CliRunner().invoke, cli, words)
        assert done.exit_code == 1
        assert done.output.startswith(f"✗ OFFER_REFUSED: NL has not taken it: {reason}: ")
        if suspends:
            await nodes.link_until(nl, "CN", lambda link: link.state == operations.LINK_STATE_SUSPENDED)
        else:
            assert (await nodes.link_of(nl, "CN")).state == operations.LINK_STATE_OPEN
    here = next(line for line in log if line["event"] == "a document was not taken")
    there = next(line for line in log if line["event"] == "call refused" and line["method"].endswith("OfferDocument"))
    assert here["reason"] == there["reason"] == reason
    assert here["correlation_id"] == there["correlation_id"] != ""
    assert here["detail"].startswith(there["sentence"]), "and then says who must act"
    assert len(here["detail"]) > len(there["sentence"])


async def test_agreements_that_differ_are_told_by_both_with_what_differs(
    tmp_path: Path, log: list[dict[str, Any]]
) -> None:
    """Somebody gave each side another text of one version, both signed by both."""
    cn, nl = await asyncio.to_thread(lambda: (nodes.make_home(tmp_path, "CN"), nodes.make_home(tmp_path, "NL")))

    def introduce() -> None:
        for home, partner, title in ((cn, nl, "One text"), (nl, cn, "Another text")):
            nodes.add_descriptor(home, partner)
            trust_door.add_agreement(home.path, sign(nl.path, agreement(signed=cn, title=title)))

    await asyncio.to_thread(introduce)
    async with running(cn), running(nl):
        for home, partner in ((cn, "NL"), (nl, "CN")):
            await nodes.link_until(home, partner, lambda link: link.last_reason == "AGREEMENT_MISMATCH")
    here, there = one_session(log, "AGREEMENT_MISMATCH")
    assert here["detail"] == there["detail"]
    assert "cn-nl-security" in here["detail"]
    assert "must compare the digests" in here["detail"]


async def test_keys_that_have_all_ended(founded: tuple[Home, Home], log: list[dict[str, Any]]) -> None:
    """CN's descriptor follows from the one before, and has no log key any more that counts."""
    cn, nl = founded
    ended = Revision(ends={each.key.bare: int(time.time()) - 60 for each in cn.descriptor.log_keys})
    note = await asyncio.to_thread(signed, cn, ended.after(cn.descriptor, issued=int(time.time())))
    (cn.path / "descriptor.note").write_bytes(note)
    async with running(cn), running(nl):
        await nodes.submit(cn, nodes.submissions("CN", 1))
        for home, partner in ((cn, "NL"), (nl, "CN")):
            await nodes.link_until(home, partner, lambda link: "KEY_NOT_VALID" in link.last_reason)
    here, there = one_session(log, "KEY_NOT_VALID")
    assert here["detail"] == there["detail"]
    assert "must" in here["detail"]


def one_session(log: list[dict[str, Any]], reason: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the lines of both sides on one session that ended so, its own first."""
    told = [line for line in log if line["event"] == "link session ended" and line["reason"] == reason]
    for line in told:
        for other in told:
            if line["correlation_id"] == other["correlation_id"] != "" and line["by_peer"] < other["by_peer"]:
                return line, other
    raise AssertionError(f"no session ended with {reason} in both logs: {told}")


async def test_a_clock_that_is_ten_minutes_off(founded: tuple[Home, Home], log: list[dict[str, Any]]) -> None:
    cn, nl = founded
    async with running(cn, Ahead()), running(nl):
        await nodes.link_until(nl, "CN", lambda link: link.last_reason == "CLOCK_SKEW")
        await nodes.link_until(cn, "NL", lambda link: link.last_reason == "CLOCK_SKEW")
    told = [line for line in log if line["event"] == "link session ended" and line["reason"] == "CLOCK_SKEW"]
    by_id: dict[str, set[bool]] = {}
    for line in told:
        by_id.setdefault(line["correlation_id"], set()).add(line["by_peer"])
    assert {True, False} in by_id.values(), "one session, both sides"
    assert all(
        "600 s apart" in line["detail"] or "599 s" in line["detail"] or "601 s" in line["detail"] for line in told
    )
    assert all("Both operators must check their clocks" in line["detail"] for line in told)


@pytest.fixture
def founded(tmp_path: Path) -> tuple[Home, Home]:
    return nodes.pair(tmp_path)
