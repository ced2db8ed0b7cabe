"""What the rules look at: the kept records, sorted by what they say, with their provenance and whether they stand."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from gateway.recognition.in_force import Combinations, InForce, Policies
from gateway.recognition.matching import Match, match_goods
from gateway.recognition.operators import Standing, standings
from gateway.recognition.question import Question, read_question
from gateway.recognition.stated import Stated, Succession, read_stated
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.tariff import Editions
from gateway.values import once, remembers, value
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts
from mutualrecognition.national.v1.decision_pb2 import LocalRule
from mutualrecognition.records.v1.movement_event_pb2 import MOVEMENT_TYPE_CONTAINER_SWAPPED

WINDOW_SECONDS: Final = 30 * 24 * 3600
"""How far from now a box is still believed to be on this journey."""
_NOWHERE: Final[frozenset[str]] = frozenset()


@value
class Swap:
    """The goods left one container for another."""

    stated: Stated
    left: str
    entered: str


@remembers
class Facts:
    """The facts of one decision. Nothing here changes, and nothing depends on the order in which records came."""

    def __init__(
        self,
        kept: DecisionFacts,
        around: Surroundings,
        policies: Policies,
        editions: Editions,
        question: Question | None = None,
    ) -> None:
        self.kept = kept
        self.around = around
        self.editions = editions
        self.own: str = around.own
        self.now: int = kept.at
        self.time_is_over: bool = kept.time_is_over
        self.question: Question = question or read_question(kept.question)
        self.stated: Sequence[Stated] = [read_stated(each, own=around.own) for each in kept.records]
        """Every record, in the order in which it is kept."""
        usable = [each for each in self.stated if not each.held]
        self._any_held = len(usable) < len(self.stated)
        self.succession = Succession(usable)
        self._by_kind: dict[str, list[Stated]] = {}
        self._standing: dict[str, Sequence[Stated]] = {}
        self._about: dict[str, Sequence[Stated]] = {}
        self.worked_out: dict[Hashable, Any] = {}
        """What a rule needs for several bases, under a key of its own."""
        for each in sorted(usable, key=_as_it_happened):
            self._by_kind.setdefault(each.kind, []).append(each)
        self._matches: dict[int, Match] = {}
        self.in_force: InForce = around.in_force(kept.at, policies)

    def of(self, kind: str) -> Sequence[Stated]:
        """Give every record of a kind, in the order in which what they tell of happened; also those that fell."""
        return self._by_kind.get(kind, ())

    def standing(self, kind: str) -> Sequence[Stated]:
        """Give the records of a kind that still stand."""
        if kind not in self._by_kind:
            return ()
        found = self._standing.get(kind)
        if found is None:
            found = self._standing[kind] = self.succession.standing(self._by_kind[kind])
        return found

    @once
    def held(self) -> Sequence[Stated]:
        """Give what is in quarantine and was not settled: neither replaced by its issuer since, nor accepted here."""
        if not self._any_held:
            return ()
        return [
            each
            for each in self.stated
            if each.held and each.judgement != "ACCEPTED" and self.succession.of(each) is None
        ]

    def match(self, stated: Stated) -> Match:
        """Tell whether a record is about the goods of the question."""
        found = self._matches.get(id(stated))
        if found is None:
            came_from = frozenset([swap.left for swap in self.swaps]) if self.swaps else _NOWHERE
            found = self._matches[id(stated)] = match_goods(stated, self.question, came_from)
        return found

    def concerns_goods(self, stated: Stated) -> bool:
        """Tell whether a record is about these goods, or may be and is recent: boxes are used again."""
        match = self.match(stated)
        return match.is_strong or (match.may_be and abs(self.now - stated.at) <= WINDOW_SECONDS)

    @once
    def combinations(self) -> Combinations:
        """Every combination that an agreement in force now lets count, by check and threat."""
        return self.in_force.combinations(self.around.names)

    @once
    def speakers(self) -> Sequence[str]:
        """Every partner of whom there is a record here."""
        return sorted({each.partner for each in self.stated if each.partner})

    @once
    def complete_as_of(self) -> Mapping[str, int]:
        """Up to when everything is here that a partner stated: of those whose lists of operators were looked up."""
        return {each.partner: each.complete_as_of for each in self.kept.lists}

    @once
    def operators(self) -> tuple[Standing, ...]:
        """Each declared operator with what its own administration says of it."""
        if not self.question.operators:
            return ()
        return standings(self.question, self._by_kind, self.succession, own=self.own, now=self.now, then=self.began_at)

    @once
    def began_at(self) -> int:
        """When these goods were first heard of; now, when they never were."""
        kinds = ("inspection_outcome", "screening_result", "consignment_data", "movement_event")
        times = [each.at for kind in kinds for each in self.standing(kind) if self.match(each) is Match.STRONG]
        return min([*times, self.now])

    @once
    def equipment(self) -> Mapping[tuple[str, str], Stated]:
        """The latest entry of each piece of equipment in its issuer's register."""
        return {(each.issuer, each.body.equipment_id): each for each in self.standing("equipment")}

    @once
    def trade_data(self) -> tuple[Stated, ...]:
        """Partners' advance data on these very goods that still stand."""
        return tuple(each for each in self.standing("consignment_data") if each.partner and self.match(each).is_strong)

    @once
    def local_rules(self) -> Sequence[LocalRule]:
        """The caller's own rules that are in effect."""
        return [each for each in self.question.asked.local_rules if each.effective_from.seconds <= self.now]

    def about_goods(self, kind: str) -> Sequence[Stated]:
        """Give the standing records of a kind that may be about these goods, surely or not."""
        if kind not in self._by_kind:
            return ()
        found = self._about.get(kind)
        if found is None:
            found = self._about[kind] = [each for each in self.standing(kind) if self.match(each).may_be]
        return found

    @once
    def swaps(self) -> tuple[Swap, ...]:
        """The goods' ways from one container into another, followed back from the question's containers."""
        if "movement_event" not in self._by_kind:
            return ()
        moves = [each for each in self.standing("movement_event") if each.body.type == MOVEMENT_TYPE_CONTAINER_SWAPPED]
        found: list[Swap] = []
        into = set(self.question.containers)
        for each in reversed(moves):
            if each.body.to_container in into:
                into.add(each.body.from_container)
                found.append(Swap(each, each.body.from_container, each.body.to_container))
        return tuple(reversed(found))


def _as_it_happened(stated: Stated) -> tuple[int, int, str, str]:
    return stated.at, stated.issued_at, stated.record_id, stated.partner


def names(enum: Any, prefix: str) -> dict[int, str]:  # noqa: ANN401  generated enums share no type
    """Give the names of an enum's values by number, without their prefix."""
    return {number: name.removeprefix(prefix) for name, number in enum.items()}
