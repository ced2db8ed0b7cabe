"""What is asked: checked, and in the normal form that rules compare."""

from __future__ import annotations

from collections.abc import Iterable
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
_THREATS: Final = {number: name.removeprefix("THREAT_") for name, number in Threat.items()}
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
    violations = () if _keeps_all(asked) else tuple(explain(_RULES, asked))
    violations = violations or tuple(_across(asked))
    if violations:
        raise Malformed(f"The question has a mistake at {violations[0].path or 'the whole'}.", violations=violations)
    reference, declared, arrival = asked.consignment, asked.declared, asked.arrival
    documents = reference.transport_documents
    return Question(
        asked=asked,
        keys=frozenset(consignment_keys(reference)),
        required=tuple([Required(_THREATS[each.threat], each.threat, each.check) for each in asked.required]),
        containers=frozenset(reference.container_numbers),
        documents=frozenset([each.number for each in documents]),
        houses=frozenset([each.number for each in documents if each.level == DOCUMENT_LEVEL_HOUSE]),
        ucr=reference.ucr,
        mrn=reference.mrn,
        mode=asked.mode or reference.voyage.mode or TRANSPORT_MODE_SEA,
        weight=float(declared.gross_weight_kg) if declared.gross_weight_kg else None,
        weighed=float(arrival.gross_weight_kg) if arrival.gross_weight_kg else None,
        hs_codes=tuple(declared.hs_codes),
        operators=tuple(map(_operator, declared.operators)),
        itinerary=_places(declared.itinerary),
        route_taken=_places(arrival.route_taken),
        at_arrival=asked.point == pb.POINT_OF_TIME_AT_ARRIVAL,
    )


def _across(asked: pb.Question) -> Iterable[Violation]:
    pairs = [(each.threat, each.check) for each in asked.required]
    if len(set(pairs)) != len(pairs):
        yield Violation("required", "question.pair_twice", "Each pair of threat and check may be required once.")
    at_arrival = asked.point == pb.POINT_OF_TIME_AT_ARRIVAL
    if at_arrival != asked.HasField("arrival"):
        sentence = "What arrival showed goes with POINT_OF_TIME_AT_ARRIVAL, and with nothing else."
        yield Violation("arrival", "question.arrival", sentence)
    if asked.declared.hs_codes and not asked.declared.hs_edition:
        sentence = "HS codes say nothing without their edition: state hs_edition."
        yield Violation("declared.hs_edition", "question.hs_edition", sentence)


def _operator(declared: pb.DeclaredOperator) -> DeclaredOperator:
    local = declared.local_id
    return DeclaredOperator(_ROLES[declared.role], declared.tin, local.scheme, local.value)


def _places(places: Iterable[Location]) -> tuple[str, ...]:
    return tuple([each.locode for each in places if each.locode])
