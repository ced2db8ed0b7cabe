"""Three administrations that state, decide, release, correct, take back and lose keys, and what follows from it.

``History`` does it on real nodes, one step after the other, and notes it down. What ledger, recalls and figures must say
is worked out from these notes alone, by going through everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from google.protobuf.json_format import ParseDict

from mock_partners.staging.nodes import CALL_SECONDS, until
from mock_partners.staging.stage import Stage
from mock_partners.traffic.numbers import container
from mutualrecognition.national.v1 import decision_pb2 as decisions
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import recognition_service_pb2 as recognition
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1 import reliance_pb2 as reliance
from mutualrecognition.national.v1 import reliances_service_pb2 as reliances
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub
from mutualrecognition.records.v1 import recall_pb2 as causes
from mutualrecognition.records.v1.inspection_outcome_pb2 import CONCLUSION_DISCREPANCY, CONCLUSION_NO_DISCREPANCY
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_PHYS_FULL_DEVAN, Method
from mutualrecognition.records.v1.recall_answer_pb2 import (
    GOODS_STATE_HELD,
    GOODS_STATE_NOT_ARRIVED,
    GOODS_STATE_RELEASED,
    GOODS_STATE_UNSPECIFIED,
)
from mutualrecognition.records.v1.record_pb2 import Record

MEMBERS = ("CN", "NL", "US")
STEP_SECONDS = 4
"""Between two steps, on the clock of all nodes: what is a moment between two steps is in no doubt."""
RELIED = {decisions.OUTCOME_RELY, decisions.OUTCOME_RELY_SUBJECT_TO, decisions.OUTCOME_RELY_IN_PART}
IN_LEDGER = {*RELIED, decisions.OUTCOME_VERIFY}
CHECKS = {
    ("THREAT_EXPLOSIVES_IED", "NII"): "NII_XRAY",
    ("THREAT_WEAPONS", "NII"): "NII_XRAY",
    ("THREAT_RADIOLOGICAL_NUCLEAR", "RADIATION"): "RAD_RPM",
}
_MET = {decisions.CHECK_STANDING_MET, decisions.CHECK_STANDING_MET_ON_CONDITION}


@dataclass(frozen=True)
class Stated:
    """A record: a control, or a withdrawal of one (``devices`` empty)."""

    name: str
    issuer: str
    box: str
    office: str
    devices: dict[str, str]
    at: int
    supersedes: str = ""


@dataclass
class Decided:
    """A decision as its answer said; ``stood`` are record and method, once for each check."""

    name: str
    outcome: int
    records: frozenset[str]
    stood: tuple[tuple[str, str], ...]
    partners: frozenset[str]
    goods: int = GOODS_STATE_UNSPECIFIED
    finding: int = reliance.FINDING_UNSPECIFIED

    @property
    def relied(self) -> bool:
        return self.outcome in RELIED


@dataclass
class History:
    """What has happened."""

    stage: Stage
    chance: Random
    stated: dict[str, Stated] = field(default_factory=dict)
    decided: dict[str, list[Decided]] = field(default_factory=lambda: {each: [] for each in MEMBERS})
    declared: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    told: list[tuple[str, str, str, frozenset[str]]] = field(default_factory=list)
    """Recalls that nodes declare by themselves: name, by whom, to whom, of which records."""
    compromised: tuple[str, int, int] | None = None

    async def live(self, steps: int) -> None:
        """Begin with something to decide on, then do anything."""
        for member in MEMBERS:
            await self.state(member)
        for _ in range(steps):
            self.stage.clock.advance(STEP_SECONDS)
            await self._step()

    async def _step(self) -> None:
        member = self.chance.choice(MEMBERS)
        live = [each for each in self.stated.values() if each.devices and each.name not in self.replaced]
        match self.chance.choices(range(7), weights=(4, 9, 3, 3, 2, 1, 1))[0]:
            case 0:
                await self.state(member)
            case 1:
                others = [each for each in live if each.issuer != member]
                if others:
                    await self.decide(member, self.chance.choice(others))
            case 2 if open_ones := [each for each in self.decided[member] if each.outcome in IN_LEDGER]:
                await self.note_goods(member, self.chance.choice(open_ones))
            case 3 if open_ones := [each for each in self.decided[member] if each.outcome in IN_LEDGER]:
                await self.give_feedback(member, self.chance.choice(open_ones))
            case 4 if live:
                await self.replace(self.chance.choice(live), correct=self.chance.random() < 0.5)
            case 5 if live:
                await self.declare(self.chance.choice(live))
            case 6 if self.compromised is None:
                await self.lose_key(member)

    @property
    def replaced(self) -> frozenset[str]:
        """Records that others have taken the place of."""
        return frozenset(each.supersedes for each in self.stated.values())

    async def state(self, issuer: str, *, instead_of: Stated | None = None) -> None:
        """State a control; ``instead_of`` another, by other devices."""
        unit = self.chance.randrange(3)
        office = instead_of.office if instead_of else f"{issuer}-O{unit % 2}"
        devices = {"NII_XRAY": f"{issuer}-X{unit}", "RAD_RPM": f"{issuer}-P{unit % 2}"}
        box = instead_of.box if instead_of else container(self.chance, "MSKU")
        record = control(box, office, devices, self.stage.clock.now(), seal=f"{issuer}{len(self.stated):07d}")
        record.header.supersedes = instead_of.name if instead_of else ""
        await self._submit(issuer, record, box, office, devices)

    async def replace(self, stated: Stated, *, correct: bool) -> None:
        """Correct a record, or withdraw it, when its issuer has heard of all that relied on it."""
        await self.notices_heard()
        before = set(self.stated)
        if correct:
            await self.state(stated.issuer, instead_of=stated)
        else:
            record = Record()
            record.header.purpose = 1
            record.header.subject.record_id = record.header.supersedes = stated.name
            record.withdrawal.reason = 1
            await self._submit(stated.issuer, record, stated.box, stated.office, {})
        (name,) = set(self.stated) - before
        earlier = self.earlier(name)
        for member in MEMBERS:
            named = frozenset(x for each in self.decided[member] if each.relied for x in each.records & earlier)
            if named:
                self.told.append((f"{stated.issuer}-{name}", stated.issuer, member, named))
                await self._recall_at(member, f"{stated.issuer}-{name}")

    async def _submit(self, issuer: str, record: Record, box: str, office: str, devices: dict[str, str]) -> None:
        submission = national.Submission(request_id=f"{len(self.stated)}-{self.chance.random()}", record=record)
        request = national.SubmitRecordsRequest(submissions=[submission])
        (result,) = (await self.stage.records(issuer).SubmitRecords(request, timeout=CALL_SECONDS)).results
        assert result.record_id, result
        await self.settled(issuer)
        self.stated[result.record_id] = Stated(
            result.record_id,
            issuer,
            box,
            office,
            devices,
            self.stage.clock.now(),
            record.header.supersedes,
        )

    async def decide(self, at: str, about: Stated) -> None:
        """Ask for some of the checks."""
        wanted = self.chance.sample(sorted(CHECKS), self.chance.randrange(1, 4))
        asked = {
            "consignment": goods_in(about.box),
            "required": [{"threat": threat, "check": check} for threat, check in wanted],
        }
        question = ParseDict(asked, decisions.Question())
        request = recognition.DecideRequest(request_id=f"d-{self.chance.random()}", question=question)
        stub = RecognitionServiceStub(self.stage.national(at))
        answer = (await stub.Decide(request, timeout=CALL_SECONDS)).decision
        stood = tuple(
            (name, CHECKS[decisions_threat(check), check.required.check])
            for check in answer.checks
            if check.standing in _MET
            for name in check.bases[check.met_by].record_ids
        )
        records = frozenset(each.record_id for each in answer.records if each.relied_on)
        in_ledger = answer.outcome in IN_LEDGER
        self.decided[at].append(
            Decided(
                answer.decision_id,
                answer.outcome,
                records if in_ledger else frozenset(),
                stood if in_ledger else (),
                frozenset(each.partner for each in answer.records) - {""},
            )
        )

    async def note_goods(self, at: str, decided: Decided) -> None:
        """Say where goods are."""
        state = self.chance.choice((GOODS_STATE_RELEASED, GOODS_STATE_HELD, GOODS_STATE_NOT_ARRIVED))
        request = reliances.NoteGoodsRequest(decision_ids=[decided.name], state=state)
        await ReliancesServiceStub(self.stage.national(at)).NoteGoods(request, timeout=CALL_SECONDS)
        decided.goods = state

    async def give_feedback(self, at: str, decided: Decided) -> None:
        """Say what arrival showed."""
        wrong = self.chance.random() < 0.4
        report = reliance.ArrivalReport(
            checks_done=[Method(kind=METHOD_KIND_PHYS_FULL_DEVAN)],
            conclusion=CONCLUSION_DISCREPANCY if wrong else CONCLUSION_NO_DISCREPANCY,
            contradiction=wrong,
        )
        request = reliances.GiveFeedbackRequest(decision_id=decided.name, report=report)
        await ReliancesServiceStub(self.stage.national(at)).GiveFeedback(request, timeout=CALL_SECONDS)
        decided.finding = reliance.FINDING_CONTRADICTED if wrong else reliance.FINDING_CONFIRMED

    async def declare(self, like: Stated) -> None:
        """Recall whatever a device was used for."""
        device = self.chance.choice(sorted(like.devices.values()))
        name = f"{like.issuer}-R{len(self.declared)}"
        request = recalls.DeclareRecallRequest(recall_id=name, cause=causes.RECALL_CAUSE_EQUIPMENT_FAULT)
        request.selection.equipment_id = device
        await RecallsServiceStub(self.stage.national(like.issuer)).DeclareRecall(request, timeout=CALL_SECONDS)
        mine = (each for each in self.stated.values() if each.issuer == like.issuer)
        self.declared[name] = (like.issuer, frozenset(x.name for x in mine if device in x.devices.values()))
        for member in set(MEMBERS) - {like.issuer}:
            await self._recall_at(member, name)

    async def lose_key(self, member: str) -> None:
        """Say that the log key was stolen, some steps ago, between two of them."""
        now = self.stage.clock.now()
        since = now - self.chance.randrange(1, 12) * STEP_SECONDS - STEP_SECONDS // 2
        await self.stage.end_log_keys(member, since)
        self.compromised = (member, since, now)
        self.stage.clock.advance(STEP_SECONDS)

    async def notices_heard(self) -> None:
        """Wait until each partner on which somebody relied has been told."""
        for member in MEMBERS:
            expected = {
                (self.stated[record].issuer, each.name)
                for each in self.decided[member]
                if each.relied
                for record in each.records
            }
            for partner in sorted({issuer for issuer, _ in expected}):
                names = {name for issuer, name in expected if issuer == partner}
                await until(
                    lambda partner=partner: self._noticed(partner),  # type: ignore[misc]
                    lambda found, names=names: names <= found,  # type: ignore[misc]
                    f"the notices of {member} at {partner}",
                )

    async def settled(self, member: str) -> None:
        """Wait until everything that a member issued has its receipts."""
        await until(
            lambda: self.stage.rows(member),
            lambda rows: all(not row.waiting and row.issued.size == row.issued.receipted for row in rows),
            f"the receipts for {member}",
        )

    async def _noticed(self, at: str) -> set[str]:
        wanted = national.RecordFilter(direction=national.DIRECTION_RECEIVED, kinds=["reliance_notice"])
        request = national.ListRecordsRequest(page_size=1000, filter=wanted)
        found = (await self.stage.records(at).ListRecords(request, timeout=CALL_SECONDS)).records
        return {each.record.reliance_notice.decision_id for each in found}

    async def _recall_at(self, at: str, name: str) -> None:
        await until(lambda: recalls_at(self.stage, at), lambda found: name in found, f"the recall {name} at {at}")

    def earlier(self, name: str) -> frozenset[str]:
        """Give the earlier forms of a record."""
        found: set[str] = set()
        while name := self.stated[name].supersedes:
            found.add(name)
        return frozenset(found)


def decisions_threat(check: decisions.CheckResult) -> str:
    return str(
        decisions.RequiredCheck.DESCRIPTOR.fields_by_name["threat"]
        .enum_type.values_by_number[check.required.threat]
        .name
    )


def goods_in(box: str) -> dict[str, Any]:
    voyage = {"reference": "431W", "mode": "TRANSPORT_MODE_SEA"}
    return {"ucr": f"6CN{box}", "container_numbers": [box], "voyage": voyage}


def control(box: str, office: str, devices: dict[str, str], now: int, *, seal: str) -> Record:
    goods = goods_in(box)
    record = ParseDict(
        {
            "header": {
                "issuing_office": office,
                "purpose": "PURPOSE_SECURITY_RISK",
                "subject": {"consignment": goods},
            },
            "inspection_outcome": {
                "control_id": f"C-{seal}",
                "consignment": goods,
                "reason": "CONTROL_REASON_OWN_SELECTION",
                "methods": [
                    {
                        "kind": "METHOD_KIND_NII_XRAY",
                        "equipment_id": devices["NII_XRAY"],
                        "xray": {"energy_mev": 6.0, "energy_mode": "ENERGY_MODE_DUAL"},
                    },
                    {
                        "kind": "METHOD_KIND_RAD_RPM",
                        "equipment_id": devices["RAD_RPM"],
                        "radiation": {"alarm": "RADIATION_ALARM_NONE"},
                    },
                ],
                "conclusion": "CONCLUSION_NO_DISCREPANCY",
                "seals_after": [
                    {
                        "number": seal,
                        "seal_class": "SEAL_CLASS_HIGH_SECURITY",
                        "kind": "SEAL_KIND_MECHANICAL",
                        "sealer": "SEALER_CUSTOMS",
                    }
                ],
                "coverage": {"extent": "COVERAGE_EXTENT_WHOLE_CONTAINER"},
            },
        },
        Record(),
    )
    record.inspection_outcome.started_at.seconds = now - 60
    record.inspection_outcome.ended_at.seconds = now - 50
    return record


async def recalls_at(stage: Stage, at: str) -> dict[str, recalls.Recall]:
    """Give every recall that a node lists, by its name."""
    stub = RecallsServiceStub(stage.national(at))
    request, found = recalls.ListRecallsRequest(), dict[str, recalls.Recall]()
    while True:
        page = await stub.ListRecalls(request, timeout=CALL_SECONDS)
        found |= {each.recall_id: each for each in page.recalls}
        request.page_token = page.next_page_token
        if not request.page_token:
            return found
