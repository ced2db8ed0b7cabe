"""A network of three: its members exchange records, are cut from each other and stop, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from google.protobuf import json_format

from mock_partners.network import Member, MockNetwork, NetworkInvalid, Unsettled
from mock_partners.traffic.generator import Traffic
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub
from tests import nodes

MEMBERS = ("NL", "CN", "US")
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MockNetwork]:
    async with MockNetwork.open(members=MEMBERS, place=tmp_path_factory.mktemp("network")) as opened:
        yield opened


async def submit(member: Member, count: int, *, seed: int, to: tuple[str, ...] = ()) -> Counter[str]:
    """Submit made-up records of a member; gives how many go to each partner."""
    submissions = []
    for each in Traffic(seed, issuers=(member.administration,)).submissions(count):
        submission = json_format.ParseDict(each, national.Submission())
        submission.record.header.issuer = ""
        submission.recipients.extend(to)
        submissions.append(submission)
    request = national.SubmitRecordsRequest(submissions=submissions)
    answer = await RecordsServiceStub(member.channel()).SubmitRecords(request, timeout=nodes.SECONDS)
    assert [result.refusal.message for result in answer.results if result.HasField("refusal")] == []
    return Counter(release.partner for result in answer.results for release in result.releases)


async def held_by(member: Member, partner: str) -> int:
    answer = await LinksServiceStub(member.operations_channel()).ListLinks(
        operations.ListLinksRequest(), timeout=nodes.SECONDS
    )
    return next(link.held.size for link in answer.links if link.partner == partner)


def names_in(place: Path) -> list[str]:
    return [each.name for each in place.iterdir()]


async def test_what_each_member_states_arrives_at_every_partner_before_it_is_quiet(network: MockNetwork) -> None:
    due = {name: await submit(member, 20, seed=3) for name, member in network.members.items()}
    settled = await network.quiet()
    assert {(each.issuer, each.receiver) for each in settled} == {(a, b) for a in MEMBERS for b in MEMBERS if a != b}
    for each in settled:
        assert due[each.issuer][each.receiver] == 20
        assert each.stated >= 20
        assert each.stated == each.receipted == each.held == await held_by(network.members[each.receiver], each.issuer)


async def test_a_pair_that_is_cut_waits_for_its_own_records_alone_and_has_them_once_healed(
    network: MockNetwork,
) -> None:
    before = await held_by(network.members["NL"], "CN"), await held_by(network.members["US"], "CN")
    network.cut("NL", "CN")
    await submit(network.members["CN"], 5, seed=4)
    await network.quiet()
    assert await held_by(network.members["NL"], "CN") == before[0]
    assert await held_by(network.members["US"], "CN") >= before[1] + 5
    network.heal("NL", "CN")
    await network.quiet()
    assert await held_by(network.members["NL"], "CN") >= before[0] + 5


async def test_it_is_not_quiet_while_a_partner_lacks_what_was_stated(network: MockNetwork) -> None:
    network.cut("NL", "CN")
    await submit(network.members["CN"], 1, seed=5)
    network._lines._cut.clear()  # as if the line were whole: what it does not carry is missed
    with pytest.raises(Unsettled, match=r"CN → NL: \d+ stated, \d+ arrived"):
        await network.quiet(patience=0.1)
    network.heal("NL", "CN")
    await network.quiet()


async def test_a_member_is_called_at_its_address_with_the_files_it_names(network: MockNetwork) -> None:
    member = network.members["US"]
    files = member.credentials
    credentials = grpc.ssl_channel_credentials(
        files.authority.read_bytes(), files.key.read_bytes(), files.certificate.read_bytes()
    )
    async with grpc.aio.secure_channel(member.national, credentials) as channel:
        answer = await RecordsServiceStub(channel).SubmitRecords(national.SubmitRecordsRequest(), timeout=nodes.SECONDS)
    assert list(answer.results) == []


async def test_a_member_that_was_off_has_everything_once_it_is_on_again(network: MockNetwork) -> None:
    await network.quiet()
    before = await held_by(network.members["US"], "NL")
    await network.stop("US")
    await submit(network.members["NL"], 5, seed=6)
    await network.quiet()
    await network.start("US")
    await network.quiet()
    assert await held_by(network.members["US"], "NL") >= before + 5


@pytest.mark.long
async def test_a_member_that_forks_is_suspended_and_the_others_go_on(tmp_path: Path) -> None:
    members = ("NL", "CN", "XA")
    async with MockNetwork.open(members=members, behaviours={"XA": ("fork",)}, place=tmp_path) as network:
        for name in ("XA", "CN"):
            await submit(network.members[name], 5, seed=7)

        async def suspended() -> set[str]:
            rows = await network.links()
            found = operations.LINK_STATE_SUSPENDED
            return {own for own in ("NL", "CN") for link in rows[own] if (link.partner, link.state) == ("XA", found)}

        await nodes.until(suspended, lambda found: found == {"NL", "CN"})
        await submit(network.members["NL"], 5, seed=8)
        settled = await network.quiet()
        assert {(each.issuer, each.receiver) for each in settled} == {("NL", "CN"), ("CN", "NL")}
        assert await held_by(network.members["CN"], "NL") >= 5
        assert {event.behaviour for event in network.trace.events} >= {"fork"}


async def test_a_network_that_cannot_be_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    for members, topology, said in (
        (("NL",), "mesh", "two members"),
        (("NL", "NL"), "mesh", "Named twice as a member: NL"),
        (("NL", "Japan"), "mesh", "'Japan' is not the code"),
        (("NL", "CN"), "ring", "'ring' is not a topology"),
        (("NL", "CN", "US"), "k-regular:3", "3 members cannot have 3 partners each"),
    ):
        with pytest.raises(NetworkInvalid, match=said):
            async with MockNetwork.open(members=members, topology=topology, place=tmp_path):
                pass
    assert names_in(tmp_path) == []
