"""Records whose bytes no faithful encoder makes, or that would hurt who reads them (R-REC-10)."""

from __future__ import annotations

import os

from mock_partners.rogue import wire
from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, goes_on, quarantines
from mock_partners.rogue.link import Link
from mutualrecognition.records.v1.record_pb2 import Record

_UNREADABLE = quarantines("record.unreadable")
_KIB_250 = 250 * 1024


async def _judged(link: Link, record: bytes) -> Heard:
    async with link.open() as session:
        return await session.judged(await session.deliver(record))


@attack("R-JDG-03", _UNREADABLE)
async def no_bytes(link: Link) -> Heard:
    """States nothing at all, in no byte."""
    return await _judged(link, b"")


@attack("R-JDG-03", _UNREADABLE)
async def random_bytes(link: Link) -> Heard:
    """States a kilobyte of chance."""
    return await _judged(link, b"\xff" + os.urandom(1023))


@attack("R-REC-10", _UNREADABLE)
async def cut_short(link: Link) -> Heard:
    """Leaves out the last byte of a record."""
    return await _judged(link, link.record()[:-1])


@attack("R-REC-09 R-REC-10", _UNREADABLE)
async def unknown_kind(link: Link) -> Heard:
    """States a body in a field that no version of the schema has."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.field(wire.HEADER, header) + wire.field(999, body))


@attack("R-REC-10", _UNREADABLE)
async def two_kinds(link: Link) -> Heard:
    """States two bodies of different kinds; which one a reader sees depends on the reader."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(header, body) + wire.field(wire.OUTCOME + 1, b""))


@attack("R-REC-10", _UNREADABLE)
async def issuer_twice(link: Link) -> Heard:
    """States two issuers; readers take the first, the last, or both."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(wire.field(2, b"XY") + header, body))


@attack("R-REC-10", _UNREADABLE)
async def header_twice(link: Link) -> Heard:
    """States the header in two halves, which a reader puts together."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.field(wire.HEADER, wire.field(3, b"XA001")) + wire.whole(header, body))


@attack("R-REC-10", _UNREADABLE)
async def padded_number(link: Link) -> Heard:
    """Writes a number in more bytes than it needs."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(header + wire.tag(13, wire.NUMBER) + b"\x81\x00", body))


@attack("R-REC-10", _UNREADABLE)
async def number_too_wide(link: Link) -> Heard:
    """Writes 2^32 + 1 where 32 bits are read: some readers see 1."""
    header, body = wire.parts(link.record())
    wide = wire.tag(13, wire.NUMBER) + wire.varint(2**32 + 1)
    return await _judged(link, wire.whole(header + wide, body))


@attack("R-REC-10", _UNREADABLE)
async def stated_default(link: Link) -> Heard:
    """States a value that is the default, and therefore never written."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(header + wire.tag(13, wire.NUMBER) + b"\x00", body))


@attack("R-REC-10", _UNREADABLE)
async def wrong_wire_type(link: Link) -> Heard:
    """Writes a text as if it were a number: readers pass over it."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(header + wire.tag(8, wire.NUMBER) + b"\x01", body))


@attack("R-REC-10", _UNREADABLE)
async def invalid_utf8(link: Link) -> Heard:
    """Writes a text that is no UTF-8."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(header, body + wire.field(1, b"\xc0\xaf\xed\xa0\x80")))


@attack("R-REC-10", _UNREADABLE)
async def deep_nesting(link: Link) -> Heard:
    """Nests messages in unknown fields a hundred thousand deep, to overflow the stack of who reads them."""
    header, body = wire.parts(link.record())
    open_group, close_group = wire.tag(999, 3), wire.tag(999, 4)
    deep = open_group * 50_000 + close_group * 50_000
    return await _judged(link, wire.whole(header, body) + deep)


@attack("R-JDG-03", quarantines("repeated.max_items"))
async def giant_list(link: Link) -> Heard:
    """Names twenty thousand containers in one record."""
    record = Record.FromString(link.record())
    record.inspection_outcome.consignment.container_numbers.extend(f"XAXU{n:07}" for n in range(18_000))
    return await _judged(link, record.SerializeToString())


@attack("R-REC-09", goes_on())
async def giant_unknown_field(link: Link) -> Heard:
    """Hides a quarter of a megabyte in a field that no version of the schema has."""
    header, body = wire.parts(link.record())
    return await _judged(link, wire.whole(header, body + wire.field(999, os.urandom(_KIB_250))))
