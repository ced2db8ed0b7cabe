"""What a partner tells of its reliance on this administration: its notices, and its feedback from arrival.

Of goods that were drawn to be verified there is no notice, since nobody is to be warned: their feedback tells of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field

from gateway.ports.ledger import BasisTally, DecisionTally, Finding, Source
from gateway.ports.records import OWN, Records
from gateway.recognition.doing import AEO, SCREENING, devices_by_method, method_name
from gateway.reliance.feedback import finding_of
from gateway.reliance.figures import SAMPLED
from gateway.views.steps import Saying
from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport
from mutualrecognition.records.v1.arrival_feedback_pb2 import ArrivalFeedback
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_basis_pb2 import RelianceBasis
from mutualrecognition.records.v1.reliance_notice_pb2 import RelianceNotice, RelianceOutcome


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision of the partner's, as far as it tells."""

    at: int
    outcome: str
    stood_on: Sequence[RelianceBasis]


@dataclass(slots=True)
class Told:
    """Hears notices and feedback in the order of arrival; the newest on a decision counts."""

    records: Records
    partner: str
    _decided: dict[str, _Decided] = field(default_factory=dict)
    _drawn: dict[str, _Decided] = field(default_factory=dict)
    _findings: dict[str, Finding] = field(default_factory=dict)
    _known: dict[str, Record | None] = field(default_factory=dict)

    def hear(self, saying: Saying) -> None:
        """Hear one record."""
        if saying.stored.kind == "reliance_notice":
            notice = saying.record.reliance_notice
            outcome = RelianceOutcome.Name(notice.outcome).removeprefix("RELIANCE_OUTCOME_")
            self._decided[notice.decision_id] = _Decided(notice.decided_at.seconds, outcome, _bases_in(notice))
        elif saying.stored.kind == "arrival_feedback":
            feedback = saying.record.arrival_feedback
            self._findings[feedback.decision_id] = finding_of(report_in(feedback))
            if feedback.HasField("drawn_at"):
                drawn = _Decided(feedback.drawn_at.seconds, SAMPLED, tuple(feedback.stood_on))
                self._drawn[feedback.decision_id] = drawn

    async def tallies(self, begin: int, end: int) -> tuple[Sequence[DecisionTally], Sequence[BasisTally]]:
        """Count what was decided from ``begin`` to ``end``, POSIX seconds, the end excluded."""
        decisions: Counter[tuple[str, Finding]] = Counter()
        bases: Counter[tuple[str, Finding, tuple[Source, ...]]] = Counter()
        for decision_id, decided in (self._drawn | self._decided).items():
            if not begin <= decided.at < end:
                continue
            finding = self._findings.get(decision_id, Finding.OPEN)
            decisions[decided.outcome, finding] += 1
            if sources := [source async for source in self._sources_of(decided.stood_on)]:
                bases[decided.outcome, finding, tuple(sorted(sources, key=astuple))] += 1
        return (
            [
                DecisionTally(self.partner, outcome, overridden=False, finding=finding, count=count)
                for (outcome, finding), count in sorted(decisions.items())
            ],
            [
                BasisTally(self.partner, outcome, finding, sources, count)
                for (outcome, finding, sources), count in bases.items()
            ],
        )

    async def _sources_of(self, stood_on: Iterable[RelianceBasis]) -> AsyncIterator[Source]:
        for basis in stood_on:
            if basis.record_id not in self._known:
                stored = await self.records.get(OWN, basis.record_id)
                self._known[basis.record_id] = None if stored is None else Record.FromString(stored.record)
            if (record := self._known[basis.record_id]) is not None:
                for source in sources_of(record, basis, self.partner):
                    yield source


def sources_of(record: Record, basis: RelianceBasis, partner: str) -> Iterator[Source]:
    """Give by what a record of this administration was relied on; every method where a control's is not told."""
    office = record.header.issuing_office
    match record.WhichOneof("body"):
        case "inspection_outcome":
            told = method_name(basis.method) if basis.method else ""
            for method, device in devices_by_method(record).items():
                if told in ("", method):
                    yield Source(partner, method, office, device)
        case "screening_result":
            yield Source(partner, SCREENING, office)
        case "aeo_status":
            yield Source(partner, AEO, office)


def report_in(feedback: ArrivalFeedback) -> ArrivalReport:
    """Read the report that a partner's feedback carries."""
    report = ArrivalReport(
        checks_done=feedback.checks_done, conclusion=feedback.conclusion, seal_state=feedback.seal_state
    )
    if feedback.HasField("contradiction"):
        report.contradiction = feedback.contradiction
    return report


def _bases_in(notice: RelianceNotice) -> Sequence[RelianceBasis]:
    """Give what a notice stands on; the records alone where the agreement does not release by what."""
    return tuple(notice.stood_on) or tuple(RelianceBasis(record_id=name) for name in notice.record_ids)
