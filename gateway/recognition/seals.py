"""Was the container closed all the way? The chain of seals on one container, from a moment on.

AFFIXED, then VERIFIED_INTACT any number of times, CUT_FOR_CONTROL by a control that is known, AFFIXED again. A seal
that customs or another agency replaced is explained by its record. Every other gap means that custody was broken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from gateway.recognition.facts import WINDOW_SECONDS, Facts
from gateway.recognition.reasons import Reason
from gateway.recognition.stated import Stated
from gateway.records.identifiers import normal_seal
from mutualrecognition.records.v1 import seal_event_pb2 as event
from mutualrecognition.records.v1.arrival_feedback_pb2 import SealState
from mutualrecognition.records.v1.inspection_outcome_pb2 import CONCLUSION_NOT_PERFORMED
from mutualrecognition.records.v1.seal_pb2 import SEALER_CUSTOMS, SEALER_OTHER_AGENCY

_OFFICIAL: Final = frozenset({SEALER_CUSTOMS, SEALER_OTHER_AGENCY})

Problem = tuple[Reason, dict[str, str]]


@dataclass(slots=True)
class Chain:
    """The seals on a container as far as records tell: number in normal form → (number as read, class)."""

    container: str
    seals: dict[str, tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_open: bool = False

    def affix(self, number: str, seal_class: int) -> None:
        """Put a seal on."""
        self.seals[normal_seal(number)] = (number, seal_class)
        self.is_open = False

    def take_off(self, number: str) -> None:
        """Take a seal off, where it is on."""
        self.seals.pop(normal_seal(number), None)

    def expect(self, number: str) -> None:
        """Object when this seal should not be there."""
        if self.seals and normal_seal(number) not in self.seals:
            self.object(Reason.SEAL_MISMATCH, found=number, expected=self.numbers)

    def object(self, reason: Reason, **details: str) -> None:
        """Note a break."""
        self.problems.append((reason, {"container": self.container, **details}))

    @property
    def numbers(self) -> str:
        """The seals that must be there, as one text."""
        return ", ".join(sorted([number for number, _ in self.seals.values()]))

    @property
    def strongest(self) -> int:
        """The highest class of seal that is on it."""
        return max([seal_class for _, seal_class in self.seals.values()], default=0)


def chain_after_control(facts: Facts, control: Stated, container: str) -> Chain:
    """Follow the seals from the end of a control on, through swaps, to the question's container."""
    start = _start_of(facts, control, container)
    chain = Chain(start)
    control_id = control.body.control_id
    for seal in control.body.seals_after:
        if seal.container_number in ("", start):
            chain.affix(seal.number, seal.seal_class)
    for each in _events(facts, start):
        is_own = each.body.linked_control_id == control_id and each.issuer == control.issuer and each.at <= control.at
        if is_own and each.body.event == event.SEAL_EVENT_TYPE_AFFIXED:
            chain.affix(each.body.seal.number, each.body.seal.seal_class)
    return _follow(facts, chain, container, since=control.at, but=control)


def chain_of_journey(facts: Facts, container: str) -> Chain:
    """Follow the seals from the beginning of the journey on: as declared, as partners' data name them, as affixed."""
    chain = Chain(container)
    for seal in facts.question.asked.declared.seals:
        if seal.container_number in ("", container):
            chain.affix(seal.number, seal.seal_class)
    for each in facts.trade_data:
        for equipment in each.body.equipment:
            for seal in equipment.seals if equipment.number == container else ():
                chain.affix(seal.number, seal.seal_class)
    return _follow(facts, chain, container, since=facts.began_at - WINDOW_SECONDS, but=None)


def look_at_arrival(facts: Facts, chain: Chain, container: str, *, needed: bool) -> None:
    """Hold what the gate saw against the chain."""
    seen = [each for each in facts.question.asked.arrival.seals if each.container_number in ("", container)]
    intact = False
    for each in seen:
        if each.state == SealState.SEAL_STATE_INTACT:
            chain.expect(each.number)
            intact |= normal_seal(each.number) in chain.seals
        elif each.state == SealState.SEAL_STATE_NUMBER_MISMATCH:
            chain.object(Reason.SEAL_MISMATCH, found=each.number or "another", expected=chain.numbers)
        elif each.state in (SealState.SEAL_STATE_DAMAGED, SealState.SEAL_STATE_MISSING):
            chain.object(Reason.CUSTODY_GAP, what=_word(each.state))
    if needed and not intact and not chain.problems:
        chain.object(Reason.SEAL_NOT_CHECKED, expected=chain.numbers)


def compare_declared(facts: Facts, chain: Chain, before: Iterable[str]) -> None:
    """Object to a declared seal that is neither on the container now nor was on it before the control."""
    earlier = {normal_seal(number) for number in before}
    for seal in facts.question.asked.declared.seals:
        if seal.container_number in ("", chain.container) and normal_seal(seal.number) not in earlier:
            chain.expect(seal.number)


def _follow(facts: Facts, chain: Chain, container: str, *, since: int, but: Stated | None) -> Chain:
    """Go on event by event; the goods may change containers on the way."""
    for _, step in _steps(facts, frozenset([chain.container, container]), since, but):
        if isinstance(step, Stated):
            if chain.container in step.goods.containers:
                (_take_event if step.kind == "seal_event" else _take_control)(facts, chain, step)
        elif step.left == chain.container:
            _take_swap(facts, chain, step)
    if chain.is_open:
        chain.object(Reason.CUSTODY_GAP, what="opened and not sealed again")
    return chain


