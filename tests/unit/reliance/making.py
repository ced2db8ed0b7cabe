"""Records as the ledger and recalls see them."""

from __future__ import annotations

from typing import Any

from gateway.ports.links import Direction, Standing
from gateway.ports.records import Delivery, StoredRecord
from gateway.views.steps import Saying, read
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.recall_answer_pb2 import RecallFinding
from mutualrecognition.records.v1.recall_pb2 import RECALL_CAUSE_EQUIPMENT_FAULT
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id

HOUR = 3600


def said(number: int, *, issuer: str = "CN", at: int = NOW, supersedes: int | None = None, **body: Any) -> Record:
    record = Record(**body)
    record.header.record_id = record_id(number)
    record.header.issuer = issuer
    record.header.issued_at.seconds = at
    if supersedes is not None:
        record.header.supersedes = record_id(supersedes)
    return record


def stored(record: Record, *, own: str = "NL", partners: tuple[str, ...] = ("CN",), sequence: int = 0) -> StoredRecord:
    """File a record: received when another administration says it, else issued to these partners."""
    received = record.header.issuer != own
    return StoredRecord(
        sequence=sequence or int(record.header.record_id[-4:], 16),
        direction=Direction.RECEIVED if received else Direction.ISSUED,
        record_id=record.header.record_id,
        kind=record.WhichOneof("body") or "",
        record=record.SerializeToString(),
        stored_at=record.header.issued_at.seconds + 1,
        deliveries=tuple(
            Delivery(each, "origin", 0, None, "") for each in ((record.header.issuer,) if received else partners)
        ),
        standing=Standing.ACCEPTED,
        violations=(),
        superseded_by="",
    )


def saying(record: Record) -> Saying:
    return read(stored(record))


def recall(number: int, *records: int, name: str = "R-1", issuer: str = "CN", at: int = NOW, **more: Any) -> Record:
    record = said(number, issuer=issuer, at=at)
    body = record.recall
    body.recall_id, body.cause = name, RECALL_CAUSE_EQUIPMENT_FAULT
    body.record_ids.extend(map(record_id, records))
    body.ack_required_by.seconds = more.get("due", at + HOUR)
    return record


def answer(
    number: int,
    *findings: tuple[str, int],
    name: str = "R-1",
    issuer: str = "NL",
    at: int = NOW + 60,
    complete: bool = False,
) -> Record:
    record = said(number, issuer=issuer, at=at)
    body = record.recall_answer
    body.recall_id, body.complete = name, complete
    body.at.seconds = at
    body.findings.extend(RecallFinding(decision_id=decision, goods_state=state) for decision, state in findings)  # type: ignore[arg-type]
    return record


def standing(number: int, status: int, *, effective: int = NOW, at: int = NOW, supersedes: int | None = None) -> Record:
    record = said(number, at=at, supersedes=supersedes)
    body = record.aeo_status
    body.tin, body.status, body.scope = "CN1234567890", status, aeo.AEO_SCOPE_FULL  # type: ignore[assignment]
    body.effective_at.seconds = effective
    return record
