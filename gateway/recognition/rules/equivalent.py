"""Rule 8: equivalent. A row of the agreement takes this for the check that is required, its equipment included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.recognition.bases import METHODS, Basis, BasisKind
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.stated import Stated
from gateway.trust.recognition_terms import Equivalence
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_PHYS_PARTIAL


def of_basis(facts: Facts, basis: Basis, required: Required) -> Iterator[Objection]:
    """Look at the row; unknown is unknown, never enough."""
    if basis.row is None or (basis.kind is BasisKind.CONTROL and basis.method is None):
        done = ""
        if basis.kind is BasisKind.CONTROL and basis.stated is not None:
            done = ", ".join(sorted({METHODS.get(each.kind, "unknown") for each in basis.stated.body.methods}))
        yield fail(Reason.METHOD_NOT_EQUIVALENT, done=done or "nothing", check=required.check, threat=required.threat)
        return
    if basis.kind is BasisKind.CONTROL:
        yield from _equipment(facts, basis)
        yield from _extent(basis)


def _extent(basis: Basis) -> Iterator[Objection]:
    assert basis.row is not None
    least = basis.row.terms.min_percent
    if least is None or basis.method.kind != METHOD_KIND_PHYS_PARTIAL:
        return
    if not basis.method.HasField("percent") or basis.method.percent < least:
        told = str(basis.method.percent) if basis.method.HasField("percent") else "unknown"
        yield fail(Reason.EQUIPMENT_BELOW_MINIMUM, what="per cent of the packages", told=told, least=str(least))


def _equipment(facts: Facts, basis: Basis) -> Iterator[Objection]:
    assert basis.row is not None
    terms, used = basis.row.terms, basis.method
    entry = facts.equipment.get((basis.issuer, used.equipment_id)) if used.equipment_id else None
    if entry is not None:
        yield from _service(entry, basis)
    if not (terms.min_energy_mev or terms.min_penetration_mm_steel or terms.standard):
        return
    if entry is None and used.equipment_id and not used.HasField("xray") and not used.agreement_code:
        yield fail(Reason.EQUIPMENT_UNKNOWN, equipment=used.equipment_id, what="entry in the register")
    else:
        yield from _minimums(terms, used, [used, entry.body] if entry is not None else [used])


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


def _service(entry: Stated, basis: Basis) -> Iterator[Objection]:
    """Equipment counts while it was in service, and calibrated."""
    body = entry.body
    if body.retired and entry.at <= basis.at:
        yield fail(Reason.EQUIPMENT_UNKNOWN, equipment=body.equipment_id, what="service at that time")
    day = datetime.fromtimestamp(basis.at, UTC).date().isoformat()
    if body.calibrated_until and day > body.calibrated_until:
        yield fail(Reason.EQUIPMENT_BELOW_MINIMUM, what="calibration", told=body.calibrated_until, least=day)
