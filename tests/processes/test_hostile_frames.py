"""A partner with good credentials that sends frames which it must not: refused by reason, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest

from gateway.linklog.checkpoints import parse_checkpoint, sign_checkpoint
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from tests import nodes
from tests.processes.hostile_peer import End, HostilePeer, changed
from tests.processes.hostile_world import World, held, must_refuse

CODE = grpc.StatusCode


def changed_record(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    entry = frame.batch.entries[0]
    entry.record = changed(entry.record, len(entry.record) // 2)
    return frame


def changed_salt(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    frame.batch.entries[0].salt = changed(frame.batch.entries[0].salt, 0)
    return frame


def swapped_entries(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record(1).SerializeToString(), peer.record(2).SerializeToString())
    first, second = frame.batch.entries
    swapped = pb.LinkFrame()
    swapped.CopyFrom(frame)
    del swapped.batch.entries[:]
    swapped.batch.entries.extend([second, first])
    return swapped


def changed_root(peer: HostilePeer) -> pb.LinkFrame:
    """The root is another one, and it is well signed."""
    frame = peer.batch(peer.record().SerializeToString())
    good = parse_checkpoint(parse_note(frame.batch.checkpoint, CHECKPOINT_LIMITS).text)
    bad = type(good)(good.origin, good.size, changed(good.root, 0))
    frame.batch.checkpoint = sign_checkpoint(bad, peer.log_signers, 0)
    return frame


def changed_signature(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    note = frame.batch.checkpoint
    frame.batch.checkpoint = note[:-8] + (b"A" if note[-8:-7] != b"A" else b"B") + note[-7:]
    return frame


def changed_note_form(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    frame.batch.checkpoint = frame.batch.checkpoint.replace(b"\n\n", b"\n", 1)
    return frame


def signed_with_a_receipt_key(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    checkpoint = parse_checkpoint(parse_note(frame.batch.checkpoint, CHECKPOINT_LIMITS).text)
    frame.batch.checkpoint = sign_checkpoint(checkpoint, peer.receipt_signers, 0)
    return frame


def other_link(peer: HostilePeer) -> pb.LinkFrame:
    return peer.batch(peer.record().SerializeToString(), log="customs.cn.example/links/US/1")


def later_index(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    frame.batch.first += 1
    return frame


def oversize_record(peer: HostilePeer) -> pb.LinkFrame:
    return peer.batch(bytes(256 * 1024 + 1))


def oversize_batch(peer: HostilePeer) -> pb.LinkFrame:
    return peer.batch(*[bytes(240 * 1024)] * 4)


def too_many_entries(peer: HostilePeer) -> pb.LinkFrame:
    return peer.batch(*[b"record"] * 1001)


def short_salt(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    frame.batch.entries[0].salt = frame.batch.entries[0].salt[:15]
    return frame


def erased_entry(peer: HostilePeer) -> pb.LinkFrame:
    frame = peer.batch(peer.record().SerializeToString())
    frame.batch.entries[0].CopyFrom(pb.Entry(commitment=bytes(32)))
    return frame


def receipt_for_nothing(_: HostilePeer) -> pb.LinkFrame:
    return pb.LinkFrame(receipt=pb.Receipt(size=1_000_000, lines=b"x"))


def clock_far_off(_: HostilePeer) -> pb.LinkFrame:
    return pb.LinkFrame(heartbeat=pb.Heartbeat(time=1))


@pytest.mark.parametrize(
    ("make", "reason", "code"),
    [
        (changed_record, "ROOT_MISMATCH", CODE.DATA_LOSS),
        (changed_salt, "ROOT_MISMATCH", CODE.DATA_LOSS),
        (swapped_entries, "ROOT_MISMATCH", CODE.DATA_LOSS),
        (changed_root, "ROOT_MISMATCH", CODE.DATA_LOSS),
        (changed_signature, "SIGNATURE_INVALID", CODE.FAILED_PRECONDITION),
        (signed_with_a_receipt_key, "SIGNATURE_INVALID", CODE.FAILED_PRECONDITION),
        (changed_note_form, "MALFORMED", CODE.INVALID_ARGUMENT),
        (other_link, "MALFORMED", CODE.INVALID_ARGUMENT),
        (short_salt, "MALFORMED", CODE.INVALID_ARGUMENT),
        (erased_entry, "MALFORMED", CODE.INVALID_ARGUMENT),
        (later_index, "OUT_OF_ORDER", CODE.UNAVAILABLE),
        (oversize_record, "LIMIT_EXCEEDED", CODE.RESOURCE_EXHAUSTED),
        (oversize_batch, "LIMIT_EXCEEDED", CODE.RESOURCE_EXHAUSTED),
        (too_many_entries, "LIMIT_EXCEEDED", CODE.RESOURCE_EXHAUSTED),
        (receipt_for_nothing, "MALFORMED", CODE.INVALID_ARGUMENT),
        (clock_far_off, "CLOCK_SKEW", CODE.FAILED_PRECONDITION),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
async def test_a_bad_frame_ends_the_session(
    make: Callable[[HostilePeer], pb.LinkFrame], reason: str, code: grpc.StatusCode, world: World
) -> None:
    before = await held(world)
    async with world.peer.greeted() as session:
        await session.say(make(world.peer))
        end = await session.ended()
    await must_refuse(world, end, reason, code)
    assert await held(world) == before


async def test_what_was_good_before_a_bad_frame_keeps_its_receipt(world: World) -> None:
    before = await held(world)
    async with world.peer.greeted() as session:
        await session.deliver(world.peer.record().SerializeToString())
        await session.say(changed_record(world.peer))
        end = await session.ended()
    await must_refuse(world, end, "ROOT_MISMATCH", CODE.DATA_LOSS)
    assert end.goodbye.evidence, "the note that contradicts its entries is shown"
    assert await held(world) == before + 1


async def test_a_second_batch_for_the_same_index(world: World) -> None:
    before = await held(world)
    async with world.peer.greeted() as session:
        again = world.peer.batch(world.peer.record(2).SerializeToString())
        await session.deliver(world.peer.record(1).SerializeToString())
        await session.say(again)
        end = await session.ended()
    await must_refuse(world, end, "LOG_FORK", CODE.DATA_LOSS)
    assert await held(world) == before + 1


async def test_a_frame_that_the_transport_does_not_take(world: World) -> None:
    """Beyond a frame's 1 MiB and its wrapping nothing is even read; the stream ends, the link may dial again."""
    before = await held(world)
    async with world.peer.greeted() as session:
        await session.say(world.peer.batch(*[bytes(250 * 1024)] * 5))
        end = await session.ended()
    assert end.code is CODE.RESOURCE_EXHAUSTED
    await nodes.until(lambda: dialled_after(world, end), bool)
    assert await held(world) == before
    async with world.peer.greeted() as session:
        await session.deliver(world.peer.record().SerializeToString())


