"""Hellos that must not open a session (section 13)."""

from __future__ import annotations

from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, ends
from mock_partners.rogue.link import Link
from mutualrecognition.federation.v1 import link_pb2 as pb


async def _greeted(link: Link, hello: pb.Hello) -> Heard:
    async with link.connected() as session:
        await session.greet(hello)
        return await session.goes_on()


@attack("R-HEL-01", ends("IDENTITY_MISMATCH"))
async def hello_as_another(link: Link) -> Heard:
    """Says Hello as another administration than the one of its certificate."""
    hello = link.hello()
    setattr(hello, "from", "XY")
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
        await session.send(link.batch())
        return await session.ended()


@attack("R-HEL-02", ends("VERSION_UNSUPPORTED"))
async def unknown_version(link: Link) -> Heard:
    """Speaks only versions of the protocol that do not exist."""
    hello = link.hello()
    hello.versions[:] = [0, 2, 2**32 - 1]
    return await _greeted(link, hello)
