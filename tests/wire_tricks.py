"""Bytes of a record that say something in a roundabout way, or say what no record may: one trick each.

A trick takes the kind, the serialized header and the serialized body of a good record, and gives the bytes.
"""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.descriptor import FieldDescriptor

from mutualrecognition.records.v1.record_pb2 import Header, Record

Trick = Callable[[str, bytes, bytes], bytes]

NUMBERS = {field.name: field.number for field in Record.DESCRIPTOR.fields}


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes) -> bytes:
    return tag(number, 2) + varint(len(content)) + content


def parts(record: Record) -> tuple[str, bytes, bytes]:
    """Give the kind, the serialized header and the serialized body of a record."""
    kind = str(record.WhichOneof("body"))
    return kind, record.header.SerializeToString(), getattr(record, kind).SerializeToString()


def whole(kind: str, header: bytes, body: bytes) -> bytes:
    return field(NUMBERS["header"], header) + field(NUMBERS[kind], body)


UNREADABLE: dict[str, Trick] = {
    "header twice": lambda kind, header, body: field(1, header) + whole(kind, header, body),
    "issuer twice": lambda kind, header, body: whole(kind, field(2, b"XA") + header, body),
    "enum of 2^32 + 1": lambda kind, header, body: whole(kind, header + tag(13, 0) + varint(2**32 + 1), body),
    "varint padded": lambda kind, header, body: whole(kind, header + tag(13, 0) + b"\x81\x00", body),
    "zero stated": lambda kind, header, body: whole(kind, header + tag(13, 0) + b"\x00", body),
    "issued_at as a number": lambda kind, header, body: whole(kind, header + tag(11, 0) + b"\x01", body),
    "supersedes as a number": lambda kind, header, body: whole(kind, header + tag(8, 0) + b"\x01", body),
    "body as a number": lambda kind, header, body: whole(kind, header, body) + tag(NUMBERS[kind], 0) + b"\x01",
    "invalid UTF-8": lambda kind, header, body: whole(kind, header + field(14, b"\xff\xfe"), body),
    "truncated": lambda kind, header, body: whole(kind, header, body)[:-1],
    "another kind behind": lambda kind, header, body: (
        whole(kind, header, body) + field(NUMBERS["judgement" if kind != "judgement" else "recall"], b"")
    ),
}
"""Bytes that no faithful encoder makes: refused before anybody looks at what they say."""


def with_office(header: bytes, office: str) -> bytes:
    changed = Header.FromString(header)
    changed.issuing_office = office
    return changed.SerializeToString()


def unknown_enum(kind: str, header: bytes, body: bytes) -> bytes:
    """Set the first enum of the body to a value of a newer version; where the body has none, that of the header."""
    enum = next((each for each in _fields_of(kind) if each.enum_type is not None and not each.is_repeated), None)
    if enum is None:
        return whole(kind, header + tag(13, 0) + varint(77), body)
    record = Record.FromString(whole(kind, header, body))
    getattr(record, kind).ClearField(enum.name)
    return whole(kind, header, getattr(record, kind).SerializeToString() + tag(enum.number, 0) + varint(77))


def empties(kind: str, header: bytes, body: bytes, *, size: int = 200_000) -> bytes:
    """Fill the body's first list of messages with empty ones; where it has none, the documents of its subject."""
    many = next((each for each in _fields_of(kind) if each.is_repeated and each.message_type is not None), None)
    if many is None:
        changed = Header.FromString(header)
        changed.ClearField("subject")
        subject = field(2, field(2, b"") * (size // 2))
        return whole(kind, changed.SerializeToString() + field(7, subject), body)
    element = tag(many.number, 2) + b"\x00"
    return whole(kind, header, body + element * (size // len(element)))


def _fields_of(kind: str) -> list[FieldDescriptor]:
    body = Record.DESCRIPTOR.fields_by_name[kind].message_type
    assert body is not None
    return list(body.fields)


BREAKING: dict[str, Trick] = {
    "NUL in text": lambda kind, header, body: whole(kind, with_office(header, "a\0b"), body),
    "text turned around": lambda kind, header, body: whole(kind, with_office(header, "a\u202eb"), body),
    "an isolate in text": lambda kind, header, body: whole(kind, with_office(header, "a\u2067b"), body),
    "an unknown enum value": unknown_enum,
    "empty messages in great number": empties,
}
"""Bytes that can be read and say what no record may say."""
