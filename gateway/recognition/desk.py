"""The desk where questions are answered: gathered, decided, kept, and only then told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from gateway.errors import Absent, Conflict, GatewayError, Malformed
from gateway.ports.decisions import Change, Decisions, Made, StoredDecision
from gateway.ports.records import RecordQuery, Records
from gateway.ports.world import Clock, Randomness
from gateway.recognition.decider import Decided, Decider
from gateway.recognition.entering import entry_of
from gateway.recognition.gathering import Gatherer, start_keys
from gateway.recognition.outcome import Outcome
from gateway.recognition.policy import POLICY_VERSION
from gateway.recognition.question import Question, read_question
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.telling import put_sentences_in, tell
from gateway.trust.book import TrustBook
from gateway.values import value
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts, RecordFacts

MAX_REQUEST_ID = 64


@value
class Asked:
    """One question of a client, under the client's own id."""

    client: str
    request_id: str
    question: pb.Question


@value
class _Fresh:
    """A question that must be answered: whose, under which ids."""

    client: str
    request_id: str
    digest: bytes
    question: Question
    decision_id: str


@value
class WorkedOut:
    """Answers that were decided and are not kept yet. ``refused`` are the questions without one, by their place."""

    fresh: Sequence[_Fresh]
    made: Sequence[Made]
    refused: Mapping[int, GatewayError]


@value
class Replayed:
    """A decision made again: the same, or not; None where records that it stood on are gone (``erased``)."""

    recorded: StoredDecision
    again: pb.Decision | None
    same: bool
    erased: tuple[str, ...]


