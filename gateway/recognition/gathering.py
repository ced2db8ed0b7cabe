"""The one read of a decision: which keys lead to what bears on it, and what is kept of the records found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import Final

from gateway.errors import Absent
from gateway.ports.facts import FactRead, FactReader, FoundRecord
from gateway.ports.links import Direction
from gateway.ports.suspensions import Suspensions
from gateway.recognition.keeping import NAMING, keep_names_of, keep_what_rules_read
from gateway.recognition.proving import KeyDates
from gateway.recognition.question import DeclaredOperator, Question
from gateway.recognition.surroundings import Surroundings, surroundings_of
from gateway.trust.book import TrustBook
from gateway.values import value
from gateway.views.keys import HELD, filed_under
from gateway.views.naming import consignment_keys
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts, RecordFacts
from mutualrecognition.records.v1.movement_event_pb2 import MOVEMENT_TYPE_CONTAINER_SWAPPED
from mutualrecognition.records.v1.record_pb2 import Record

ENOUGH: Final = 1000
"""Records that bear on one decision; where there are more, nothing is relied on."""

_SPOKEN_OF: Final = frozenset({"inspection_outcome", "screening_result", "aeo_status"})
"""Kinds that a recall or an alert may speak of by their record_id alone."""


Names = frozenset[str]
"""Ids of the records that a recall or an alert names."""


@value
class Gathered:
    """The facts of one question, its own and its surroundings; ``newest`` is the newest sequence that it could have."""

    facts: DecisionFacts
    around: Surroundings
    newest: int


class Gatherer:
    """Gathers facts, for one question or for many at once, in one snapshot of the store."""

    def __init__(self, *, reader: FactReader, suspensions: Suspensions, book: Callable[[], TrustBook]) -> None:
        self._reader = reader
        self._suspensions = suspensions
        self._book = book
        self._dates = KeyDates()
        self._around: tuple[tuple[object, ...], Surroundings] | None = None
        """The surroundings that were given last, and what they were made of."""

    async def gather(self, questions: Sequence[Question], at: int) -> list[Gathered]:
        """Give the facts of each question, in order."""
        starts = [and_held(start_keys(each)) for each in questions]
        operators = [each for question in questions for each in question.operators]
        whole = await self._reader.read(
            frozenset().union(*starts),
            further_keys,
            hear=partial(_lists_read, operators),
            limit=ENOUGH * len(questions),
        )
        if whole.truncated and len(questions) > 1:  # one of them has too much: the others shall not suffer from it
            return [found for each in questions for found in await self.gather([each], at)]
        around, named = self._surroundings(whole, at), _named_by(whole.records)
        records = _dealt(whole.records, starts) if len(questions) > 1 else (whole.records,)
        return [
            Gathered(self._facts(question, some, whole, at, named), around, whole.newest)
            for question, some in zip(questions, records, strict=True)
        ]

    def _facts(
        self, question: Question, records: Sequence[FoundRecord], whole: FactRead, at: int, named: Mapping[int, Names]
    ) -> DecisionFacts:
        kept = DecisionFacts(at=at, truncated=whole.truncated or len(records) > ENOUGH)
        kept.question.CopyFrom(question.asked)
        book = self._book()
        for found in records:
            self._keep(kept, found, book)
        if named:
            here = {each.record_id for each in records}
            for entry in kept.records:
                if entry.sequence in named:
                    keep_names_of(entry.record, here & named[entry.sequence])
        if question.operators:
            asked = _lists_asked(question.operators, records)
            for partner, complete_as_of in whole.complete_as_of.items():
                if asked is None or partner in asked:
                    kept.lists.add(partner=partner, complete_as_of=min(complete_as_of, at))
        return kept

    def _surroundings(self, whole: FactRead, at: int) -> Surroundings:
        """Give what is the same for every question of one read, made anew when something has changed."""
        book, suspensions = self._book(), self._suspensions.in_effect(at)
        of = (book, whole.links, tuple(suspensions), at if book.pauses or book.revoked else 0)
        if self._around is None or self._around[0] != of:  # as a rule they are the same objects as before
            self._around = of, surroundings_of(whole.links, suspensions, book, at)
        return self._around[1]

    def _keep(self, kept: DecisionFacts, found: FoundRecord, book: TrustBook) -> None:
        entry = kept.records.add()
        entry.digest = sha256(found.record).digest()
        entry.sequence, entry.stored_at = found.sequence, found.stored_at
        entry.record.CopyFrom(found.said)
        keep_what_rules_read(entry.record)
        if found.direction is Direction.ISSUED:
            entry.recipients.extend(found.partners)
            return
        entry.partner = found.partners[0]
        entry.judgement, entry.held = found.judgement, found.is_held
        self._prove(entry, found, book)

    def _prove(self, entry: RecordFacts, found: FoundRecord, book: TrustBook) -> None:
        """Say by which keys a record is proven: by the first receipt whose keys still count, else by the first."""
        if not found.receipts:
            return
        entry.receipted_at = found.receipts[0].at
        try:
            descriptor = book.descriptor_of(entry.partner)
        except Absent:
            return
        for number, receipted in enumerate(found.receipts):
            begins, ends = self._dates.of(receipted.note, descriptor, found.origin)
            counts = begins <= receipted.at < ends
            if counts or number == 0:
                entry.receipted_at, entry.key_from, entry.key_until = receipted.at, begins, ends
            if counts:
                return


def _named_by(records: Sequence[FoundRecord]) -> Mapping[int, Names]:
    """Give which records are named by recalls and alerts, by the sequences of these: as a rule there are none."""
    return {each.sequence: frozenset(getattr(each.said, each.kind).record_ids) for each in records
            if each.kind in NAMING}  # fmt: skip


def _lists_read(operators: Sequence[DeclaredOperator], records: Sequence[FoundRecord]) -> Collection[str] | None:
    """Name the partners whose lists of operators any of these questions may ask for; None: everyone's."""
    if any(not each.tin for each in operators):
        return None
    return _lists_asked(operators, records)


