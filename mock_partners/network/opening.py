"""Opens the nodes of some members: what they agreed on, what they are told, and when their links are open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from mock_partners.network.topology import Pair
from mock_partners.staging.agreements import agreement_text
from mock_partners.staging.nodes import Nodes
from mock_partners.staging.script import AgreementUse

AT_A_TIME: Final = 8
"""Nodes that are opened at once: they wait for the disk more than for the processor."""


def agreement_of(pair: Pair) -> str:
    """Write what two members agree on: everything about security and operators, both ways."""
    return agreement_text(AgreementUse(base="security", parties=pair))


async def open_members(nodes: Nodes, members: Iterable[str], pairs: Sequence[Pair]) -> None:
    """Tell each member of its partners and agreements, and open its node; links open by and by."""
    turn = asyncio.Semaphore(AT_A_TIME)
    own: dict[str, list[Pair]] = {}
    for pair in pairs:
        for member in pair:
            own.setdefault(member, []).append(pair)

    async def one(member: str) -> None:
        async with turn:
            await nodes.introduce(((pair, agreement_of(pair)) for pair in own[member]), at=(member,))
            await nodes.start(member)

    async with asyncio.TaskGroup() as group:
        for member in members:
            group.create_task(one(member))
