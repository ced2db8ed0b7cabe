"""Looks at what has come about: links and their logs, records, requests, alerts, the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import grpc

from gateway.errors import GatewayError
from gateway.evidence.verdict import Outcome
from gateway.evidence.verification import verify
from mock_partners.behaviours.trace import Way
from mock_partners.staging.nodes import CALL_SECONDS, NothingCame, Seen, until
from mock_partners.staging.report import Line
from mock_partners.staging.stage import Stage
from mock_partners.staging.steps import Audited, Figures, Look, LookAtLife, Looking, Prove, Told
from mock_partners.staging.wording import Wording
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import requests_service_pb2 as requests
from mutualrecognition.national.v1 import statistics_service_pb2 as statistics
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.national.v1.statistics_service_pb2_grpc import StatisticsServiceStub
from mutualrecognition.operations.v1 import audit_service_pb2 as audit
from mutualrecognition.operations.v1 import links_service_pb2 as operations
from mutualrecognition.records.v1.request_pb2 import RequestState

if TYPE_CHECKING:  # the stubs' asynchronous halves exist for the type checker alone
    from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceAsyncStub
    from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceAsyncStub
    from mutualrecognition.national.v1.statistics_service_pb2_grpc import StatisticsServiceAsyncStub

_DAY: Final = 86_400
_MONTH: Final = 30 * _DAY
_LINKS: Final = {
    "OPEN": operations.LINK_STATE_OPEN,
    "CLOSED": operations.LINK_STATE_CLOSED,
    "SUSPENDED": operations.LINK_STATE_SUSPENDED,
}


class Looks:
    """Looks at the nodes of one play; ``wording`` knows its records by the names of their steps."""

    def __init__(self, stage: Stage, wording: Wording) -> None:
        self._stage = stage
        self._wording = wording

    async def at(self, step: Looking) -> Line:
        """Do one step.

        Raises:
            NothingCame: what it waits for does not come about.
        """
        if isinstance(step, Told):
            return await self._at_goodbyes(step)
        if isinstance(step, Figures):
            return await self._at_figures(step)
        if isinstance(step, Prove):
            return await self._at_evidence(step)
        if isinstance(step, Audited):
            return await self._at_audit(step)
        if isinstance(step, LookAtLife):
            return await self._at_life(step)
        return await (self._at_link(step, step.partner) if step.partner is not None else self._at_record(step))

    async def record(self, administration: str, record_id: str) -> national.StoredRecord:
        """Give a record as a node holds it."""
        answer = await self._stage.records(administration).GetRecord(
            national.GetRecordRequest(record_id=record_id), timeout=CALL_SECONDS
        )
        return answer.record

    async def _at_life(self, step: LookAtLife) -> Line:
        """Wait until every request or alert of a name stands where it should: deadlines pass by themselves."""
        name = step.request or step.alert or ""
        what = f"{step.at} looks at {name}"

        async def states() -> set[str]:
            return await (self._requests(step.at, name) if step.request else self._alerts(step.at, name))

        came = await _settled(states, lambda found: found == {step.state}, what)
        faults = () if came == {step.state} else (f"expected {step.state}, came {', '.join(sorted(came)) or 'none'}",)
        return Line(what, step.state, ", ".join(sorted(came)), faults, step.why or "")

    async def _requests(self, at: str, name: str) -> set[str]:
        stub: RequestsServiceAsyncStub = RequestsServiceStub(self._stage.national(at))
        answer = await stub.GetRequest(requests.GetRequestRequest(request_id=name), timeout=CALL_SECONDS)
        return {RequestState.Name(each.state).removeprefix("REQUEST_STATE_") for each in answer.requests}

    async def _alerts(self, at: str, name: str) -> set[str]:
        stub: AlertsServiceAsyncStub = AlertsServiceStub(self._stage.national(at))
        answer = await stub.GetAlert(alerts.GetAlertRequest(alert_id=name), timeout=CALL_SECONDS)
        return {alerts.AlertStanding.Name(each.standing).removeprefix("ALERT_STANDING_") for each in answer.alerts}

    async def _at_audit(self, step: Audited) -> Line:
        async def look() -> list[audit.AuditEntry]:
            answer = await self._stage.audit(step.at).ListAuditEntries(
                audit.ListAuditEntriesRequest(), timeout=CALL_SECONDS
            )
            return list(answer.entries)

        def is_there(entries: list[audit.AuditEntry]) -> bool:
            return any(each.action == step.action and step.detail in each.detail for each in entries)

        entries = await _settled(look, is_there, f"the audit log of {step.at}")
        found = is_there(entries)
        what, wanted = f"the audit log of {step.at}", f"{step.action}: {step.detail}"
        faults = () if found else (f"expected an entry {wanted}, found none among {len(entries)}",)
        return Line(what, wanted, wanted if found else "no such entry", faults, step.why or "")

    async def _at_record(self, step: Look) -> Line:
        record_id = self._wording.record_ids[step.record or ""]
        what = f"{step.at} looks at {step.record}"

        async def look() -> tuple[str, set[str]]:
            try:
                stored = await self.record(step.at, record_id)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.NOT_FOUND:
                    raise
                return "ABSENT", set()
            return standing_of(stored), {each.rule for each in stored.violations}

        came, rules = await _settled(look, lambda found: found[0] == step.standing, what)
        faults = [] if came == step.standing else [f"expected {step.standing}, came {came}"]
        if step.rules is not None and rules != set(step.rules):
            faults.append(f"expected the rules {sorted(step.rules)}, came {sorted(rules)}")
        return Line(what, step.standing or "", " ".join((came, *sorted(rules))), tuple(faults), step.why or "")

    async def _at_link(self, step: Look, partner: str) -> Line:
        what = f"{step.at} looks at its link with {partner}"

        def as_expected(link: operations.Link) -> bool:
            return (
                (step.link is None or link.state == _LINKS[step.link])
                and step.reason in (None, link.last_reason)
                and step.unreceipted in (None, link.issued.size - link.issued.receipted)
            )

        link = await _settled(lambda: self._stage.link(step.at, partner), as_expected, what)
        faults = await self._log_faults(step.at, partner) if step.equal_logs else ()
        state = operations.LinkState.Name(link.state).removeprefix("LINK_STATE_")
        wanted: list[str] = [step.link or ""]
        came = [state if step.link else ""]
        if step.reason is not None:
            wanted.append(step.reason)
            came.append(link.last_reason)
        if step.unreceipted is not None:
            wanted.append(f"{step.unreceipted} unreceipted")
            came.append(f"{link.issued.size - link.issued.receipted} unreceipted")
        if step.equal_logs:
            wanted.append("both logs equal")
            came.append("logs differ" if faults else "both logs equal")
        if not as_expected(link):
            faults = (f"expected {' '.join(wanted)}, came {' '.join(came)}", *faults)
        return Line(what, " ".join(filter(None, wanted)), " ".join(filter(None, came)), faults, step.why or "")

    async def _at_figures(self, step: Figures) -> Line:
        """Count over a month around the moment."""
        stub: StatisticsServiceAsyncStub = StatisticsServiceStub(self._stage.national(step.at))
        now = self._stage.clock.now()
        request = statistics.GetStatisticsRequest(partner=step.partner)
        getattr(request, "from").FromSeconds(now - _MONTH)  # the field's name is a word of Python's
        request.until.FromSeconds(now + _DAY)

        async def look() -> int:
            answer = await stub.GetStatistics(request, timeout=CALL_SECONDS)
            return sum(each.relied_on.findings.contradicted for each in answer.partners)

        what = f"{step.at} counts what {step.partner} found on arrival"
        came = await _settled(look, lambda found: found == step.contradicted, what)
        wanted = f"{step.contradicted} contradicted"
        faults = () if came == step.contradicted else (f"expected {wanted}, came {came}",)
        return Line(what, wanted, f"{came} contradicted", faults, step.why or "")

    async def _at_evidence(self, step: Prove) -> Line:
        """Verify a bundle as somebody who was not there would, with the digests known from outside."""
        answer = await self._stage.records(step.at).ExportEvidence(
            national.ExportEvidenceRequest(record_id=self._wording.record_ids[step.record], partner=step.issuer),
            timeout=CALL_SECONDS,
        )
        what = f"{step.at} proves what {step.issuer} said in {step.record}"
        try:
            came = verify(answer.bundle, await self._stage.descriptor_digests()).outcome.value
        except GatewayError as error:
            came = f"{error.reason}: {error.sentence}"
        faults = () if came == Outcome.PROVEN else (f"expected {Outcome.PROVEN}, came {came}",)
        return Line(what, Outcome.PROVEN, came, faults, step.why or "")

    async def _at_goodbyes(self, step: Told) -> Line:
        """Wait for a Goodbye as it goes out; honest nodes are traced too."""

        async def look() -> list[str]:
            said, heard = (step.by, step.partner, Way.OUT, "Goodbye"), (step.partner, step.by, Way.IN, "Answer")
            return [
                each.facts
                for each in self._stage.trace.events
                if (each.seen_by, each.partner, each.way, each.kind) in (said, heard)
            ]

        what = f"{step.by} tells {step.partner} why it ends"
        came = await _settled(look, lambda found: step.reason in found, what)
        told = ", ".join(dict.fromkeys(came)) or "nothing"
        faults = () if step.reason in came else (f"expected {step.reason}, came {told}",)
        return Line(what, step.reason, step.reason if not faults else told, faults, step.why or "")

    async def _log_faults(self, one: str, other: str) -> tuple[str, ...]:
        """Compare both directions of a link: what one has issued, the other holds and has signed for."""

        async def look() -> tuple[str, ...]:
            here, there = await self._stage.link(one, other), await self._stage.link(other, one)
            pairs = ((one, here.issued, there.held), (other, there.issued, here.held))
            return tuple(
                f"{issuer} issued {issued.size} entries, {issued.receipted} receipted; the other holds {held.size}"
                for issuer, issued, held in pairs
                if not (issued.size == issued.receipted == held.size)
            )

        return await _settled(look, lambda found: not found, f"equal logs of {one} and {other}")


async def _settled(look: Callable[[], Awaitable[Seen]], holds: Callable[[Seen], bool], what: str) -> Seen:
    """Look until it holds; gives what is seen last where it does not."""
    try:
        return await until(look, holds, what)
    except NothingCame:
        return await look()


def standing_of(stored: national.StoredRecord) -> str:
    """Say whether a record may be used, as ACCEPTED or QUARANTINED."""
    return national.Standing.Name(stored.standing).removeprefix("STANDING_")
