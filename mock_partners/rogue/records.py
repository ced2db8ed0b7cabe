"""Records that the rogue states: sections 4 and A.2 of docs/protocol.md, and docs/records. All of it is made up."""

from __future__ import annotations

import os
import time
import uuid
from typing import Final

from mock_partners.rogue.agreements import Agreement
from mutualrecognition.records.v1.inspection_outcome_pb2 import CONCLUSION_NO_DISCREPANCY
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK, Record

_VERSION_7: Final = 0x7 << 76
_VARIANT: Final = 0x2 << 62


def record_id() -> str:
    """Make a UUIDv7 (R-REC-02): the time in milliseconds, then chance."""
    chance = int.from_bytes(os.urandom(10), "big")
    number = int(time.time() * 1000) << 80 | chance & ~(0xF << 76 | 0x3 << 62) | _VERSION_7 | _VARIANT
    return str(uuid.UUID(int=number))


def outcome(issuer: str, agreement: Agreement, now: int) -> Record:
    """Tell what a control found, in the fields that the agreement releases."""
    record = Record()
    header = record.header
    header.record_id = record_id()
    header.issuer = issuer
    header.agreement_id, header.agreement_version = agreement.id, agreement.version
    header.purpose = PURPOSE_SECURITY_RISK
    header.issued_at.seconds = now
    header.release_profile = "inspection_outcome"
    container = f"XAXU{int.from_bytes(os.urandom(3), 'big') % 10_000_000:07}"
    header.subject.consignment.container_numbers.append(container)
    body = record.inspection_outcome
    body.control_id = f"{issuer}-{header.record_id[-12:]}"
    body.consignment.container_numbers.append(container)
    body.location.locode = f"{issuer}AAA"
    body.started_at.seconds, body.ended_at.seconds = now - 3600, now - 1800
    body.methods.add(kind=METHOD_KIND_NII_XRAY)
    body.conclusion = CONCLUSION_NO_DISCREPANCY
    return record
