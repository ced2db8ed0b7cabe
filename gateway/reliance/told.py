"""What a partner tells of its reliance on this administration: its notices, and its feedback from arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.ports.ledger import BasisTally, DecisionTally, Finding, Source
from gateway.ports.records import Records
from gateway.recognition.doing import AEO, SCREENING, device_of, method_name
from gateway.reliance.feedback import finding_of
from gateway.views.steps import Saying
from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport
from mutualrecognition.records.v1.arrival_feedback_pb2 import ArrivalFeedback
from mutualrecognition.records.v1.record_pb2 import Record
from mutualrecognition.records.v1.reliance_notice_pb2 import RelianceOutcome


@dataclass(slots=True)
class Told:
    """Hears notices and feedback in the order of arrival; the newest on a decision counts."""

    records: Records
    partner: str
    _notices: dict[str, Saying] = field(default_factory=dict)
    _findings: dict[str, Finding] = field(default_factory=dict)

    def hear(self, saying: Saying) -> None:
        """Hear one record."""
        if saying.stored.kind == "reliance_notice":
            self._notices[saying.record.reliance_notice.decision_id] = saying
        elif saying.stored.kind == "arrival_feedback":
            feedback = saying.record.arrival_feedback
            self._findings[feedback.decision_id] = finding_of(report_in(feedback))

    async def tallies(self, begin: int, end: int) -> tuple[Sequence[DecisionTally], Sequence[BasisTally]]:
        """Count what was decided from ``begin`` to ``end``, POSIX seconds, the end excluded."""
        decisions: Counter[tuple[str, Finding]] = Counter()
        bases: Counter[tuple[str, Source, Finding]] = Counter()
        sources: dict[str, Sequence[Source]] = {}
        for decision_id, saying in self._notices.items():
            notice = saying.record.reliance_notice
            if not begin <= notice.decided_at.seconds < end:
                continue
            outcome = RelianceOutcome.Name(notice.outcome).removeprefix("RELIANCE_OUTCOME_")
            finding = self._findings.get(decision_id, Finding.OPEN)
            decisions[outcome, finding] += 1
            for name in notice.record_ids:
                if name not in sources:
                    sources[name] = await self._sources_of(name)
                for source in sources[name]:
                    bases[outcome, source, finding] += 1
        return (
            [
                DecisionTally(self.partner, outcome, overridden=False, finding=finding, count=count)
                for (outcome, finding), count in sorted(decisions.items())
            ],
            [
                BasisTally(self.partner, outcome, source.method, source.office, source.device, finding, count)
                for (outcome, source, finding), count in bases.items()
            ],
        )

    async def _sources_of(self, record_id: str) -> Sequence[Source]:
        stored = await self.records.get(record_id)
        return () if stored is None else sources_of(Record.FromString(stored.record), self.partner)


def sources_of(record: Record, partner: str) -> Sequence[Source]:
    """Give by what a record of this administration was relied on: each method of a control, a screening, a standing."""
    office = record.header.issuing_office
    match record.WhichOneof("body"):
        case "inspection_outcome":
            names = dict.fromkeys(method_name(each.kind) for each in record.inspection_outcome.methods)
            return [Source(partner, name, office, device_of(record, name)) for name in names if name]
        case "screening_result":
            return [Source(partner, SCREENING, office)]
        case "aeo_status":
            return [Source(partner, AEO, office)]
    return ()


def report_in(feedback: ArrivalFeedback) -> ArrivalReport:
    """Read the report that a partner's feedback carries."""
    report = ArrivalReport(
        checks_done=feedback.checks_done, conclusion=feedback.conclusion, seal_state=feedback.seal_state
    )
    if feedback.HasField("contradiction"):
        report.contradiction = feedback.contradiction
    return report
