"""Rule 9: custody and route. Sealed afterwards, the chain of seals unbroken, the way as declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.recognition.bases import AEO, CONTROL, Basis, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.policy import is_strong_enough
from gateway.recognition.question import Required
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail, leave_open
from gateway.recognition.seals import (
    Chain,
    chain_after_control,
    chain_of_journey,
    compare_declared,
    look_at_arrival,
)
from mutualrecognition.records.v1 import movement_event_pb2 as movement
from mutualrecognition.records.v1.seal_event_pb2 import (
    SEAL_EVENT_TYPE_AFFIXED,
    SEAL_EVENT_TYPE_VERIFIED_INTACT,
)

_STOPS: Final = frozenset(
    {movement.MOVEMENT_TYPE_LOADED, movement.MOVEMENT_TYPE_DEPARTED, movement.MOVEMENT_TYPE_ARRIVED}
)


def of_basis(facts: Facts, basis: Basis, required: Required) -> Sequence[Objection]:  # noqa: ARG001
    """Say once for all checks for which a claim needs the same seal."""
    key = ("custody", basis.claim, basis.seal)
    found: Sequence[Objection] | None = facts.worked_out.get(key)
    if found is None:
        found = facts.worked_out[key] = _custody(facts, basis.claim, basis.seal)
    return found


def _custody(facts: Facts, claim: Claim, seal: str | None) -> Sequence[Objection]:
    """Follow each container of the question, then the way. Goods without a container bear no seal."""
    objections: list[Objection] = []
    sealed = bool(facts.question.containers)
    for container in sorted(facts.question.containers):
        chain = _chain(facts, claim, container)
        objections += _seals(facts, claim, seal, chain, container)
        sealed = sealed and bool(chain.seals) and not chain.problems
    if facts.question.itinerary:
        objections += _route(facts, since=claim.at if claim.kind is not AEO else facts.began_at)
        if not sealed and (claim.kind is CONTROL or seal is not None):
            objections += _transhipments(facts)
    return objections


def _chain(facts: Facts, claim: Claim, container: str) -> Chain:
    if claim.kind is CONTROL and claim.stated is not None:
        return chain_after_control(facts, claim.stated, container)
    return chain_of_journey(facts, container)


def _seals(facts: Facts, claim: Claim, seal: str | None, chain: Chain, container: str) -> Iterator[Objection]:
    is_control = claim.kind is CONTROL
    needed = seal is not None or (is_control and bool(chain.seals))
    if seal is not None and not chain.problems:
        if not chain.seals and is_control:
            yield fail(Reason.NO_SEAL_AFTER_CONTROL, container=container, seal=seal)
            needed = False
        elif not is_strong_enough(chain.strongest, seal):
            yield fail(Reason.SEAL_CLASS_LOW, container=container, seal=seal)
    if facts.question.at_arrival:
        look_at_arrival(facts, chain, container, needed=needed)
    elif is_control and claim.stated is not None and facts.question.asked.declared.seals:
        compare_declared(facts, chain, (each.number for each in claim.stated.body.seals_before))
    for reason, details in chain.problems:
        yield fail(reason, **details)
    if needed and not facts.question.at_arrival and not chain.problems:
        yield leave_open(Reason.SEAL_TO_VERIFY, container=container, expected=chain.numbers)


def _route(facts: Facts, *, since: int) -> Iterator[Objection]:
    declared = facts.question.itinerary
    for each in facts.about_goods("movement_event"):
        if each.at < since:
            continue
        if each.body.type == movement.MOVEMENT_TYPE_ITINERARY_CHANGED:
            changed = tuple(place.locode for place in each.body.itinerary if place.locode)
            if changed != declared:
                yield fail(Reason.ROUTE_DEVIATION, where=" ".join(changed) or "a new way", record=each.record_id)
        elif each.body.type in _STOPS and each.body.place.locode and each.body.place.locode not in declared:
            yield fail(Reason.ROUTE_DEVIATION, where=each.body.place.locode, record=each.record_id)
    taken = facts.question.route_taken
    if taken and taken != declared:
        yield fail(Reason.ROUTE_DEVIATION, where=" ".join(taken), record="")


def _transhipments(facts: Facts) -> Iterator[Objection]:
    """A stop on the way is harmless behind a seal, or where somebody looked at one."""
    looked = {
        each.body.place.locode
        for each in facts.standing("seal_event")
        if each.body.event in (SEAL_EVENT_TYPE_AFFIXED, SEAL_EVENT_TYPE_VERIFIED_INTACT) and facts.match(each).may_be
    }
    for place in facts.question.itinerary[1:-1]:
        if place not in looked:
            yield fail(Reason.TRANSHIPMENT_UNVERIFIED, where=place)