def _lists_asked(operators: Sequence[DeclaredOperator], records: Sequence[FoundRecord]) -> Collection[str] | None:
    """Name those whose lists one question asks for, as the rules choose them (``bases``); None: it may be anybody's.

    They are whoever speaks of these goods or operators, and the administrations whose letters the numbers begin with.
    """
    if not operators:
        return ()
    speakers = {partner for each in records if each.direction is Direction.RECEIVED for partner in each.partners}
    if not speakers and any(not each.tin for each in operators):
        return None
    return speakers | {each.tin[:2] for each in operators if each.tin}


def start_keys(question: Question) -> frozenset[str]:
    """Give the keys that a question names: its goods' and its operators'."""
    return question.keys.union([each.key for each in question.operators]) if question.operators else question.keys


def and_held(keys: Iterable[str]) -> frozenset[str]:
    """Give keys with those under which records in quarantine lie that would have one of them."""
    return frozenset([name for key in keys for name in (key, HELD + key)])


def further_keys(records: Iterable[FoundRecord]) -> frozenset[str]:
    """Give the keys that records lead to: what replaced them, what they refer to, where the goods were before."""
    return and_held({key for found in records for key in _leads(found)})


def _leads(found: FoundRecord) -> list[str]:
    """Give where a record leads. What is in quarantine leads to its successor alone: its word counts for nothing."""
    leads = []
    if found.superseded_by or found.is_held or found.kind in _SPOKEN_OF:
        leads.append(f"record:{found.record_id}")
    if found.kind in _FOLLOWED and not found.is_held:
        leads += _FOLLOWED[found.kind](found.said)
    return leads


def _of_outcome(record: Record) -> list[str]:
    return [f"equipment:{each.equipment_id}" for each in record.inspection_outcome.methods if each.equipment_id]


def _of_movement(record: Record) -> list[str]:
    event = record.movement_event
    leads = [f"container:{event.from_container}"] if event.type == MOVEMENT_TYPE_CONTAINER_SWAPPED else []
    return [*leads, f"control:{event.linked_control_id}"] if event.linked_control_id else leads


def _of_seal(record: Record) -> list[str]:
    control_id = record.seal_event.linked_control_id
    return [f"control:{control_id}"] if control_id else []


def _of_data(record: Record) -> list[str]:
    return consignment_keys(record.consignment_data.consignment)


def _of_mapping(record: Record) -> list[str]:
    return [f"tin:{record.identifier_mapping.tin}"]


def _of_standing(record: Record) -> list[str]:
    programme = record.aeo_status.programme
    return [f"programme:{programme}"] if programme else []


def _of_control_request(record: Record) -> list[str]:
    return [f"request:{record.control_request.request_id}"]


def _of_screening_request(record: Record) -> list[str]:
    return [f"request:{record.screening_request.request_id}"]


def _of_alert(record: Record) -> list[str]:
    return [f"alert:{record.alert.alert_id}"]


_FOLLOWED: Final[dict[str, Callable[[Record], list[str]]]] = {
    "inspection_outcome": _of_outcome,
    "movement_event": _of_movement,
    "seal_event": _of_seal,
    "consignment_data": _of_data,
    "identifier_mapping": _of_mapping,
    "aeo_status": _of_standing,
    "control_request": _of_control_request,
    "screening_request": _of_screening_request,
    "alert": _of_alert,
}


def _dealt(records: Sequence[FoundRecord], starts: Sequence[frozenset[str]]) -> Iterator[list[FoundRecord]]:
    """Deal out the records of many questions, to each what bears on it."""
    shared = _Shared(records, starts)
    return map(shared.under, starts)


class _Shared:
    """The records of many questions, under their keys: the same steps from key to key, in memory."""

    def __init__(self, records: Sequence[FoundRecord], starts: Iterable[frozenset[str]]) -> None:
        self._leads = {each.sequence: and_held(_leads(each)) for each in records}
        self._under: dict[str, list[FoundRecord]] = {key: [] for key in chain(*starts, *self._leads.values())}
        for each in records:
            for key in self._under.keys() & filed_under(each.said, is_held=each.is_held, erased_tin=None):
                self._under[key].append(each)

    def under(self, start: Collection[str]) -> list[FoundRecord]:
        """Give what bears on one question."""
        found: dict[int, FoundRecord] = {}
        asked: set[str] = set()
        keys = set(start)
        while keys:
            asked |= keys
            fresh = [each for key in keys for each in self._under[key] if each.sequence not in found]
            found.update((each.sequence, each) for each in fresh)
            keys = {key for each in fresh for key in self._leads[each.sequence]} - asked
        return [found[sequence] for sequence in sorted(found)]
