"""Records for these tests: the examples of the kinds, read afresh each time."""

from __future__ import annotations

from google.protobuf import json_format

from gateway.records.templates import example
from mutualrecognition.records.v1.record_pb2 import Record


def example_record(kind: str) -> Record:
    """Read the example of ``kind``."""
    record = Record()
    json_format.Parse(example(kind), record)
    return record
