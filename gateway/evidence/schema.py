"""Reading a record by the descriptor set that travels with it, without letting that set lie.

``records.binpb`` lets people read the record when this program is long gone. It is not signed, so it is believed
only where it does not contradict the schema of this program: same numbers, same names, same types. It may know
more or less than this program; but it may not hide a field that this program sees.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Final

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from gateway.errors import EvidenceInvalid
from mutualrecognition.records.v1 import record_pb2

MAX_SCHEMA_BYTES: Final = 1024 * 1024
RECORD_TYPE: Final = record_pb2.Record.DESCRIPTOR.full_name


@lru_cache(maxsize=1)
def own_schema() -> bytes:
    """Give this program's descriptor set: the records' files and all that they import, imported ones first."""
    files: dict[str, FileDescriptor] = {}

    def add(file: FileDescriptor) -> None:
        for imported in file.dependencies:
            add(imported)
        files.setdefault(file.name, file)

    add(record_pb2.DESCRIPTOR)
    described = FileDescriptorSet()
    for file in files.values():
        file.CopyToProto(described.file.add())
    return described.SerializeToString(deterministic=True)


def read_record(data: bytes) -> record_pb2.Record:
    """Read a record by this program's own schema, which alone decides what its header says.

    Rules on fields are not checked: a record in quarantine has its evidence too.

    Raises:
        EvidenceInvalid: the bytes are no record.
    """
    record = record_pb2.Record()
    try:
        record.ParseFromString(data)
    except DecodeError:
        raise EvidenceInvalid("The record's bytes cannot be read as a record.") from None
    return record


def render_record(record: bytes, schema: bytes) -> bytes:
    """Write a record as people read it: JSON with the field names of the schema that is handed in.

    Raises:
        EvidenceInvalid: the schema cannot be used, contradicts this program's, or hides a field.
    """
    message_type = _record_type(schema)
    message = GetMessageClass(message_type)()
    try:
        message.ParseFromString(record)
        fields = json_format.MessageToDict(
            message, preserving_proto_field_name=True, descriptor_pool=message_type.file.pool
        )
    except (DecodeError, json_format.Error, ValueError, TypeError, RecursionError):
        raise EvidenceInvalid("The record's bytes cannot be read by records.binpb.") from None
    if _unknown_bytes(message) > _unknown_bytes(read_record(record)):
        raise EvidenceInvalid("records.binpb leaves out fields that stand in the record.")
    return json.dumps(fields, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


@lru_cache(maxsize=8)
def _record_type(schema: bytes) -> Descriptor:
    if len(schema) > MAX_SCHEMA_BYTES:
        raise EvidenceInvalid(f"records.binpb has more than {MAX_SCHEMA_BYTES} bytes.")
    described, pool = FileDescriptorSet(), DescriptorPool()
    try:
        described.ParseFromString(schema)
        for file in described.file:
            pool.AddSerializedFile(file.SerializeToString())
        theirs = pool.FindMessageTypeByName(RECORD_TYPE)
    except (DecodeError, KeyError, TypeError, ValueError):
        raise EvidenceInvalid("records.binpb is no descriptor set of records.") from None
    strange = any(len(UnknownFieldSet(part)) for part in (described, *described.file))
    if strange or described.SerializeToString(deterministic=True) != schema:
        raise EvidenceInvalid("records.binpb is not in its only form.")
    _compare_messages(theirs, record_pb2.Record.DESCRIPTOR, set())
    return theirs


def _compare_messages(theirs: Descriptor, ours: Descriptor, seen: set[str]) -> None:
    if theirs.full_name in seen:
        return
    seen.add(theirs.full_name)
    for field in theirs.fields:
        by_number = ours.fields_by_number.get(field.number)
        by_name = ours.fields_by_name.get(field.name)
        if by_number is None and by_name is None:
            continue  # a field of a newer schema
        if by_number is None or by_number is not by_name or _shape(field) != _shape(by_number):
            raise EvidenceInvalid(f"records.binpb describes {theirs.full_name}.{field.name} otherwise than it is.")
        if field.message_type and by_number.message_type:
            _compare_messages(field.message_type, by_number.message_type, seen)
        if field.enum_type and by_number.enum_type:
            _compare_enums(field.enum_type, by_number.enum_type)


def _compare_enums(theirs: EnumDescriptor, ours: EnumDescriptor) -> None:
    for value in theirs.values:
        by_number = ours.values_by_number.get(value.number)
        by_name = ours.values_by_name.get(value.name)
        if (by_number and by_number.name) != value.name and (by_number is not None or by_name is not None):
            raise EvidenceInvalid(f"records.binpb describes {theirs.full_name}.{value.name} otherwise than it is.")


def _shape(field: FieldDescriptor) -> tuple[object, ...]:
    return (
        field.type,
        field.is_repeated,
        field.has_presence,
        field.message_type.full_name if field.message_type else "",
        field.enum_type.full_name if field.enum_type else "",
        field.containing_oneof.name if field.containing_oneof else "",
    )


def _unknown_bytes(message: Message) -> int:
    whole = message.ByteSize()
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return whole - known.ByteSize()
