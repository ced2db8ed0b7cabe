"""Calls that are not the rogue's to make, and bytes that are no frame (sections 11, 12 and 18)."""

from __future__ import annotations

import grpc

from mock_partners.rogue.attack import attack
from mock_partners.rogue.calls import SERVICE, call, raw_session
from mock_partners.rogue.certificates import Leaf
from mock_partners.rogue.heard import Heard, ends, goes_on, refuses, refuses_with, turns_away
from mock_partners.rogue.link import Link
from mutualrecognition.federation.v1 import link_pb2 as pb

_NATIONAL = "/mutualrecognition.national.v1.RecordsService/ListRecords"
_OPERATIONS = "/mutualrecognition.operations.v1.LinksService/ResumeLink"
_REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
_MIB = 1024 * 1024


@attack("R-SES-01", refuses_with("UNIMPLEMENTED"))
async def calls_the_national_door(link: Link) -> Heard:
    """Asks the peer port for the records that only national systems may read."""
    heard, _ = await call(link, _NATIONAL, b"")
    return heard


@attack("R-SES-01", refuses_with("UNIMPLEMENTED"))
async def calls_the_operators_door(link: Link) -> Heard:
    """Asks the peer port to resume its link, as the operator would."""
    heard, _ = await call(link, _OPERATIONS, b"\x0a\x02" + link.identity.administration.encode())
    return heard


@attack("R-SES-01", refuses_with("UNIMPLEMENTED"))
async def asks_what_there_is(link: Link) -> Heard:
    """Asks the peer port by reflection which services there are."""
    heard, _ = await call(link, _REFLECTION, b"")
    return heard


@attack("R-TLS-08", turns_away())
async def stranger_asks_what_there_is(link: Link) -> Heard:
    """Asks, as an administration that the gateway does not know, for a method that there is not."""
    stranger = link.identity.authority.issue(Leaf.of("customs.nowhere.example"))
    heard, _ = await call(link, _NATIONAL, b"", credential=stranger)
    return heard


@attack("R-TLS-06", turns_away())
async def stranger_asks_for_health(link: Link) -> Heard:
    """Asks, as an administration that the gateway does not know, whether the gateway is well."""
    stranger = link.identity.authority.issue(Leaf.of("customs.nowhere.example"))
    heard, _ = await call(link, "/grpc.health.v1.Health/Check", b"", credential=stranger)
    return heard


@attack("R-TLS-08", turns_away())
async def stranger_sends_junk(link: Link) -> Heard:
    """Asks, as an administration that the gateway does not know, with bytes that no parser takes for a request."""
    stranger = link.identity.authority.issue(Leaf.of("customs.nowhere.example"))
    heard, _ = await call(link, f"{SERVICE}GetDocuments", b"\xff" * 64, credential=stranger)
    return heard


# --- frames that are none -------------------------------------------------------------------------------------


@attack("R-SES-06", goes_on())
async def frames_of_nothing(link: Link) -> Heard:
    """Sends a hundred frames without a byte in an open session."""
    async with link.open() as session:
        for _ in range(100):
            await session.say(pb.LinkFrame())
        return await session.goes_on()


@attack("R-SES-06", goes_on())
async def frames_of_the_future(link: Link) -> Heard:
    """Sends frames of a kind that no version has, in an open session."""
    async with link.open() as session:
        for _ in range(10):
            await session.say(pb.LinkFrame.FromString(b"\xfa\x3e\x02\x08\x01"))
        return await session.goes_on()


@attack("R-SES-11", ends("CLOCK_SKEW"))
async def heartbeat_of_yesterday(link: Link) -> Heard:
    """Says in a heartbeat that its clock is a day behind."""
    async with link.open() as session:
        await session.say(pb.LinkFrame(heartbeat=pb.Heartbeat(time=link.now() - 86_400)))
        return await session.goes_on()


@attack("R-END-03 R-END-06", goes_on())
async def goodbye_for_a_made_up_reason(link: Link) -> Heard:
    """Says Goodbye for a reason that does not exist, with a sentence of half a megabyte."""
    async with link.open() as session:
        detail = "\u202e\x1b[2J" + "a" * (_MIB // 2)
        await session.say(pb.LinkFrame(goodbye=pb.Goodbye(reason="\x1b[31mSURRENDER", detail=detail)))
        await session.over()
    async with link.open() as session:
        return await session.goes_on()


@attack("R-SES-12", ends("MALFORMED"))
async def bytes_that_are_no_frame(link: Link) -> Heard:
    """Sends a message that no parser takes for a frame, in an open session."""
    return await raw_session(link, b"\xff" * 64)


@attack("R-SES-12", ends("MALFORMED"))
async def text_that_is_no_text(link: Link) -> Heard:
    """Sends a Goodbye whose reason is no UTF-8, in an open session."""
    return await raw_session(link, b"\x2a\x04\x0a\x02\xff\xfe")


@attack("R-DOC-07", refuses("MALFORMED"))
async def bytes_that_are_no_request(link: Link) -> Heard:
    """Asks for entries with bytes that no parser takes for a request."""
    heard, _ = await call(link, f"{SERVICE}GetEntries", b"\xff" * 64)
    return heard


# --- sizes ----------------------------------------------------------------------------------------------------


@attack("R-REC-01", ends("LIMIT_EXCEEDED"))
async def oversize_record(link: Link) -> Heard:
    """Sends a record of one byte more than 256 KiB, alone."""
    async with link.open() as session:
        return await session.answered(link.batch(bytes(256 * 1024 + 1)))


@attack("R-BAT-02", ends("LIMIT_EXCEEDED"))
async def oversize_batch(link: Link) -> Heard:
    """Sends a batch of more bytes than the partner takes, of four records."""
    async with link.open() as session:
        return await session.answered(link.batch(*[bytes(240 * 1024)] * 4))


@attack("R-BAT-02", ends("LIMIT_EXCEEDED"))
async def too_many_entries(link: Link) -> Heard:
    """Sends a batch of one record more than the partner takes."""
    async with link.open() as session:
        return await session.answered(link.batch(*[b"x"] * (session.theirs.limits.batch_records + 1)))


@attack("R-BAT-04", refuses_with("RESOURCE_EXHAUSTED"))
async def oversize_frame(link: Link) -> Heard:
    """Sends a frame of 5 MiB."""
    async with link.open() as session:
        return await session.answered(link.batch(*[bytes(250 * 1024)] * 20))


@attack("R-LIM-04", refuses_with("RESOURCE_EXHAUSTED"))
async def compression_bomb(link: Link) -> Heard:
    """Sends a frame of 8 MiB of zeros, which gzip makes 8 KiB of."""
    async with link.connected(compression=grpc.Compression.Gzip) as session:
        await session.greet()
        return await session.answered(pb.Batch(first=link.issued.size, checkpoint=bytes(8 * _MIB)))
