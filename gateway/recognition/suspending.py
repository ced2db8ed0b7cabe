"""Which suspensions of reliance a basis falls under: every field of a scope that is set must fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.recognition.bases import Basis
from gateway.recognition.facts import Facts, names
from gateway.recognition.question import Required
from mutualrecognition.national.v1.reliance_pb2 import SuspensionScope
from mutualrecognition.records.v1.threat_pb2 import Threat

_THREATS: Final = names(Threat, "THREAT_")


def suspended_by(facts: Facts, basis: Basis, required: Required) -> Iterator[str]:
    """Give the names of the suspensions under which a basis falls for one required check."""
    for each in facts.around.suspended:
        if _fits(each.scope, basis, required, facts.question.itinerary):
            yield each.suspension_id


def _fits(scope: SuspensionScope, basis: Basis, required: Required, itinerary: tuple[str, ...]) -> bool:
    """Hold a basis against a scope. An itinerary that nobody declared may have been any, and falls under it."""
    stated = basis.claim.stated
    return (
        scope.partner in (basis.claim.issuer, stated.partner if stated else "")
        and (not scope.office or (stated is not None and stated.office == scope.office))
        and (not scope.equipment_id or scope.equipment_id in _devices(basis))
        and (not scope.kind or (stated is not None and stated.kind == scope.kind))
        and (not scope.threat or _THREATS.get(scope.threat) == required.threat)
        and all(
            not place or not itinerary or itinerary[end].startswith(place)
            for place, end in ((scope.loaded_at, 0), (scope.discharged_at, -1))
        )
        and (not scope.HasField("done_from") or scope.done_from.seconds <= basis.claim.at)
        and (not scope.HasField("done_until") or basis.claim.at < scope.done_until.seconds)
    )


def _devices(basis: Basis) -> frozenset[str]:
    """Give the equipment of the method that counts; of a control whose method does not, all that it used."""
    if basis.method is not None:
        return frozenset([basis.method.equipment_id])
    stated = basis.claim.stated
    if stated is None or stated.kind != "inspection_outcome":
        return frozenset()
    return frozenset(each.equipment_id for each in stated.body.methods)