def _steps(facts: Facts, containers: frozenset[str], since: int, but: Stated | None) -> list[tuple[int, Any]]:
    """Give what happened to these containers, and the goods' ways into others, in order of time."""
    steps: list[tuple[int, Any]] = []
    if facts.standing("seal_event"):
        steps += [
            (each.at, each)
            for name in containers.union([swap.entered for swap in facts.swaps])
            for each in _events(facts, name)
            if each.at > since and not (but and _prepares(each, but))
        ]
    for control in facts.about_goods("inspection_outcome"):
        if control.at > since and control is not but and _has_opened(control, containers):
            steps.append((control.at, control))
    for swap in facts.swaps:
        if swap.stated.at > since:
            steps.append((swap.stated.at, swap))
    steps.sort(key=itemgetter(0))
    return steps


def _take_event(facts: Facts, chain: Chain, stated: Stated) -> None:
    body, seal = stated.body, stated.body.seal
    match body.event:
        case event.SEAL_EVENT_TYPE_AFFIXED:
            chain.take_off(body.replaces)
            chain.affix(seal.number, seal.seal_class)
        case event.SEAL_EVENT_TYPE_VERIFIED_INTACT:
            chain.expect(seal.number)
        case event.SEAL_EVENT_TYPE_NUMBER_MISMATCH:
            chain.object(Reason.SEAL_MISMATCH, found=body.found_number, expected=seal.number)
        case event.SEAL_EVENT_TYPE_CUT_FOR_CONTROL:
            chain.expect(seal.number)
            chain.take_off(seal.number)
            chain.is_open = True
            if not _is_known_control(facts, body.linked_control_id):
                chain.object(Reason.CUSTODY_GAP, what=f"cut for a control {body.linked_control_id} that is not known")
        case event.SEAL_EVENT_TYPE_REPLACED:
            chain.expect(body.replaces)
            chain.take_off(body.replaces)
            chain.affix(seal.number, seal.seal_class)
            if seal.sealer not in _OFFICIAL:
                chain.object(Reason.CUSTODY_GAP, what=f"seal {body.replaces} was replaced by no authority")
        case _:
            chain.object(Reason.CUSTODY_GAP, what=f"seal {seal.number} was found {_event_word(body.event)}")


def _take_control(facts: Facts, chain: Chain, stated: Stated) -> None:  # noqa: ARG001  as _take_event
    """A later control tells what it found and what it left, without events for each seal."""
    for seal in stated.body.seals_before:
        if seal.container_number in ("", chain.container):
            chain.expect(seal.number)
    after = [seal for seal in stated.body.seals_after if seal.container_number in ("", chain.container)]
    if after:
        chain.seals.clear()
        for seal in after:
            chain.affix(seal.number, seal.seal_class)


def _take_swap(facts: Facts, chain: Chain, swap: Any) -> None:  # noqa: ANN401  facts.Swap, which imports nothing here
    """Another box: explained by a control, or by a seal that an authority put on the new one."""
    chain.container = swap.entered
    chain.seals.clear()
    explained = _is_known_control(facts, swap.stated.body.linked_control_id)
    for each in _events(facts, swap.entered):
        is_first = each.body.event == event.SEAL_EVENT_TYPE_AFFIXED and abs(each.at - swap.stated.at) <= 24 * 3600
        if is_first and each.body.seal.sealer in _OFFICIAL:
            explained = True
            chain.affix(each.body.seal.number, each.body.seal.seal_class)
    if not explained:
        chain.object(Reason.CUSTODY_GAP, what=f"moved from {swap.left} to {swap.entered} without a control or a seal")


def _has_opened(control: Stated, containers: frozenset[str]) -> bool:
    """Tell whether a control opened one of these containers."""
    return control.body.conclusion != CONCLUSION_NOT_PERFORMED and not control.goods.containers.isdisjoint(containers)


def _events(facts: Facts, container: str) -> list[Stated]:
    return [each for each in facts.standing("seal_event") if container in each.goods.containers]


def _start_of(facts: Facts, control: Stated, container: str) -> str:
    """Give the container in which the goods were when they were controlled."""
    if container in control.goods.containers or not control.goods.containers:
        return container
    return next((swap.left for swap in facts.swaps if swap.left in control.goods.containers), container)


def _prepares(each: Stated, control: Stated) -> bool:
    """Tell whether an event belongs to the control itself: the seal was cut for it."""
    is_cut = each.body.event == event.SEAL_EVENT_TYPE_CUT_FOR_CONTROL
    return is_cut and each.body.linked_control_id == control.body.control_id and each.issuer == control.issuer


def _is_known_control(facts: Facts, control_id: str) -> bool:
    return bool(control_id) and any(
        each.body.control_id == control_id and each.body.conclusion != CONCLUSION_NOT_PERFORMED
        for each in facts.standing("inspection_outcome")
    )


def _word(state: int) -> str:
    return SealState.Name(state).removeprefix("SEAL_STATE_").lower()  # type: ignore[arg-type]


def _event_word(number: int) -> str:
    known = event.SealEventType.values()
    return event.SealEventType.Name(number).removeprefix("SEAL_EVENT_TYPE_").lower() if number in known else "otherwise"  # type: ignore[arg-type]
