"""Rules of what happens to seals: a seal is replaced only with a record of the old number, the new one, who and why."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.identifiers import normal_seal
from gateway.records.rules.across import Holds, Rule
from mutualrecognition.records.v1 import seal_event_pb2 as events
from mutualrecognition.records.v1.seal_event_pb2 import SealEvent

_AFFIXING = frozenset({events.SEAL_EVENT_TYPE_AFFIXED, events.SEAL_EVENT_TYPE_REPLACED})


def cut_for_a_control(event: SealEvent) -> bool:
    """Customs cut a seal for a control that has a name."""
    return event.event != events.SEAL_EVENT_TYPE_CUT_FOR_CONTROL or bool(event.linked_control_id)


def replacement_accounted_for(event: SealEvent) -> bool:
    """A replacement tells the old number, why, and who affixed the new seal."""
    if event.event != events.SEAL_EVENT_TYPE_REPLACED:
        return True
    return bool(event.replaces and event.reason and event.seal.sealer)


def found_number_told(event: SealEvent) -> bool:
    """A mismatch has two numbers."""
    return (event.event == events.SEAL_EVENT_TYPE_NUMBER_MISMATCH) == bool(event.found_number)


def only_affixing_replaces(event: SealEvent) -> bool:
    """Whoever checks or cuts a seal puts none in its place."""
    return not event.replaces or event.event in _AFFIXING


def numbers_differ(event: SealEvent) -> bool:
    """Two seals have two numbers, however they are written: compared without case, spaces and hyphens."""
    number = normal_seal(event.seal.number)
    return number not in {normal_seal(event.replaces), normal_seal(event.found_number)}


SAID: Mapping[str, Holds] = {
    "seal_event.cut_control": cut_for_a_control,
    "seal_event.replacement": replacement_accounted_for,
    "seal_event.found_number": found_number_told,
    "seal_event.replaces": only_affixing_replaces,
}

NAMED: Mapping[str, tuple[Rule, ...]] = {
    SealEvent.DESCRIPTOR.full_name: (
        Rule(
            "seal_event.same_number",
            "replaces and found_number must differ from the seal's own number by more than case, spaces and hyphens.",
            numbers_differ,
        ),
    ),
}
