"""A partner that signs receipts which do not hold: the session ends, and nothing counts as delivered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import grpc
import pytest

from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes
from tests.processes.hostile_peer import Session
from tests.processes.hostile_world import World, must_refuse

CODE = grpc.StatusCode


async def bad_receipt(
    world: World, make: Callable[[Session, pb.Batch], Awaitable[bytes] | bytes], reason: str, code: grpc.StatusCode
) -> None:
    """NL issues a record, and gets a receipt that does not hold."""
    await nodes.submit(world.nl, fresh(world))
    async with world.peer.greeted() as session:
        batch = (await session.heard("batch", receipt=False)).batch
        size = batch.first + len(batch.entries)
        await session.say(pb.LinkFrame(receipt=pb.Receipt(size=size, lines=make(session, batch))))
        end = await session.ended()
    await must_refuse(world, end, reason, code)
    link = await nodes.link_of(world.nl, "CN")
    assert link.issued.receipted < link.issued.size


def fresh(world: World) -> list[national.Submission]:
    (made,) = nodes.submissions("NL", 1)
    made.request_id = f"fresh-{len(world.node.logged())}"
    return [made]


def changed_line(session: Session, batch: pb.Batch) -> bytes:
    lines = session.lines(batch)
    return lines[:-8] + (b"A" if lines[-8:-7] != b"A" else b"B") + lines[-7:]


def issuers_own_line(_: Session, batch: pb.Batch) -> bytes:
    return batch.checkpoint.partition(b"\n\n")[2]


def no_line(_session: Session, _batch: pb.Batch) -> bytes:
    return b""


def time_far_off(session: Session, batch: pb.Batch) -> bytes:
    return session.lines(batch, seconds=1000)


@pytest.mark.parametrize(
    ("make", "reason", "code"),
    [
        (changed_line, "SIGNATURE_INVALID", CODE.FAILED_PRECONDITION),
        (issuers_own_line, "SIGNATURE_INVALID", CODE.FAILED_PRECONDITION),
        (no_line, "SIGNATURE_INVALID", CODE.FAILED_PRECONDITION),
        (time_far_off, "CLOCK_SKEW", CODE.FAILED_PRECONDITION),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
async def test_a_bad_receipt_ends_the_session(
    make: Callable[[Session, pb.Batch], bytes], reason: str, code: grpc.StatusCode, world: World
) -> None:
    await bad_receipt(world, make, reason, code)
