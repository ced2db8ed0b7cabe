"""CN, whose frames are made by hand, against NL, a real node; and what a refusal has to look like."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.forked import ForkedNode
from tests.processes.hostile_peer import End, HostilePeer

CODE = grpc.StatusCode
SUSPENDING = {"ROOT_MISMATCH", "SIGNATURE_INVALID", "LOG_FORK", "LOG_ROLLBACK", "DESCRIPTOR_FORK"}


@dataclass(frozen=True)
class World:
    node: ForkedNode
    nl: nodes.Home
    peer: HostilePeer


async def must_refuse(world: World, end: End, reason: str, code: grpc.StatusCode) -> None:
    """Goodbye and status say the same reason, and NL's log has it under the session's id."""
    assert (end.goodbye.reason, end.code, end.status_reason) == (reason, code, reason)
    assert end.goodbye.detail
    lines = await nodes.until(lambda: ended_lines(world, end), bool)
    assert [(line["reason"], line["by_peer"]) for line in lines] == [(reason, False)]
    assert [line["reason"] for line in refused_lines(world, end)] == [reason]
    link = await nodes.link_of(world.nl, "CN")
    suspended = link.state == operations.LINK_STATE_SUSPENDED
    assert suspended == (reason in SUSPENDING)
    if suspended:  # else NL dials CN again, in vain, and that is its last reason then
        assert link.last_reason == reason


async def ended_lines(world: World, end: End) -> list[dict]:
    wanted = ("link session ended", "link suspended")
    return [line for line in of_session(world, end) if line["event"] in wanted]


def refused_lines(world: World, end: End) -> list[dict]:
    return [line for line in of_session(world, end) if line["event"] == "call refused"]


def of_session(world: World, end: End) -> list[dict]:
    """Lines of this session; one that never opened is known by the first Hello alone."""
    return [
        line
        for line in world.node.logged()
        if (name := line.get("correlation_id")) and end.correlation_id.startswith(name)
    ]


async def held(world: World) -> int:
    """How many entries NL has stored of CN's log."""
    return (await nodes.link_of(world.nl, "CN")).held.size
