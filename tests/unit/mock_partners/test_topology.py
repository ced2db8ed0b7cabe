"""Who has an agreement with whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_partners.network.topology import NetworkInvalid, neighbours, pairs_of

CODES = [f"{a}{b}" for a in "ABCDEFGH" for b in "ABCDEFGHIJ"]


def reached(pairs: list[tuple[str, str]], start: str) -> set[str]:
    partners = neighbours(pairs)
    seen, waiting = set(), [start]
    while waiting:
        member = waiting.pop()
        if member not in seen:
            seen.add(member)
            waiting += partners.get(member, [])
    return seen


@given(count=st.integers(2, 60), degree=st.integers(1, 12), seed=st.integers(0, 5))
def test_in_a_regular_network_all_have_as_many_partners_and_reach_each_other(
    count: int, degree: int, seed: int
) -> None:
    members = CODES[:count]
    if degree >= count or degree * count % 2 or (degree == 1 and count > 2):
        with pytest.raises(NetworkInvalid, match="cannot have"):
            pairs_of(f"k-regular:{degree}", members, seed=seed)
        return
    pairs = pairs_of(f"k-regular:{degree}", members, seed=seed)
    assert {len(each) for each in neighbours(pairs).values()} == {degree}
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) == count * degree // 2
    assert reached(pairs, members[0]) == set(members)


def test_the_same_seed_draws_the_same_network_and_another_one_another() -> None:
    drawn = [pairs_of("k-regular:6", CODES, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_in_a_mesh_each_has_all_others_and_in_a_star_all_have_the_first() -> None:
    assert len(pairs_of("mesh", CODES[:7])) == 21
    assert pairs_of("star", ["US", "NL", "CN"]) == [("US", "NL"), ("US", "CN")]


def test_regions_are_joined_by_their_first_members() -> None:
    pairs = pairs_of("regions:3", CODES[:7])
    assert {frozenset(pair) for pair in pairs} == {
        *(frozenset(pair) for pair in (("AA", "AB"), ("AA", "AC"), ("AB", "AC"), ("AD", "AE"), ("AD", "AF"))),
        *(frozenset(pair) for pair in (("AE", "AF"), ("AA", "AD"), ("AA", "AG"), ("AD", "AG"))),
    }
    assert reached(pairs_of("regions", CODES), "AA") == set(CODES)


@pytest.mark.parametrize("topology", ["ring", "mesh:3", "star:2", "k-regular", "k-regular:0", "regions:x", ""])
def test_a_topology_that_is_none_is_refused_by_name(topology: str) -> None:
    with pytest.raises(NetworkInvalid, match="is not a topology: mesh, star, regions"):
        pairs_of(topology, CODES[:4])
