"""Are they the same goods? A record is held against the question, key by key.

STRONG is what sets goods apart for their mode of transport: by sea, rail, road and river in a container, the container
with one of transport document, MRN or UCR; by air, post and without a container, a document or an MRN. A container
alone is WEAK: boxes are reused. A record that names houses or items where the question names none is about PART of
these goods; one that names other houses, other containers or other documents is about goods BESIDE these.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Final

from gateway.recognition.question import Question
from gateway.recognition.stated import Stated
from mutualrecognition.records.v1.consignment_ref_pb2 import TRANSPORT_MODE_AIR, TRANSPORT_MODE_POST
from mutualrecognition.records.v1.inspection_outcome_pb2 import COVERAGE_EXTENT_NAMED_ITEMS

BY_DOCUMENT: Final = frozenset({TRANSPORT_MODE_AIR, TRANSPORT_MODE_POST})
_OF_CONTAINER: Final = frozenset({"seal_event"})
"""Kinds that are about a container by their nature and name nothing else."""
_OF_DOCUMENT: Final = frozenset({"screening_result", "consignment_data", "screening_request"})
"""Kinds about a consignment on paper: they need not name the container."""


class Match(Enum):
    """How a record's goods stand to those of the question."""

    STRONG = "STRONG"
    WEAK = "WEAK"
    PART = "PART"
    BESIDE = "BESIDE"
    NONE = "NONE"

    @property
    def is_strong(self) -> bool:
        """Whether it is surely about these goods."""
        return self is STRONG

    @property
    def may_be(self) -> bool:
        """Whether it may be about these goods: then what is adverse in it counts."""
        return self is not NONE and self is not BESIDE


STRONG, WEAK, PART, BESIDE, NONE = Match


def match_goods(stated: Stated, question: Question, came_from: AbstractSet[str] = frozenset()) -> Match:
    """Hold a record against the question; ``came_from`` are containers that the goods have left for the present one."""
    goods, wanted = stated.goods, question.containers | came_from if came_from else question.containers
    by_container = not goods.containers.isdisjoint(wanted)
    by_paper = not goods.documents.isdisjoint(question.documents) or bool(goods.mrn and goods.mrn == question.mrn)
    by_ucr = bool(goods.ucr and goods.ucr == question.ucr)
    if not (by_container or by_paper or by_ucr):
        return NONE
    apart = _set_apart(stated, question, by_container=by_container)
    if apart is not None:
        return apart
    if question.mode in BY_DOCUMENT or not question.containers:
        return STRONG if by_paper else WEAK
    if by_container:
        return STRONG if by_paper or by_ucr or stated.kind in _OF_CONTAINER else WEAK
    return STRONG if by_paper and stated.kind in _OF_DOCUMENT else WEAK


def _set_apart(stated: Stated, question: Question, *, by_container: bool) -> Match | None:
    """Tell whether what a record names sets its goods apart from these; None: it does not."""
    goods = stated.goods
    other_box = goods.containers and question.containers and not by_container and question.mode not in BY_DOCUMENT
    if other_box or (question.houses and goods.houses and goods.houses.isdisjoint(question.houses)):
        return BESIDE
    other_paper = question.documents and goods.documents and goods.documents.isdisjoint(question.documents)
    if not question.houses and (other_paper or goods.houses):
        return PART if goods.houses else BESIDE
    if stated.kind == "inspection_outcome" and stated.body.coverage.extent == COVERAGE_EXTENT_NAMED_ITEMS:
        named = frozenset(stated.body.coverage.items)
        if not question.houses or named.isdisjoint(question.houses):
            return BESIDE if question.houses else PART
    return None
