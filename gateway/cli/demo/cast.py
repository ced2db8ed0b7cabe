"""The records that the story tells of one by one; all of them made up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format

from gateway.cli.submission_files import Placed, read_submissions
from gateway.clocks.system import SystemRandomness
from mutualrecognition.national.v1 import records_service_pb2 as pb

SHIPPED: Final = Path(__file__).parent / "records.jsonl"
_CONTAINER: Final = "MSKU3841906"
_RANDOMNESS: Final = SystemRandomness()


def shipped_records() -> dict[str, list[Placed]]:
    """Read the records that come with the demo, by who states them."""
    with SHIPPED.open(encoding="utf-8") as source:
        return by_issuer(read_submissions(source, _RANDOMNESS.record_id))


def records_in(file: Path) -> dict[str, list[Placed]]:
    """Read generated records, by who states them."""
    with file.open(encoding="utf-8") as source:
        return by_issuer(read_submissions(source, _RANDOMNESS.record_id))


def by_issuer(placed: Iterable[Placed]) -> dict[str, list[Placed]]:
    """Sort submissions by the issuer in their header."""
    found: dict[str, list[Placed]] = {}
    for each in placed:
        found.setdefault(each.submission.record.header.issuer, []).append(each)
    return found


def suspended_operator() -> pb.Submission:
    """CN suspends an operator: benefits abroad must end at once."""
    tin = "CN4403120087"
    return _submission(
        {
            "header": {"purpose": "PURPOSE_AEO_BENEFIT", "subject": {"operator": {"tin": tin}}},
            "aeo_status": {
                "tin": tin,
                "certificate_number": "CNAEO120087",
                "legal_name": "Example Trading Q7X2 (made up)",
                "roles": ["AEO_ROLE_EXPORTER"],
                "programme": "AEO Advanced Certified Enterprise",
                "scope": "AEO_SCOPE_FULL",
                "status": "AEO_STATE_SUSPENDED",
                "status_reason": "AEO_REASON_UNDER_INVESTIGATION",
                "effective_at": _now(),
            },
        },
        priority=pb.PRIORITY_URGENT,
    )


def control_with_everything() -> pb.Submission:
    """CN states a control with its equipment, officer and image, of which each partner gets what was agreed."""
    return _submission(
        {
            "header": _header(),
            "inspection_outcome": {
                **_control("CNYTN-2026-900001", "CNYTN"),
                "methods": [
                    {
                        "kind": "METHOD_KIND_NII_XRAY",
                        "standard": "IEC 62523",
                        "equipment_id": "CNYTN-XRAY-2",
                        "xray": {"energy_mev": 6.0, "energy_mode": "ENERGY_MODE_DUAL", "penetration_mm_steel": 320},
                    }
                ],
                "officer_ref": "officer-7741",
            },
        }
    )


def control_for_a_stranger() -> pb.Submission:
    """NL states a control for US, with whom it has no agreement."""
    outcome = {**_control("NLRTM-2026-900001", "NLRTM"), "methods": [{"kind": "METHOD_KIND_PHYS_TAILGATE"}]}
    submission = _submission({"header": _header(), "inspection_outcome": outcome})
    submission.recipients.append("US")
    return submission


def _control(control_id: str, locode: str) -> dict[str, Any]:
    return {
        "control_id": control_id,
        "consignment": {"ucr": "6CN1234567890PO44712", "container_numbers": [_CONTAINER]},
        "location": {"locode": locode},
        "ended_at": _now(),
        "conclusion": "CONCLUSION_NO_DISCREPANCY",
        "coverage": {"extent": "COVERAGE_EXTENT_WHOLE_CONTAINER"},
    }


def _header() -> dict[str, Any]:
    return {
        "purpose": "PURPOSE_SECURITY_RISK",
        "subject": {"consignment": {"container_numbers": [_CONTAINER]}},
    }


def _submission(record: dict[str, Any], *, priority: pb.Priority.ValueType = pb.PRIORITY_UNSPECIFIED) -> pb.Submission:
    submission = pb.Submission(request_id=_RANDOMNESS.record_id(), priority=priority)
    json_format.Parse(json.dumps(record), submission.record)
    return submission


def _now() -> str:
    return datetime.fromtimestamp(int(time.time()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
