"""All single-bit changes of a bundle, one by one: none is believed.

The bundle that a node makes has 120 kB, most of it the description of every kind of record with its rules. The same
bundle with the description of its own kind alone is tried here; ``python -m benchmarks.every_bit`` tries a whole one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet
from google.protobuf.message import Message

from gateway.errors import EvidenceInvalid
from gateway.evidence.archive import read_archive, write_archive
from gateway.evidence.bundle import build
from gateway.evidence.verdict import Outcome
from gateway.evidence.verification import verify

if TYPE_CHECKING:
    from .conftest import World

RECORD = "mutualrecognition/records/v1/record.proto"
KEPT = {
    "google/protobuf/timestamp.proto",
    RECORD,
    *(
        f"mutualrecognition/records/v1/{name}.proto"
        for name in ("consignment_ref", "method", "seal", "subject", "inspection_outcome")
    ),
}


def taken(bundle: bytes, digests: frozenset[bytes]) -> list[int]:
    """Flip one bit after the other; gives those after which the bundle was still taken."""
    changed = bytearray(bundle)
    found = []
    for bit in range(len(bundle) * 8):
        changed[bit // 8] ^= 1 << bit % 8
        try:
            verify(bytes(changed), digests)
        except EvidenceInvalid:
            pass
        else:
            found.append(bit)
        changed[bit // 8] ^= 1 << bit % 8
    return found


def without_rules(message: Message) -> None:
    """Drop every option, which is where rules on fields stand."""
    for field, value in message.ListFields():
        if field.name == "options":
            message.ClearField("options")
        elif field.message_type:
            for each in value if field.is_repeated else [value]:
                without_rules(each)


def without_other_kinds(record: DescriptorProto, types: set[str]) -> None:
    kept = [each for each in record.field if not each.type_name or each.type_name in types]
    del record.field[:]
    record.field.extend(kept)


def of_one_kind(schema: bytes) -> bytes:
    """Leave out of a descriptor set what a control and its header do not need."""
    whole = FileDescriptorSet.FromString(schema)
    small = FileDescriptorSet(file=[each for each in whole.file if each.name in KEPT])
    types = {f".{file.package}.{each.name}" for file in small.file for each in (*file.message_type, *file.enum_type)}
    for file in small.file:
        without_rules(file)
        imported = [each for each in file.dependency if each in KEPT]
        del file.dependency[:]
        file.dependency.extend(imported)
        for message in file.message_type if file.name == RECORD else ():
            without_other_kinds(message, types)
    return small.SerializeToString(deterministic=True)


@pytest.mark.long
def test_every_bit_of_a_bundle_counts(world: World) -> None:
    whole = build(world.parts())
    files = read_archive(whole)
    bundle = write_archive({**files, "records.binpb": of_one_kind(files["records.binpb"])})
    assert verify(bundle, world.digests).outcome is Outcome.PROVEN
    assert len(bundle) < len(whole) // 6
    assert taken(bundle, world.digests) == []