class RecognitionDesk:
    """Answers questions and keeps the answers."""

    def __init__(
        self,
        *,
        gatherer: Gatherer,
        decider: Decider,
        decisions: Decisions,
        records: Records,
        book: Callable[[], TrustBook],
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._gatherer = gatherer
        self._decider = decider
        self._decisions = decisions
        self._records = records
        self._book = book
        self._clock = clock
        self._randomness = randomness

    async def decide(self, asked: Sequence[Asked]) -> list[StoredDecision | GatewayError]:
        """Answer questions, in order; what is refused stops no other. All that is kept is durable then."""
        return await self.keep(await self.work_out(asked))

    async def work_out(self, asked: Sequence[Asked]) -> WorkedOut:
        """Decide, from facts of one read. A request that was answered before costs a decision in vain."""
        fresh: list[_Fresh] = []
        refused: dict[int, GatewayError] = {}
        for place, each in enumerate(asked):
            try:
                fresh.append(self._fresh(each))
            except GatewayError as error:
                refused[place] = error
        return WorkedOut(fresh, await self._made(fresh) if fresh else (), refused)

    async def keep(self, worked_out: WorkedOut) -> list[StoredDecision | GatewayError]:
        """Keep answers, and give them once they are durable; a request that was answered before keeps its answer."""
        stored = await self._decisions.keep(worked_out.made)
        kept = iter(map(_same_question, worked_out.fresh, stored))
        places = len(worked_out.fresh) + len(worked_out.refused)
        return [worked_out.refused.get(place) or next(kept) for place in range(places)]

    async def decide_again(self, stored: StoredDecision, *, time_is_over: bool) -> StoredDecision | None:
        """Decide anew on a decision that waits; None when it still does, or when somebody else was faster."""
        question = read_question(DecisionFacts.FromString(stored.facts).question)
        (gathered,) = await self._gatherer.gather([question], self._clock.now())
        gathered.facts.time_is_over = time_is_over
        decided = self._decider.decide(gathered.facts, gathered.around, question)
        if decided.answer.outcome is Outcome.PENDING:
            return None
        change = Change.DEFAULTED if time_is_over else Change.RESOLVED
        again = _Fresh(stored.client, stored.request_id, stored.digest, question, stored.decision_id)
        return await self._decisions.revise(
            _made(again, decided, gathered.newest), revision=stored.revision, change=change
        )

    async def override(
        self, decision_id: str, *, outcome: int, reason: str, officer_ref: str, client: str
    ) -> StoredDecision:
        """Record that an officer did otherwise.

        Raises:
            Absent: there is no such decision.
            Malformed: no reason, or an outcome that nobody can do.
        """
        if outcome not in (pb.OUTCOME_RELY, pb.OUTCOME_DO_NOT_RELY, pb.OUTCOME_VERIFY):
            raise Malformed("An officer relies, does not rely, or verifies: no other outcome can be done.")
        if not 1 <= len(reason.strip()) <= 512 or len(officer_ref) > 35:
            raise Malformed("An override needs a reason of 1 to 512 characters; officer_ref has 35 at most.")
        at = self._clock.now()
        noted = pb.Override(outcome=outcome, reason=reason, officer_ref=officer_ref, client=client)  # type: ignore[arg-type]
        noted.at.seconds = at
        found = await self._decisions.override(decision_id, noted.SerializeToString(), at=at, client=client)
        if found is None:
            raise Absent(f"There is no decision {decision_id}.")
        return found

    async def replay(self, decision_id: str) -> Replayed:
        """Make a decision again from its kept facts, and look whether its records are still what they were.

        Raises:
            Absent: there is no such decision.
        """
        stored = await self._decisions.get(decision_id)
        if stored is None:
            raise Absent(f"There is no decision {decision_id}.")
        facts = DecisionFacts.FromString(stored.facts)
        erased = [each.record.header.record_id for each in facts.records if not await self._is_here(each)]
        if erased:
            return Replayed(stored, None, same=False, erased=tuple(erased))
        again = tell(self._decider.decide(facts, Surroundings(facts, self._book())))
        recorded = pb.Decision.FromString(stored.answer)
        same = again == recorded and recorded.policy_version == POLICY_VERSION
        _dress(again, stored, facts.question)
        return Replayed(stored, again, same=same, erased=())

    async def _is_here(self, kept: RecordFacts) -> bool:
        """Look where it lies: its record_id may be another partner's too."""
        page, _ = await self._records.after(kept.sequence - 1, limit=1, query=RecordQuery())
        return any(each.sequence == kept.sequence and sha256(each.record).digest() == kept.digest for each in page)

    def _fresh(self, asked: Asked) -> _Fresh:
        name = asked.request_id
        if not (1 <= len(name) <= MAX_REQUEST_ID and name.isascii() and name.isprintable()):
            raise Malformed(f"A request id has 1 to {MAX_REQUEST_ID} printable ASCII characters.")
        question = read_question(asked.question)
        return _Fresh(asked.client, name, _digest(asked.question), question, self._randomness.record_id())

    async def _made(self, fresh: Sequence[_Fresh]) -> list[Made]:
        gathered = await self._gatherer.gather([each.question for each in fresh], self._clock.now())
        return [
            _made(each, self._decider.decide(found.facts, found.around, each.question), found.newest)
            for each, found in zip(fresh, gathered, strict=True)
        ]


def _made(asked: _Fresh, decided: Decided, newest: int) -> Made:
    told = tell(decided)
    waits = decided.answer.outcome is Outcome.PENDING
    return Made(
        decision_id=asked.decision_id,
        client=asked.client,
        request_id=asked.request_id,
        digest=asked.digest,
        at=decided.facts.now,
        outcome=int(decided.answer.outcome),
        answer=told.SerializeToString(deterministic=True),
        facts=decided.facts.kept.SerializeToString(),
        shared=decided.facts.around.shared,
        keys=asked.question.keys,
        relied_on=[each.sequence for each in told.records if each.relied_on],
        pending_until=decided.answer.until if waits else None,
        from_sequence=newest,
        entry=entry_of(asked.decision_id, told, decided.facts.kept),
    )


def shown(stored: StoredDecision) -> pb.Decision:
    """Give a decision as the API shows it."""
    told = pb.Decision()
    show_to_asker(told, stored, DecisionFacts.FromString(stored.facts).question)
    return told


def show_to_asker(told: pb.Decision, stored: StoredDecision, question: pb.Question | None = None) -> None:
    """Write a decision into an answer as the API shows it to who has just asked; ``question`` None: it needs none back.

    It is written where it goes, since a message that is put into another is copied.
    """
    told.ParseFromString(stored.answer)
    _dress(told, stored, question)


def keys_awaited(stored: StoredDecision) -> frozenset[str]:
    """Give the view keys under which something may come that a decision waits for."""
    facts = DecisionFacts.FromString(stored.facts)
    answer = pb.Decision.FromString(stored.answer)
    requests = {f"request:{each.reference}" for each in answer.pending.on if each.kind == pb.AWAITED_KIND_REQUEST}
    return start_keys(read_question(facts.question)) | requests


def _dress(told: pb.Decision, stored: StoredDecision, question: pb.Question | None) -> None:
    """Put in what is not kept with an answer: names, question, override and sentences."""
    told.decision_id, told.request_id = stored.decision_id, stored.request_id
    told.revision, told.decided_for = stored.revision, stored.client
    if question is not None:
        told.question.CopyFrom(question)
    if stored.overridden:
        told.override.ParseFromString(stored.overridden)
    put_sentences_in(told)


def _digest(question: pb.Question) -> bytes:
    return sha256(question.SerializeToString(deterministic=True)).digest()


def _same_question(asked: _Fresh, stored: StoredDecision) -> StoredDecision | Conflict:
    if stored.digest == asked.digest:
        return stored
    return Conflict(f"The request id {asked.request_id} was used for another question.")
