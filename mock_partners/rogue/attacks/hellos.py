"""Hellos that must not open a session, or must open one that is as good as any (section 13)."""

from __future__ import annotations

import os

from mock_partners.rogue import logs
from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, ends, goes_on
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import Key, note
from mutualrecognition.federation.v1 import link_pb2 as pb


async def _greeted(link: Link, hello: pb.Hello) -> Heard:
    """Say this Hello, and then state something honest."""
    async with link.connected() as session:
        await session.greet(hello)
        return await session.goes_on()


def _showing_partners_log(link: Link, size: int, key: Key) -> pb.Hello:
    """Make a Hello that shows the partner's log at this size with a made-up root, signed by this key and receipted."""
    of, own = link.held.origin, link.identity
    text = logs.checkpoint_of(of, size, os.urandom(32))
    receipt = own.receipt.cosignature(f"{own.domain}/receipts", text, link.now())
    hello = link.hello()
    hello.held.checkpoint = note(text, key.line(of, text), receipt)
    return hello


async def _some_history(link: Link) -> None:
    """Have an entry in the log that is receipted."""
    async with link.open() as session:
        await session.deliver()


@attack("R-HEL-01", ends("IDENTITY_MISMATCH"))
async def hello_as_another(link: Link) -> Heard:
    """Says Hello as another administration than the one of its certificate."""
    hello = link.hello()
    setattr(hello, "from", "XY")
    return await _greeted(link, hello)


@attack("R-HEL-01", ends("IDENTITY_MISMATCH"))
async def hello_to_another(link: Link) -> Heard:
    """Says Hello to somebody who is not there."""
    hello = link.hello()
    hello.to = "XY"
    return await _greeted(link, hello)


@attack("R-SES-06", ends("MALFORMED"))
async def hello_twice(link: Link) -> Heard:
    """Says Hello again in an open session."""
    async with link.open() as session:
        await session.say(pb.LinkFrame(hello=link.hello()))
        return await session.goes_on()


@attack("R-SES-06", ends("MALFORMED"))
async def batch_before_hello(link: Link) -> Heard:
    """Sends a batch before any Hello."""
    async with link.connected() as session:
        return await session.answered(link.batch())


@attack("R-SES-06", ends("MALFORMED"))
async def receipt_before_hello(link: Link) -> Heard:
    """Sends a receipt before any Hello."""
    async with link.connected() as session:
        await session.say(pb.LinkFrame(receipt=pb.Receipt(size=1)))
        return await session.over()


@attack("R-SES-06", ends("MALFORMED"))
async def short_session_id(link: Link) -> Heard:
    """Names the session with 15 bytes."""
    hello = link.hello()
    hello.session = hello.session[1:]
    return await _greeted(link, hello)


@attack("R-SES-06 R-CNV-01", ends("MALFORMED"))
async def short_digest(link: Link) -> Heard:
    """Names its descriptor by the first half of the digest."""
    hello = link.hello()
    hello.descriptor.digest = hello.descriptor.digest[:16]
    return await _greeted(link, hello)


@attack("R-HEL-02", ends("VERSION_UNSUPPORTED"))
async def unknown_version(link: Link) -> Heard:
    """Speaks only versions of the protocol that do not exist."""
    hello = link.hello()
    hello.versions[:] = [0, 2, 2**32 - 1]
    return await _greeted(link, hello)


@attack("R-HEL-04", ends("CLOCK_SKEW"))
async def clock_ahead(link: Link) -> Heard:
    """Says Hello with a clock that is 301 s ahead."""
    hello = link.hello()
    hello.time += 301
    return await _greeted(link, hello)


@attack("R-HEL-04 R-CNV-01", ends("CLOCK_SKEW"))
async def time_before_all_time(link: Link) -> Heard:
    """Says Hello with the smallest number that the field can hold."""
    hello = link.hello()
    hello.time = -(2**63)
    return await _greeted(link, hello)


@attack("R-HEL-05", ends("DESCRIPTOR_STALE"))
async def newer_descriptor_than_known(link: Link) -> Heard:
    """Says that it has a descriptor which the partner has never seen."""
    hello = link.hello()
    hello.descriptor.version += 1
    hello.descriptor.digest = os.urandom(32)
    return await _greeted(link, hello)


@attack("R-HEL-05 R-DSC-04", ends("DESCRIPTOR_FORK"))
async def forked_descriptor(link: Link) -> Heard:
    """Says that its descriptor of the known version has another digest."""
    hello = link.hello()
    hello.descriptor.digest = os.urandom(32)
    return await _greeted(link, hello)


