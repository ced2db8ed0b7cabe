"""A record of the largest size that breaks the rules in as many places as it has room for: how much is done about it.

Nothing else runs while one record is read and judged. What is counted is Python's own calls: they are the same on every
machine. A record has room for 130,000 items, so whoever looks at each of them makes more calls than that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from gateway.exchange.arrival import stretches
from gateway.exchange.judging import Course, Judge, Past
from gateway.linklog.hashing import commitment
from gateway.ports.links import Entry, Standing
from gateway.records import MAX_RECORD_BYTES
from gateway.stores.sqlite.filing import numbers_under
from mutualrecognition.records.v1.record_pb2 import Record

MOST_CALLS = 50_000
"""A record with fields that are not known costs most: each of up to 10,100 messages in it is looked at."""
LISTS = (
    "consignment_data.goods",
    "consignment_data.goods.container_numbers",
    "consignment_data.consignment.transport_documents",
    "control_request.methods_wanted",
    "alert.house_documents",
    "identifier_mapping.local_ids",
    "recall_answer.findings.checks_done",
    "screening_result.assessments",
)
_UNKNOWN = b"\xfa\xff\xff\xff\x0f\x00"


@pytest.mark.long
@pytest.mark.parametrize("unknown", [b"", _UNKNOWN], ids=["known", "with an unknown field"])
@pytest.mark.parametrize("path", LISTS)
def test_no_record_keeps_the_others_waiting(path: str, unknown: bytes) -> None:
    entry = Entry(bytes(16), _full(path.split(".")) + unknown)
    judge = Judge(issuer="CN", covers=lambda *_: None)

    def take() -> Standing:
        (judged,) = judge.judge([entry], [commitment(*_parts(entry))], judge.read([entry]), Course.after(Past()), 0)
        numbers_under(judged)
        return judged.standing

    assert list(stretches([entry] * 2)) == [slice(0, 1), slice(1, 2)]
    calls, standing = _counted(take)
    assert standing is Standing.QUARANTINED
    assert calls < MOST_CALLS


def _parts(entry: Entry) -> tuple[bytes, bytes]:
    return entry.salt, entry.record


def _full(path: list[str]) -> bytes:
    """Write a record that has nothing but this list, with as many empty items as there is room for."""
    fields: list[FieldDescriptor] = []
    descriptor = Record.DESCRIPTOR
    for name in path:
        fields.append(descriptor.fields_by_name[name])
        descriptor = fields[-1].message_type
    room = MAX_RECORD_BYTES - 64
    last = fields[-1]
    is_packed = last.message_type is None and last.type != FieldDescriptor.TYPE_STRING
    written = _field(last, b"\x01" * room) if is_packed else _field(last, b"") * (room // len(_field(last, b"")))
    for each in reversed(fields[:-1]):
        written = _field(each, written)
    return written


def _field(field: FieldDescriptor, content: bytes) -> bytes:
    return _number(field.number << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    low = [value >> shift & 0x7F for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([*(each | 0x80 for each in low[:-1]), low[-1]])


def _counted(work: Callable[[], Any]) -> tuple[int, Any]:
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        found = work()
    finally:
        sys.setprofile(None)
    return calls, found
