"""Bytes of protobuf messages made by hand, as no library makes them."""

from __future__ import annotations

from typing import Final

from mutualrecognition.records.v1.record_pb2 import Record

LENGTH: Final = 2
"""The wire type of text, bytes and messages."""
NUMBER: Final = 0
"""The wire type of varints."""
HEADER: Final = 1
OUTCOME: Final = Record.DESCRIPTOR.fields_by_name["inspection_outcome"].number


def varint(value: int) -> bytes:
    """Write a number in as few bytes as it needs."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def tag(number: int, kind: int) -> bytes:
    """Begin a field."""
    return varint(number << 3 | kind)


def field(number: int, content: bytes) -> bytes:
    """Write a field of text, bytes or a message."""
    return tag(number, LENGTH) + varint(len(content)) + content


def whole(header: bytes, body: bytes) -> bytes:
    """Write a record of an inspection."""
    return field(HEADER, header) + field(OUTCOME, body)


def parts(record: bytes) -> tuple[bytes, bytes]:
    """Take a record of an inspection apart: its header and its body."""
    read = Record.FromString(record)
    return read.header.SerializeToString(), read.inspection_outcome.SerializeToString()
