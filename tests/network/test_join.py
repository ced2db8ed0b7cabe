"""One mock partner against a real gateway: the commands that it prints are all that the other side does."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.app import open_node
from gateway.cli.main import cli
from gateway.config import load
from mock_partners.network.joining import Guest, Invitation
from mock_partners.network.topology import NetworkInvalid
from mock_partners.staging.homes import Homes
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes

AGREEMENT = nodes.AGREEMENT.read_text("utf-8").replace("CN", "BR").replace("cn-nl", "br-nl")


@pytest.fixture
def home(tmp_path: Path) -> nodes.Home:
    return nodes.make_home(tmp_path, "NL")


def invitation(home: nodes.Home, administration: str = "BR", agreement: str = AGREEMENT) -> Invitation:
    descriptor = (home.path / "descriptor.note").read_bytes()
    return Invitation(administration, home.peer, descriptor, agreement.encode())


@pytest.fixture
async def serving(home: nodes.Home) -> AsyncIterator[None]:
    async with open_node(load(home.path), home.path):
        yield


@pytest.mark.long
@pytest.mark.usefixtures("serving")
async def test_the_printed_commands_bring_it_in_and_what_it_states_arrives(home: nodes.Home, tmp_path: Path) -> None:
    place = tmp_path / "mock"
    place.mkdir()
    with closing(Homes(place)) as maker:
        guest = Guest(invitation(home), place, maker)
        assert not guest.is_agreed
        for command in guest.guide():
            words = shlex.split(command.replace("HOME", str(home.path)))
            assert words[:2] == ["./run", "gateway"]
            done = await asyncio.to_thread(CliRunner().invoke, cli, words[2:])
            assert done.exit_code == 0, (command, done.output)
        await guest.wait_until_agreed()
        visit = await guest.open()
        try:
            await nodes.until(visit.link, lambda link: link.state == operations.LINK_STATE_OPEN)
            visit.trade(seed=1, rate=500.0, vessels=2)
            link = await nodes.until(visit.link, lambda link: link.issued.receipted > 0)
            link = await visit.settle()
        finally:
            await visit.close()
    assert link.waiting == 0
    assert link.issued.size == link.issued.receipted > 0
    assert visit.tally.incidents == []


def test_an_agreement_that_the_other_side_has_signed_needs_no_second_round(home: nodes.Home, tmp_path: Path) -> None:
    place = tmp_path / "mock"
    place.mkdir()
    signed = tmp_path / "signed.note"
    text = tmp_path / "agreement.toml"
    text.write_text(AGREEMENT, "utf-8")
    done = CliRunner().invoke(
        cli, ["agreement", "sign", str(text), "--home", str(home.path), "--out", str(signed), "--anyway"]
    )
    assert done.exit_code == 0, done.output
    with closing(Homes(place)) as maker:
        given = Invitation("BR", home.peer, (home.path / "descriptor.note").read_bytes(), signed.read_bytes())
        guest = Guest(given, place, maker)
        assert guest.is_agreed
        assert [command.split()[2:4] for command in guest.guide()] == [["partner", "add"], ["agreement", "add"]]


@pytest.mark.parametrize(
    ("administration", "behaviours", "said"),
    [
        ("KE", (), "KE is no party to the agreement br-nl"),
        ("NL", (), "Named twice"),
        ("BR", ("fork",), "BR cannot misbehave"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_made(
    administration: str, behaviours: tuple[str, ...], said: str, home: nodes.Home, tmp_path: Path
) -> None:
    place = tmp_path / "mock"
    place.mkdir()
    with closing(Homes(place)) as maker, pytest.raises(NetworkInvalid, match=said):
        Guest(invitation(home, administration), place, maker, behaviours)
    assert list(place.iterdir()) == []
