"""Rule 8: equivalent. A row of the agreement takes this for the check that is required, its equipment included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.recognition.bases import CONTROL, METHODS, Basis, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.stated import Stated
from gateway.trust.recognition_terms import Equivalence
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_PHYS_PARTIAL


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:
    """Look at the row; unknown is unknown, never enough."""
    is_control = basis.claim.kind is CONTROL
    if basis.row is None or (is_control and basis.method is None):
        pair = {"check": required.check, "threat": required.threat}
        return (fail(Reason.METHOD_NOT_EQUIVALENT, done=_done(basis.claim) or "nothing", **pair),)
    if not is_control:
        return ()
    return [*_equipment(facts, basis), *_extent(basis.row.terms, basis.method)]


def _done(claim: Claim) -> str:
    """Name what a control did; nothing else has methods."""
    if claim.kind is not CONTROL or claim.stated is None:
        return ""
    return ", ".join(sorted({METHODS.get(each.kind, "unknown") for each in claim.stated.body.methods}))


def _extent(terms: Equivalence, method: Any) -> Sequence[Objection]:  # noqa: ANN401  a message
    least = terms.min_percent
    if least is None or method.kind != METHOD_KIND_PHYS_PARTIAL:
        return ()
    if method.HasField("percent") and method.percent >= least:
        return ()
    told = str(method.percent) if method.HasField("percent") else "unknown"
    return (fail(Reason.EQUIPMENT_BELOW_MINIMUM, what="per cent of the packages", told=told, least=str(least)),)


def _equipment(facts: Facts, basis: Basis) -> Sequence[Objection]:
    assert basis.row is not None
    terms, used = basis.row.terms, basis.method
    entry = facts.equipment.get((basis.claim.issuer, used.equipment_id)) if used.equipment_id else None
    objections = list(_service(entry, basis.claim.at)) if entry is not None else []
    if not (terms.min_energy_mev or terms.min_penetration_mm_steel or terms.standard):
        return objections
    if entry is None and used.equipment_id and not used.HasField("xray") and not used.agreement_code:
        what = "entry in the register"
        objections.append(fail(Reason.EQUIPMENT_UNKNOWN, equipment=used.equipment_id, what=what))
    else:
        objections += _minimums(terms, used, [used, entry.body] if entry is not None else [used])
    return objections


def _minimums(terms: Equivalence, used: Any, sources: Sequence[Any]) -> Iterator[Objection]:  # noqa: ANN401  messages
    """Hold what method and register tell of the equipment against what the row demands."""
    for what, least in (("energy_mev", terms.min_energy_mev), ("penetration_mm_steel", terms.min_penetration_mm_steel)):
        if least is not None:
            told = [getattr(each.xray, what) for each in sources if each.HasField("xray") and each.xray.HasField(what)]
            if not told:
                yield fail(Reason.EQUIPMENT_UNKNOWN, equipment=used.equipment_id or "without a name", what=what)
            elif min(told) < least:
                yield fail(Reason.EQUIPMENT_BELOW_MINIMUM, what=what, told=f"{min(told):g}", least=f"{least:g}")
    if terms.standard is not None:
        codes = {each.agreement_code for each in sources if each.agreement_code}
        if not codes:
            yield fail(Reason.EQUIPMENT_UNKNOWN, equipment=used.equipment_id or "without a name", what="standard")
        elif codes != {terms.standard}:
            yield fail(Reason.EQUIPMENT_BELOW_MINIMUM, what="standard", told=" ".join(sorted(codes)),
                       least=terms.standard)  # fmt: skip


def _service(entry: Stated, at: int) -> Iterator[Objection]:
    """Equipment counts while it was in service, and calibrated."""
    body = entry.body
    if body.retired and entry.at <= at:
        yield fail(Reason.EQUIPMENT_UNKNOWN, equipment=body.equipment_id, what="service at that time")
    day = datetime.fromtimestamp(at, UTC).date().isoformat()
    if body.calibrated_until and day > body.calibrated_until:
        yield fail(Reason.EQUIPMENT_BELOW_MINIMUM, what="calibration", told=body.calibrated_until, least=day)
