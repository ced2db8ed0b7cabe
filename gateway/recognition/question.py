"""What is asked: checked, and in the normal form that rules compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from gateway.errors import Malformed, Violation
from gateway.records.rules.annotations import AnnotationReader, MessageRules
from gateway.records.rules.explain import explain
from gateway.records.rules.kinds import NAMED, SAID
from gateway.records.rules.screen import ScreenBuilder
from gateway.values import value
from gateway.views.naming import consignment_keys
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1.aeo_status_pb2 import AeoRole
from mutualrecognition.records.v1.consignment_ref_pb2 import (
    DOCUMENT_LEVEL_HOUSE,
    TRANSPORT_MODE_SEA,
    Location,
)
from mutualrecognition.records.v1.threat_pb2 import Threat

_RULES: Final[MessageRules] = AnnotationReader(SAID, NAMED).read(pb.Question.DESCRIPTOR)
_keeps_all = ScreenBuilder().build(_RULES)
_THREATS: Final[dict[int, str]] = {number: name.removeprefix("THREAT_") for name, number in Threat.items()}
_ROLES: Final = {number: name.removeprefix("AEO_ROLE_") for name, number in AeoRole.items()}


@value
class Required:
    """One required check, by the names that agreements use."""

    threat: str
    threat_number: int
    check: str


@value
class DeclaredOperator:
    """An operator of the declaration: ``tin``, or ``scheme`` and ``value`` of a national number."""

    role: str
    tin: str
    scheme: str
    value: str

    @property
    def key(self) -> str:
        """The view key under which something is said of it."""
        return f"tin:{self.tin}" if self.tin else f"local:{self.scheme}:{self.value}"

    @property
    def number(self) -> str:
        """As a sentence tells it."""
        return self.tin or f"{self.scheme} {self.value}"


@value
class Question:
    """A question that keeps its rules. ``keys`` are the view keys of the goods.

    ``documents`` are numbers, ``houses`` those of them that are house documents. ``weight`` is in kilograms, None when
    unknown; so is ``weighed``. ``chapters`` are HS chapters. ``itinerary`` and ``route_taken`` are LOCODEs.
    ``at_arrival`` tells that what is not seen now will not be seen.
    """

    asked: pb.Question
    keys: frozenset[str]
    required: tuple[Required, ...]
    containers: frozenset[str]
    documents: frozenset[str]
    houses: frozenset[str]
    ucr: str
    mrn: str
    mode: int
    weight: float | None
    weighed: float | None
    hs_codes: tuple[str, ...]
    operators: tuple[DeclaredOperator, ...]
    itinerary: tuple[str, ...]
    route_taken: tuple[str, ...]
    at_arrival: bool

    @property
    def decide_by(self) -> int | None:
        """Until when the answer may wait, POSIX seconds."""
        return self.asked.decide_by.seconds if self.asked.HasField("decide_by") else None


def read_question(asked: pb.Question) -> Question:
    """Check a question and bring it to normal form.

    Raises:
        Malformed: with the fields at fault.
    """
    if not _keeps_all(asked):
        raise _refused(tuple(explain(_RULES, asked)))
    pairs = [(each.threat, each.check) for each in asked.required]
    if violations := _across(asked, pairs):
        raise _refused(violations)
    reference, documents = asked.consignment, asked.consignment.transport_documents
    weight, hs_codes, operators, itinerary = _declared(asked.declared) if asked.HasField("declared") else _NOT_DECLARED
    weighed, route_taken = _seen(asked.arrival) if asked.HasField("arrival") else _NOT_SEEN
    return Question(
        asked=asked,
        keys=frozenset(consignment_keys(reference)),
        required=tuple([_required(*pair) for pair in pairs]),
        containers=frozenset(reference.container_numbers),
        documents=frozenset([each.number for each in documents]),
        houses=frozenset([each.number for each in documents if each.level == DOCUMENT_LEVEL_HOUSE]),
        ucr=reference.ucr,
        mrn=reference.mrn,
        mode=asked.mode or reference.voyage.mode or TRANSPORT_MODE_SEA,
        weight=weight,
        weighed=weighed,
        hs_codes=hs_codes,
        operators=operators,
        itinerary=itinerary,
        route_taken=route_taken,
        at_arrival=asked.point == pb.POINT_OF_TIME_AT_ARRIVAL,
    )


def _refused(violations: tuple[Violation, ...]) -> Malformed:
    return Malformed(f"The question has a mistake at {violations[0].path or 'the whole'}.", violations=violations)


def _across(asked: pb.Question, pairs: Sequence[tuple[int, str]]) -> tuple[Violation, ...]:
    """Give what is wrong with a question whose fields are right one by one."""
    found = []
    if len(set(pairs)) != len(pairs):
        sentence = "Each pair of threat and check may be required once."
        found.append(Violation("required", "question.pair_twice", sentence))
    if (asked.point == pb.POINT_OF_TIME_AT_ARRIVAL) != asked.HasField("arrival"):
        sentence = "What arrival showed goes with POINT_OF_TIME_AT_ARRIVAL, and with nothing else."
        found.append(Violation("arrival", "question.arrival", sentence))
    if asked.HasField("declared") and asked.declared.hs_codes and not asked.declared.hs_edition:
        sentence = "HS codes say nothing without their edition: state hs_edition."
        found.append(Violation("declared.hs_edition", "question.hs_edition", sentence))
    return tuple(found)


@lru_cache(maxsize=256)
def _required(threat: int, check: str) -> Required:
    return Required(_THREATS[threat], threat, check)


_Declared = tuple[float | None, tuple[str, ...], tuple[DeclaredOperator, ...], tuple[str, ...]]
_Seen = tuple[float | None, tuple[str, ...]]

_NOT_DECLARED: Final[_Declared] = (None, (), (), ())
_NOT_SEEN: Final[_Seen] = (None, ())


def _declared(said: pb.DeclaredFacts) -> _Declared:
    """Give weight, HS codes, operators and itinerary."""
    return (
        _weight(said.gross_weight_kg),
        tuple(said.hs_codes),
        tuple(map(_operator, said.operators)),
        _places(said.itinerary),
    )


def _seen(said: pb.ArrivalFacts) -> _Seen:
    """Give what was weighed, and the route."""
    return _weight(said.gross_weight_kg), _places(said.route_taken)


def _weight(kilograms: str) -> float | None:
    return float(kilograms) if kilograms else None


def _operator(declared: pb.DeclaredOperator) -> DeclaredOperator:
    local = declared.local_id
    return DeclaredOperator(_ROLES[declared.role], declared.tin, local.scheme, local.value)


def _places(places: Iterable[Location]) -> tuple[str, ...]:
    return tuple([each.locode for each in places if each.locode])