async def dialled_after(world: World, end: End) -> bool:
    """Whether NL has noted the end of this session, and then dialled by itself: nobody listens at CN's port."""
    seen = False
    for line in world.node.logged():
        if line["event"] == "link session ended":
            seen = seen or line["correlation_id"] == end.correlation_id
            if seen and "cannot be reached" in line["detail"]:
                return True
    return False


async def test_another_history_in_hello(world: World) -> None:
    """CN has signed it, and NL holds another one that CN has signed too; that NL never receipted it does not matter."""
    async with world.peer.greeted() as session:
        await session.deliver(world.peer.record().SerializeToString())
    async with world.peer.connected() as session:
        theirs = await session.heard_hello()
        await session.say(another_history(world.peer, world.peer.hello(theirs)))
        end = await session.ended()
    await must_refuse(world, end, "LOG_FORK", CODE.DATA_LOSS)
    assert end.goodbye.evidence


def another_history(peer: HostilePeer, hello: pb.LinkFrame) -> pb.LinkFrame:
    """Another root at the size that NL holds, signed by CN."""
    checkpoint = parse_checkpoint(parse_note(peer.issued.note, CHECKPOINT_LIMITS).text)
    other = type(checkpoint)(checkpoint.origin, checkpoint.size, changed(checkpoint.root, 0))
    hello.hello.issued.checkpoint = sign_checkpoint(other, peer.log_signers, 0)
    return hello


