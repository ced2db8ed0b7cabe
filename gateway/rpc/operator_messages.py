"""How operators look in the national API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.ports.records import StoredRecord
from gateway.views.operators import HistoryLine, LateNotice, OperatorView
from gateway.views.register import Found, RegisterDigest, Watermark
from mutualrecognition.national.v1 import operators_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

_FATES: Final = {
    "IN_FORCE": pb.STANDING_FATE_IN_FORCE,
    "ENDED": pb.STANDING_FATE_ENDED,
    "TO_COME": pb.STANDING_FATE_TO_COME,
    "CORRECTED": pb.STANDING_FATE_CORRECTED,
    "WITHDRAWN": pb.STANDING_FATE_WITHDRAWN,
}


def operator_standings(found: Found) -> list[pb.OperatorStanding]:
    """Show what is said, each with the statement in force."""
    return [_standing(view, found) for view in found.views]


def watermark(mark: Watermark) -> pb.Watermark:
    """Show up to when a partner was heard."""
    return pb.Watermark(partner=mark.partner, complete_as_of=_time(mark.complete_as_of or None), entries=mark.entries)


def register_digest(digest: RegisterDigest, *, complete: bool) -> pb.GetRegisterDigestResponse:
    """Show a day's digest."""
    return pb.GetRegisterDigestResponse(
        issuer=digest.issuer,
        partner=digest.partner,
        midnight=_time(digest.midnight),
        count=digest.count,
        sha256=digest.sha256,
        complete=complete,
    )


def _standing(view: OperatorView, found: Found) -> pb.OperatorStanding:
    current = view.current
    said = found.records.get((view.issuer, current.record_id)) if current else None
    return pb.OperatorStanding(
        issuer=view.issuer,
        tin=view.tin,
        record_id=current.record_id if current else "",
        standing=Record.FromString(said.record).aeo_status if said else None,
        counts_for_security=view.good,
        reason=view.why,
        history=map(_line, view.history),
        late_notices=[_late(each, found.touched.get((view.issuer, each.record_id), ())) for each in view.late],
        consent_withdrawn_at=_time(view.consent_withdrawn_at),
        purged=view.purged,
        erased=view.erased,
    )


def _line(line: HistoryLine) -> pb.StandingLine:
    said = line.statement
    return pb.StandingLine(
        record_id=said.record_id,
        certificate_number=said.certificate,
        status=said.status,  # type: ignore[arg-type]
        status_reason=said.reason,  # type: ignore[arg-type]
        effective_at=_time(said.effective_at),
        until=_time(line.until),
        fate=_FATES[line.fate],
        by=line.by,
        known_at=_time(said.known_at),
    )


def _late(notice: LateNotice, touched: Sequence[StoredRecord]) -> pb.LateNotice:
    return pb.LateNotice(
        record_id=notice.record_id,
        status=notice.status,  # type: ignore[arg-type]
        effective_at=_time(notice.effective_at),
        known_at=_time(notice.known_at),
        touched=[each.record_id for each in touched],
        touched_issuers=[Record.FromString(each.record).header.issuer for each in touched],
    )


def _time(seconds: int | None) -> Timestamp | None:
    return None if seconds is None else Timestamp(seconds=seconds)
