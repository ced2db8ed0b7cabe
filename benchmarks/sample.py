"""What is measured with: the shipped example filled up to 1 KiB as it crosses the link, and one record of each kind."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Final

from google.protobuf import json_format

from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1.record_pb2 import Header, Record

RECORD_BYTES: Final = 1024
MESSAGE_RECORDS: Final = 500
"""Submissions in one message, as the command ``submit`` sends them."""

_ROOT: Final = Path(__file__).parents[1]
_EXAMPLE: Final = _ROOT / "docs" / "examples" / "record.json"
_VECTORS: Final = _ROOT / "tests" / "vectors" / "records"
_FILLED_IN: Final = Header(
    record_id="0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0003",
    issuer="NL",
    agreement_id="cn-nl-security",
    agreement_version=1,
)
"""What the gateway adds to the header, with the agreement that the project ships; and the time, where there is none."""

_FILLING: Final = "one pallet stood turned around, its labels to the wall, and was counted by hand; "
_DISCREPANCIES: Final = (
    ("480 cartons", outcomes.DISCREPANCY_CLASS_QUANTITY),
    ("9,120 kg", outcomes.DISCREPANCY_CLASS_WEIGHT),
)


class Samples:
    """Records of 1 KiB that NL states to CN; each has its own control and container, none comes twice."""

    def __init__(self) -> None:
        self._made = 0
        self._pattern = json_format.Parse(_EXAMPLE.read_text("utf-8"), Record())
        self._pattern.header.issued_at.seconds = self._pattern.inspection_outcome.ended_at.seconds
        outcome = self._pattern.inspection_outcome
        outcome.control_id = _control_id(0)
        outcome.conclusion = outcomes.CONCLUSION_DISCREPANCY
        for declared, differs in _DISCREPANCIES:
            outcome.discrepancies.add(declared=declared, discrepancy_class=differs)
        filled = cycle([(differing, cycle(_FILLING)) for differing in outcome.discrepancies])
        while self.completed().ByteSize() < RECORD_BYTES:
            differing, letters = next(filled)
            differing.found += next(letters)

    def completed(self) -> Record:
        """Give such a record as the gateway completes it."""
        record = Record()
        record.CopyFrom(self._pattern)
        record.header.MergeFrom(_FILLED_IN)
        return record

    def submission(self) -> pb.Submission:
        """Give the next submission."""
        self._made += 1
        submission = pb.Submission(request_id=f"bench-{self._made:012}", record=self._pattern)
        outcome = submission.record.inspection_outcome
        outcome.control_id = _control_id(self._made)
        container = f"MSCU{self._made % 10**7:07}"
        outcome.consignment.container_numbers[0] = container
        submission.record.header.subject.consignment.container_numbers[0] = container
        return submission

    def messages(self, records: int) -> list[pb.StreamRecordsRequest]:
        """Give ``records`` submissions as messages of a StreamRecords call."""
        return [
            pb.StreamRecordsRequest(submissions=[self.submission() for _ in range(count)]) for count in _counts(records)
        ]


def one_of_each_kind() -> dict[str, bytes]:
    """Give the good record of each kind from the test vectors, by kind."""
    files = [file for file in sorted(_VECTORS.glob("*.json")) if file.stem != "header"]
    return {file.stem: b64decode(json.loads(file.read_text("utf-8"))["good"]["bytes"]) for file in files}


def _control_id(number: int) -> str:
    return f"NLRTM-2026-{number:08}"


def _counts(records: int) -> Iterator[int]:
    while records > 0:
        yield min(records, MESSAGE_RECORDS)
        records -= MESSAGE_RECORDS