def set_from(hello: pb.Hello) -> None:
    setattr(hello, "from", "US")


def set_to(hello: pb.Hello) -> None:
    hello.to = "US"


def set_version(hello: pb.Hello) -> None:
    hello.versions[:] = [2]


def set_time(hello: pb.Hello) -> None:
    hello.time -= 301


def set_descriptor(hello: pb.Hello) -> None:
    hello.descriptor.digest = bytes(32)


def set_older_descriptor(hello: pb.Hello) -> None:
    hello.descriptor_held.version = 0


def set_agreement(hello: pb.Hello) -> None:
    hello.agreements[0].digest = bytes(32)


def set_session(hello: pb.Hello) -> None:
    hello.session = hello.session[:15]


def set_origin(hello: pb.Hello) -> None:
    hello.issued.origin = "customs.cn.example/links/US/1"


@pytest.mark.parametrize(
    ("spoil", "reason", "code"),
    [
        (set_from, "IDENTITY_MISMATCH", CODE.PERMISSION_DENIED),
        (set_to, "IDENTITY_MISMATCH", CODE.PERMISSION_DENIED),
        (set_version, "VERSION_UNSUPPORTED", CODE.FAILED_PRECONDITION),
        (set_time, "CLOCK_SKEW", CODE.FAILED_PRECONDITION),
        (set_descriptor, "DESCRIPTOR_FORK", CODE.FAILED_PRECONDITION),
        (set_older_descriptor, "DESCRIPTOR_STALE", CODE.FAILED_PRECONDITION),
        (set_agreement, "AGREEMENT_MISMATCH", CODE.FAILED_PRECONDITION),
        (set_session, "MALFORMED", CODE.INVALID_ARGUMENT),
        (set_origin, "MALFORMED", CODE.INVALID_ARGUMENT),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
async def test_a_bad_hello_opens_nothing(
    spoil: Callable[[pb.Hello], None], reason: str, code: grpc.StatusCode, world: World
) -> None:
    async with world.peer.connected() as session:
        hello = world.peer.hello(await session.heard_hello())
        spoil(hello.hello)
        await session.say(hello)
        end = await session.ended()
    await must_refuse(world, end, reason, code)


async def test_a_frame_before_hello(world: World) -> None:
    async with world.peer.connected() as session:
        await session.heard_hello()
        await session.say(world.peer.batch(b"record"))
        end = await session.ended()
    await must_refuse(world, end, "MALFORMED", CODE.INVALID_ARGUMENT)


async def test_three_malformed_sessions_suspend(world: World) -> None:
    for _ in range(3):
        async with world.peer.greeted() as session:
            await session.say(short_salt(world.peer))
            await session.ended()
    await nodes.link_until(world.nl, "CN", lambda link: link.state == operations.LINK_STATE_SUSPENDED)
    async with world.peer.connected() as session:
        end = await session.ended()
    assert (end.code, end.status_reason) == (CODE.PERMISSION_DENIED, "LINK_SUSPENDED")


async def test_honest_frames_get_through(world: World) -> None:
    """What the other tests change is good as long as they do not."""
    record = world.peer.record()
    async with world.peer.greeted() as session:
        await session.deliver(record.SerializeToString())
    usable = await nodes.received(world.nl, 1)
    assert record.header.record_id in {each.record.header.record_id for each in usable}
    assert all(each.standing == national.STANDING_ACCEPTED for each in usable)
