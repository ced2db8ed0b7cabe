"""Too much of what is allowed, and nothing at all: streams, calls, silence (sections 12 and 18)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import grpc

from mock_partners.rogue.attack import attack
from mock_partners.rogue.calls import heard_of
from mock_partners.rogue.heard import Heard, ends, refuses
from mock_partners.rogue.link import Link
from mutualrecognition.federation.v1 import link_pb2 as pb
from mutualrecognition.federation.v1.link_pb2_grpc import FederationServiceStub


@attack("R-LIM-02", refuses("OVERLOADED"))
async def fifth_connection(link: Link) -> Heard:
    """Begins sessions on five connections at once, and says nothing on them."""
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(link.connected()) for _ in range(5)]
        tasks = [asyncio.create_task(each.over()) for each in sessions]
        done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        return next(iter(done)).result()


@attack("R-LIM-02", refuses("OVERLOADED"))
async def storm_of_calls(link: Link) -> Heard:
    """Makes two hundred calls at once on one connection."""
    held = pb.DocumentVersion(version=link.partner.version, digest=link.partner.digest)
    request = pb.GetDocumentsRequest(descriptor_held=held)
    async with link.channel() as channel:
        made = FederationServiceStub(channel).GetDocuments
        answers = await asyncio.gather(*(made(request) for _ in range(200)), return_exceptions=True)
    refused = [heard_of(each) for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    told = [each for each in refused if each.status_reason] or refused  # some the transport may refuse, without a word
    return told[0] if told else Heard(went_on=True)


@attack("R-SES-03", ends("SUPERSEDED"))
async def two_sessions(link: Link) -> Heard:
    """Opens a second session of the link while the first is open."""
    async with link.open() as first, link.open() as second:
        await second.deliver()
        return await first.over()