@attack("R-HEL-05 R-DSC-04", ends("DESCRIPTOR_FORK"))
async def forks_the_partners_descriptor(link: Link) -> Heard:
    """Says that it holds another descriptor of the partner, of the same version."""
    hello = link.hello()
    hello.descriptor_held.digest = os.urandom(32)
    return await _greeted(link, hello)


@attack("R-HEL-06", ends("AGREEMENT_MISMATCH"))
async def no_common_agreement(link: Link) -> Heard:
    """Names every agreement with another digest."""
    hello = link.hello()
    for each in hello.agreements:
        each.digest = os.urandom(32)
    return await _greeted(link, hello)


@attack("R-HEL-07", ends("SIGNATURE_INVALID"))
async def two_roots_for_one_size(link: Link) -> Heard:
    """Shows its log at the size that is receipted, with another root, and under it the receipt for the true one."""
    await _some_history(link)
    of = link.issued.origin
    text = logs.checkpoint_of(of, link.issued.size, os.urandom(32))
    receipt = link.issued.note.rpartition(b"\n\n")[2].splitlines(keepends=True)[1]
    hello = link.hello()
    hello.issued.checkpoint = note(text, link.identity.log.line(of, text), receipt)
    return await _greeted(link, hello)


@attack("R-HEL-07", ends("SIGNATURE_INVALID"))
async def history_without_receipt(link: Link) -> Heard:
    """Shows a longer log of its own than was ever receipted, under its own signature alone."""
    await _some_history(link)
    hello = link.hello()
    hello.issued.checkpoint = logs.signed(link.issued.origin, [*link.issued.leaves, os.urandom(32)], link.identity.log)
    return await _greeted(link, hello)


@attack("R-HEL-07", ends("SIGNATURE_INVALID"))
async def partners_log_by_own_key(link: Link) -> Heard:
    """Shows the partner's log as longer than it is, signed by itself in the partner's name."""
    return await _greeted(link, _showing_partners_log(link, link.held.size + 7, link.identity.log))


@attack("R-HEL-07", ends("LOG_FORK"))
async def stolen_log_key(link: Link) -> Heard:
    """Shows the partner's log with another root, signed with the partner's own log key, which it has stolen."""
    await _received_one(link)
    return await _greeted(link, _showing_partners_log(link, link.held.size, link.stolen_key))


@attack("R-HEL-07", ends("LOG_ROLLBACK"))
async def stolen_log_key_ahead(link: Link) -> Heard:
    """Shows the partner's log as longer than it is, signed with the partner's stolen log key."""
    return await _greeted(link, _showing_partners_log(link, link.held.size + 7, link.stolen_key))


@attack("R-HEL-07 R-NAM-03", ends("LOG_ROLLBACK"))
async def later_generation_of_the_partner(link: Link) -> Heard:
    """Says that it holds a generation of the partner's log that the partner has never begun."""
    hello = link.hello()
    hello.held.origin = link.held.origin[:-1] + "2"
    hello.held.checkpoint = b""
    return await _greeted(link, hello)


@attack("R-HEL-07 R-RCV-06", ends("LOG_RENEWED"))
async def later_generation_of_its_own(link: Link) -> Heard:
    """Goes on in a new generation of its log that the partner's operator has not accepted."""
    hello = link.hello()
    hello.issued.origin = link.issued.origin[:-1] + "2"
    hello.issued.checkpoint = b""
    return await _greeted(link, hello)


@attack("R-HEL-07", ends("MALFORMED"))
async def origin_of_another_link(link: Link) -> Heard:
    """Shows its log for another partner as the one of this link."""
    hello = link.hello()
    hello.issued.origin = logs.origin(link.identity.domain, "XY")
    hello.issued.checkpoint = b""
    return await _greeted(link, hello)


@attack("R-BAT-02", goes_on())
async def limits_of_nothing(link: Link) -> Heard:
    """Announces that it takes batches of no record and no byte, and no batch at all."""
    hello = link.hello()
    hello.limits.Clear()
    return await _greeted(link, hello)


@attack("R-LIM-03", ends("LIMIT_EXCEEDED"))
async def thousands_of_agreements(link: Link) -> Heard:
    """Names three thousand agreements that nobody knows beside the ones that are."""
    hello = link.hello()
    for number in range(3000):
        hello.agreements.add(id=f"none-{number}", version=1, digest=bytes(32))
    return await _greeted(link, hello)


async def _received_one(link: Link) -> None:
    """Have an entry of the partner's log: it judges what cannot be read."""
    async with link.open() as session:
        await session.judged(await session.deliver())
        await session.goes_on()
