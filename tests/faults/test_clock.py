"""A clock that is hours off, or jumps while records flow: told to both sides, nothing lost, right again by itself.

The clock of the one process is changed from outside, by libfaketime (Debian: ``faketime``); the monotonic clock goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.faults.conftest import sound

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
HOUR, SKEW = 3600, 300
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not there (Debian: faketime)"),
]


class World:
    """CN, whose clock is set from here, and NL, whose clock is right; the same two for all cases."""

    def __init__(self, cn: nodes.Home, nl: nodes.Home, clock: Path) -> None:
        self.cn, self.nl = cn, nl
        self._clock = clock
        self._calls = count(1)
        self._ahead = 0
        self.answered: dict[str, list[str]] = {"CN": [], "NL": []}
        self.from_the_future: set[str] = set()

    def set_clock(self, ahead: int) -> None:
        """Set CN's clock so many seconds ahead of the right time."""
        self._ahead = ahead
        beside = self._clock.with_suffix(".new")
        beside.write_text(f"{ahead:+d}\n")
        beside.replace(self._clock)

    async def submit(self) -> None:
        """Submit some at both, which take them whatever their clocks say."""
        number = next(self._calls)
        for home in (self.cn, self.nl):
            made = nodes.submissions(home.administration, 10, seed=number)
            for each in made:
                each.request_id += f"-{number}"
            self.answered[home.administration] += await nodes.submit(home, made)
        if self._ahead > SKEW:
            self.from_the_future.update(self.answered["CN"][-10:])

    async def all_arrive(self) -> None:
        """Wait for everything that was ever answered, once and in order, with its receipt; no link is suspended.

        What was issued in the receiver's future is quarantined there, and its issuer is told so.
        """
        for issuer, receiver in ((self.cn, self.nl), (self.nl, self.cn)):
            partner = receiver.administration
            await nodes.link_until(issuer, partner, lambda link: link.state == operations.LINK_STATE_OPEN)
            await nodes.link_until(issuer, partner, nodes.is_settled)
            answered = self.answered[issuer.administration]
            received = await nodes.stored(receiver, national.DIRECTION_RECEIVED)
            there = {each.record.header.record_id: each.standing for each in received if not is_judgement(each)}
            assert list(there) == answered
            refused = {each for each, standing in there.items() if standing == national.STANDING_QUARANTINED}
            assert refused == self.from_the_future & set(answered)
        await nodes.until(self._told_of, lambda told: told == self.from_the_future)

    async def _told_of(self) -> set[str]:
        issued = await nodes.stored(self.cn, national.DIRECTION_ISSUED)
        return {each.record.header.record_id for each in issued if each.deliveries[0].judgement == "QUARANTINED"}


def is_judgement(stored: national.StoredRecord) -> bool:
    return stored.record.HasField("judgement")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("clock")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    cn, nl = (nodes.make_home(place, name, begins=yesterday) for name in ("CN", "NL"))
    nodes.introduce(cn, nl)
    found = World(cn, nl, place / "clock")
    found.set_clock(2 * HOUR)
    environment = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(place / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with nodes.serving(nl):
        node = nodes.NodeProcess(cn, environment=environment)
        try:
            node.wait_ready()
            yield found
            node.terminate()
            node.wait()
        finally:
            node.kill()
    sound(cn)
    sound(nl)


async def test_a_node_that_starts_two_hours_ahead_is_told_and_goes_on_when_its_clock_is_right(world: World) -> None:
    await world.submit()
    for home, partner in ((world.cn, "NL"), (world.nl, "CN")):
        link = await nodes.link_until(home, partner, lambda link: link.last_reason == "CLOCK_SKEW")
        assert "clock" in link.last_detail
        assert link.issued.receipted == 0
    world.set_clock(0)
    await world.all_arrive()


@pytest.mark.parametrize("ahead", [2 * HOUR, -2 * HOUR, -90, 90], ids=lambda ahead: f"{ahead:+d} s")
async def test_a_clock_that_jumps_while_records_flow_loses_nothing(ahead: int, world: World) -> None:
    await world.submit()
    world.set_clock(ahead)
    for _ in range(5):
        await world.submit()
    if abs(ahead) < HOUR:
        await world.all_arrive()
    else:
        await nodes.link_until(world.nl, "CN", lambda link: link.state != operations.LINK_STATE_OPEN)
    world.set_clock(0)
    await world.submit()
    await world.all_arrive()
