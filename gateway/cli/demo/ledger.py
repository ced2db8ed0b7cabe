"""The demo's own book: what was submitted, where it must arrive, what is missing, leaked or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.cli.demo.expectation import Difference, Expectation, Flow
from gateway.cli.demo.observing import Views
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

_NAMED_EACH = 3
"""How many findings of one sort are named one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: a stable name, the administration where it shows, a sentence."""

    name: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Due:
    issuer: str
    record: Record
    receivers: dict[str, Flow]


@dataclass(slots=True)
class Ledger:
    """Everything submitted in the demo. ``due`` counts what each link must carry, by issuer and receiver."""

    expectation: Expectation
    due: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    _submitted: dict[str, _Due] = field(default_factory=dict)

    def note(self, issuer: str, submission: pb.Submission, result: pb.SubmissionResult) -> bool:
        """Note what became of a submission; says whether it was accepted. What should be otherwise is a finding."""
        receivers = self.expectation.receivers(issuer, submission.record)
        if submission.recipients:
            receivers = {name: flow for name, flow in receivers.items() if name in submission.recipients}
        if result.HasField("refusal"):
            if receivers:
                fields = "; ".join(f"{each.path}: {each.message}" for each in result.refusal.violations)
                sentence = f"{issuer} refuses a good record: {result.refusal.reason} {fields}".rstrip()
                self.find("REFUSED", issuer, sentence)
            return False
        told = {release.partner for release in result.releases}
        if told != receivers.keys():
            self.find(
                "WRONG_RECEIVERS",
                issuer,
                f"{issuer} releases a record to {_names(told)}, the agreements say {_names(receivers)}",
            )
        self._submitted[result.record_id] = _Due(issuer, submission.record, receivers)
        self.due.update((issuer, receiver) for receiver in receivers)
        return True

    def differences(self, record_id: str, receiver: str, stored: pb.StoredRecord) -> list[Difference]:
        """Compare one delivered record with what was submitted and agreed."""
        due = self._submitted[record_id]
        delivered = Record.FromString(stored.record_bytes)
        return self.expectation.differences(due.record, delivered, due.receivers[receiver])

    def compare(self, views: Views) -> int:
        """Compare everything that arrived with everything submitted; gives how many are as they should be."""
        good = 0
        for receiver, view in views.by_name.items():
            arrived = view.arrivals()
            for record_id, each in arrived.items():
                due = self._submitted.get(record_id)
                problems = list(self._problems(receiver, record_id, due, [arrival.stored for arrival in each]))
                self.findings += problems
                good += not problems
            missing = [
                record_id
                for record_id, due in self._submitted.items()
                if receiver in due.receivers and record_id not in arrived
            ]
            for record_id in missing:
                issuer = self._submitted[record_id].issuer
                self.find("MISSING", receiver, f"record {record_id} of {issuer} has not come out of {receiver}'s Watch")
        return good

    def _problems(
        self, receiver: str, record_id: str, due: _Due | None, copies: list[pb.StoredRecord]
    ) -> Iterator[Finding]:
        if due is None or receiver not in due.receivers:
            yield Finding("UNDUE", receiver, f"{receiver} got a record that is not for it: {record_id or 'unreadable'}")
            return
        if len(copies) > 1:
            yield Finding("TWICE", receiver, f"{receiver}'s Watch gave the record {record_id} {len(copies)} times")
        for stored in copies:
            if stored.standing != pb.STANDING_ACCEPTED:
                rules = ", ".join(violation.path for violation in stored.violations)
                sentence = f"{receiver} quarantined record {record_id} of {due.issuer}: {rules}"
                yield Finding("QUARANTINED", receiver, sentence)
            for difference in self.differences(record_id, receiver, stored):
                yield Finding(
                    difference.sort,
                    receiver,
                    f"record {record_id} of {due.issuer} reached {receiver} with {difference.path} "
                    f"{_WORDS[difference.sort]}",
                )

    def find(self, name: str, where: str, sentence: str) -> None:
        """Note something that must not be."""
        self.findings.append(Finding(name, where, sentence))

    def told(self) -> list[Finding]:
        """Give the findings to print: of each sort and place the first few, then how many more there are."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.name, finding.where), []).append(finding)
        shown: list[Finding] = []
        for (name, where), group in sorted(groups.items(), key=lambda item: _rank(item[0][0])):
            shown += group[:_NAMED_EACH]
            if (more := len(group) - _NAMED_EACH) > 0:
                shown.append(Finding(name, where, f"and {more:,} more of this sort"))
        return shown


_MOST_TELLING = ("LEAK", "CHANGED", "LOST", "RECEIPT_WITHHELD")


def _rank(name: str) -> int:
    return _MOST_TELLING.index(name) if name in _MOST_TELLING else len(_MOST_TELLING)


_WORDS = {
    "LEAK": "in it, which the agreement does not release",
    "CHANGED": "changed on the way",
    "LOST": "missing, which the agreement releases",
}


def _names(administrations: Iterable[str]) -> str:
    return " and ".join(sorted(administrations)) or "nobody"
