"""What is measured with: outcomes of controls of exactly 1 KiB as they cross the link, and one record of each kind."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format

from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

RECORD_BYTES: Final = 1024
MESSAGE_RECORDS: Final = 500
"""Submissions in one message, as the command ``submit`` sends them."""

_VECTORS: Final = Path(__file__).parents[1] / "tests" / "vectors" / "records"
_CONTAINERS: Final = ("MSKU3841906", "CSQU3054383")
_OUTCOME: Final[dict[str, Any]] = {
    "consignment": {
        "ucr": "6NL1234567890PO44712",
        "transport_documents": [
            {"issuer": "MAEU", "number": "MAEU240117845", "level": "DOCUMENT_LEVEL_MASTER", "type": "N705"},
            {"issuer": "MAEU", "number": "HLX2401178451", "level": "DOCUMENT_LEVEL_HOUSE", "type": "N714"},
        ],
        "container_numbers": _CONTAINERS,
        "voyage": {"imo": "9074729", "reference": "426W", "mode": "TRANSPORT_MODE_SEA"},
    },
    "location": {"locode": "NLRTM", "name": "Scan lane 3"},
    "started_at": "2026-11-20T08:10:00Z",
    "ended_at": "2026-11-20T08:40:00Z",
    "reason": "CONTROL_REASON_OWN_SELECTION",
    "methods": [
        {
            "kind": "METHOD_KIND_NII_XRAY",
            "standard": "IEC 62523",
            "equipment_id": "NL-RTM-XR-07",
            "xray": {"energy_mev": 6, "energy_mode": "ENERGY_MODE_DUAL", "penetration_mm_steel": 300},
        },
        {"kind": "METHOD_KIND_RAD_RPM", "equipment_id": "NL-RTM-RP-02", "radiation": {"alarm": "RADIATION_ALARM_NONE"}},
    ],
    "conclusion": "CONCLUSION_DISCREPANCY",
    "discrepancies": [
        {
            "discrepancy_class": "DISCREPANCY_CLASS_QUANTITY",
            "item": 1,
            "declared": "480 cartons",
            "found": "472 cartons",
        }
    ],
    "seals_before": [
        {"number": f"NL00478{at}", "seal_class": "SEAL_CLASS_HIGH_SECURITY", "container_number": container}
        for at, container in enumerate(_CONTAINERS)
    ],
    "seals_after": [
        {"number": f"NL00479{at}", "seal_class": "SEAL_CLASS_HIGH_SECURITY", "container_number": container}
        for at, container in enumerate(_CONTAINERS)
    ],
    "evidence": [
        {"sha256": b64encode(bytes(range(at, at + 32))).decode(), "media_type": "image/png", "size": 1_480_000}
        for at in range(2)
    ],
    "officer_ref": "officer-7741",
    "coverage": {"extent": "COVERAGE_EXTENT_PARTIAL", "percent": 20},
}
_HEADER: Final[dict[str, Any]] = {
    "issuing_office": "5316",
    "purpose": "PURPOSE_SECURITY_RISK",
    "subject": {"consignment": {"container_numbers": ["MSKU3841906"]}},
    "issued_at": "2026-11-20T10:00:00Z",
}
_FILLED_IN: Final = {
    "record_id": "0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0003",
    "issuer": "NL",
    "agreement_id": "cn-nl-security",
    "agreement_version": 1,
}
"""What the gateway adds to the header, with the agreement that the project ships."""


_LETTERS: Final = cycle("; one pallet stood turned around, its labels to the wall, and was counted by hand")


class Samples:
    """Records of 1 KiB that NL states to CN; each has its own control and container, none comes twice."""

    def __init__(self) -> None:
        self._made = 0
        self._pattern = json_format.ParseDict({"header": _HEADER, "inspection_outcome": _OUTCOME}, Record())
        self._pattern.inspection_outcome.control_id = _control_id(0)
        found = self._pattern.inspection_outcome.discrepancies[0]
        while self.completed().ByteSize() < RECORD_BYTES:
            found.found += next(_LETTERS)

    def completed(self) -> Record:
        """Give such a record as the gateway completes it."""
        record = Record()
        record.CopyFrom(self._pattern)
        json_format.ParseDict(_FILLED_IN, record.header)
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
