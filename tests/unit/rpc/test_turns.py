"""A busy link gives way to others, and to nobody when there is nobody."""

from __future__ import annotations

from gateway.rpc.turns import LONGEST_REST, RECENT_SECONDS, SHORTEST_REST, Turns


class World:
    """Time that passes when somebody works, stores or sleeps."""

    def __init__(self) -> None:
        self.at = 100.0
        self.rests: list[float] = []
        self.turns = Turns(lambda: self.at, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.at += seconds

    async def work(self, partner: str, *stretches: float, store: float = 0.0) -> None:
        """One batch: stretches of work, and then the wait for the store."""
        turn = self.turns.of(partner)
        turn.begin()
        for each in stretches:
            self.at += each
            await turn.pause()
        self.at += store
        await turn.stored()


async def test_alone_it_may_have_everything() -> None:
    world = World()
    await world.work("XA", 0.3, 0.3, store=0.1)
    assert world.rests == [0, 0, 0]


async def test_while_others_work_it_rests_after_each_stretch_and_after_the_store_for_as_long_as_they_took() -> None:
    world = World()
    world.turns.moved("CN")
    await world.work("XA", 0.25, 0.125, store=0.0625)
    assert world.rests == [0.25, 0.125, 0.0625]
    world.at += RECENT_SECONDS
    await world.work("XA", 0.25)
    assert world.rests[3:] == [0, 0]


async def test_no_rest_is_longer_than_a_second() -> None:
    world = World()
    turn = world.turns.of("XA")
    world.at += 60
    world.turns.moved("CN")
    await turn.pause()
    assert world.rests == [LONGEST_REST]


async def test_rests_too_short_for_a_timer_are_owed() -> None:
    world = World()
    world.turns.worked("XA", 1)
    world.turns.moved("CN")
    stretch = SHORTEST_REST * 3 / 8
    turn = world.turns.of("XA")
    for _ in range(3):
        world.at += stretch
        await turn.pause()
    assert world.rests[:2] == [0, 0]
    assert round(world.rests[2], 6) == round(3 * stretch, 6)


async def test_of_one_that_floods_and_one_that_moves_a_record_now_and_then_the_first_has_half() -> None:
    world = World()
    at_work = 0.0
    while world.at < 160:
        world.turns.moved("CN")
        await world.work("XA", *[0.001] * 50)
        at_work += 0.05
    assert 0.49 < at_work / 60 < 0.51


async def test_one_that_has_little_to_do_never_rests() -> None:
    world = World()
    for _ in range(100):
        await world.work("XA", 0.02)
        rests = len(world.rests)
        await world.work("CN", 0.0005, store=0.005)
        assert world.rests[rests:] == [0, 0]
