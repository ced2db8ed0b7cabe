"""A made-up importing side, NL, with what CN told it: records, agreements, a question, and the decision on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import count
from typing import Any

from google.protobuf import json_format

from gateway.recognition.decider import Decided, Decider
from gateway.recognition.keeping import keep_what_rules_read
from gateway.recognition.rules import RULES, Rule
from gateway.recognition.surroundings import Surroundings
from gateway.recognition.tariff import Editions
from gateway.trust.agreements import Agreement, parse_agreement
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts, RecordFacts
from mutualrecognition.national.v1.reliance_pb2 import SuspensionScope
from mutualrecognition.records.v1.record_pb2 import Record

NOW = 1_900_000_000
HOUR = 3600
DAY = 24 * HOUR
BOX, BILL, UCR, TIN, SEAL = "MSKU3841906", "MAEU240117845", "6CN1234567890PO44712", "CN1234567890", "CN0047821"
KEY = b"k" * 32

TERMS = """mutualrecognition/agreement/v1
id = "cn-nl"
version = {version}
title = "Example"
legal_basis = "Example"
parties = ["CN", "NL", "US"]
valid_from = 2026-01-01
valid_until = {until}
signatures = "ed25519"
purposes = ["SECURITY_RISK", "AEO_BENEFIT", "FISCAL"]
{flows}
{rows}
[[recognition]]
from = "CN"
to = "NL"
sample_percent = {sample}
{settings}
[[max_status_age]]
kind = "aeo_status"
hours = 24
"""
FLOW = """[[flows]]
from = "{sender}"
to = "NL"
kind = "{kind}"
fields = ["*"]
purposes = {purposes}
retention_days = 365
"""
KINDS = ("inspection_outcome", "screening_result", "aeo_status")
ROWS = """
[[equivalence]]
from = "CN"
to = "NL"
basis = "control"
name = "xray"
method = "NII_XRAY"
counts_as = "NII"
threats = ["EXPLOSIVES_IED", "WEAPONS"]
max_age_hours = 720
min_energy_mev = 6.0
seal = "H"
[[equivalence]]
from = "CN"
to = "NL"
basis = "control"
name = "portal"
method = "RAD_RPM"
counts_as = "RADIATION"
threats = ["RADIOLOGICAL_NUCLEAR"]
max_age_hours = 720
seal = "H"
[[equivalence]]
from = "CN"
to = "NL"
basis = "screening"
name = "low"
counts_as = "NII"
threats = ["EXPLOSIVES_IED", "RADIOLOGICAL_NUCLEAR"]
level_at_most = "LOW"
max_age_hours = 720
alone = false
[[equivalence]]
from = "CN"
to = "NL"
basis = "aeo"
name = "secure"
counts_as = "NII"
threats = ["EXPLOSIVES_IED"]
roles = ["EXPORTER"]
max_age_hours = 24
alone = false
[[equivalence]]
from = "CN"
to = "NL"
basis = "aeo"
name = "documents"
counts_as = "DOCUMENTS"
threats = ["FISCAL", "WEAPONS"]
max_age_hours = 24
[[equivalence]]
from = "CN"
to = "NL"
basis = "screening"
name = "no-sign"
counts_as = "TARGETING"
threats = ["NARCOTICS", "EXPLOSIVES_IED"]
level_at_most = "NONE"
max_age_hours = 720
[[combinations]]
to = "NL"
name = "both"
counts_as = "NII"
threats = ["EXPLOSIVES_IED"]
all_of = ["low", "secure"]
seal = "H"
"""


@lru_cache
def agreement(
    *, version: int = 1, until: str = "2036-01-01", rows: str = ROWS, sample: float = 0.0, settings: str = "",
    purposes: str = '["SECURITY_RISK", "AEO_BENEFIT", "FISCAL"]', senders: tuple[str, ...] = ("CN", "US"),
    partner: str = "CN",
) -> Agreement:  # fmt: skip
    """The agreement with CN and the US; another ``partner`` stands in CN's place, in one of its own."""
    flows = "".join(FLOW.format(sender=sender, kind=kind, purposes=purposes) for sender in senders for kind in KINDS)
    text = TERMS.format(version=version, until=until, flows=flows, rows=rows, sample=sample, settings=settings)
    return parse_agreement(text.replace("cn-", f"{partner.lower()}-").replace('"CN"', f'"{partner}"'))


def goods(**other: Any) -> dict[str, Any]:
    """The goods of every example: one container under one bill of lading."""
    return {
        "ucr": UCR,
        "container_numbers": [BOX],
        "transport_documents": [{"number": BILL, "level": "DOCUMENT_LEVEL_MASTER"}],
        **other,
    }


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seal(number: str = SEAL, strength: str = "HIGH_SECURITY", **other: Any) -> dict[str, Any]:
    return {"number": number, "seal_class": f"SEAL_CLASS_{strength}", "sealer": "SEALER_CUSTOMS", **other}


def control(at: int = NOW - 5 * DAY, **other: Any) -> dict[str, Any]:
    """An x-ray and a radiation portal, clear, sealed afterwards."""
    return {
        "inspection_outcome": {
            "control_id": "CN-1",
            "consignment": goods(),
            "location": {"locode": "CNYTN"},
            "ended_at": iso(at),
            "methods": [
                {"kind": "METHOD_KIND_NII_XRAY", "xray": {"energy_mev": 6.0}},
                {"kind": "METHOD_KIND_RAD_RPM", "radiation": {"alarm": "RADIATION_ALARM_NONE"}},
            ],
            "conclusion": "CONCLUSION_NO_DISCREPANCY",
            "seals_after": [seal()],
            "coverage": {"extent": "COVERAGE_EXTENT_WHOLE_CONTAINER"},
            **other,
        }
    }


def screening(at: int = NOW - 5 * DAY, **other: Any) -> dict[str, Any]:
    levels = {"EXPLOSIVES_IED": "NONE", "RADIOLOGICAL_NUCLEAR": "NONE"}
    return {
        "screening_result": {
            "consignment": goods(),
            "performed_at": iso(at),
            "stage": "SCREENING_STAGE_PRE_LOAD",
            "data_completeness": "DATA_COMPLETENESS_COMPLETE",
            "assessments": [
                {"threat": f"THREAT_{threat}", "level": f"THREAT_LEVEL_{level}"} for threat, level in levels.items()
            ],
            "recommendation": "RECOMMENDATION_NO_ACTION",
            **other,
        }
    }


def standing(status: str = "CERTIFIED", at: int = NOW - 400 * DAY, **other: Any) -> dict[str, Any]:
    return {
        "aeo_status": {
            "tin": TIN,
            "roles": ["AEO_ROLE_EXPORTER"],
            "programme": "AEO Advanced",
            "scope": "AEO_SCOPE_FULL",
            "certificate_number": "A1",
            "status": f"AEO_STATE_{status}",
            "effective_at": iso(at),
            **other,
        }
    }


def seal_event(
    event: str, at: int, number: str = SEAL, strength: str = "HIGH_SECURITY", **other: Any
) -> dict[str, Any]:
    sealer = other.pop("sealer", "SEALER_CUSTOMS")
    return {
        "seal_event": {
            "container_number": BOX,
            "seal": {**seal(number, strength), "sealer": sealer},
            "event": f"SEAL_EVENT_TYPE_{event}",
            "at": iso(at),
            **other,
        }
    }


def movement(kind: str, at: int, **other: Any) -> dict[str, Any]:
    return {"movement_event": {"type": f"MOVEMENT_TYPE_{kind}", "consignment": goods(), "at": iso(at), **other}}


def alert(kind: str, **other: Any) -> dict[str, Any]:
    return {"alert": {"alert_id": "A-1", "type": f"ALERT_TYPE_{kind}", **other}}


XRAY = ("EXPLOSIVES_IED", "NII")
PORTAL = ("RADIOLOGICAL_NUCLEAR", "RADIATION")


def question(required: Sequence[tuple[str, str]] = (XRAY, PORTAL), **other: Any) -> dict[str, Any]:
    return {
        "consignment": goods(),
        "required": [{"threat": f"THREAT_{threat}", "check": check} for threat, check in required],
        **other,
    }


def arrival(state: str = "INTACT", number: str = SEAL, **other: Any) -> dict[str, Any]:
    """What goes into a question at the gate."""
    return {
        "point": "POINT_OF_TIME_AT_ARRIVAL",
        "arrival": {"at": iso(NOW), "seals": [{"number": number, "state": f"SEAL_STATE_{state}"}], **other},
    }


def operator(role: str = "EXPORTER", tin: str = TIN) -> dict[str, Any]:
    return {"operators": [{"role": f"AEO_ROLE_{role}", "tin": tin}]}


@dataclass
class World:
    """What NL knows. ``told`` gives the record_id."""

    agreements: tuple[Agreement, ...] = field(default_factory=lambda: (agreement(),))
    records: list[RecordFacts] = field(default_factory=list)
    partners: dict[str, tuple[str, int]] = field(default_factory=lambda: {"CN": ("", NOW - 60)})
    rules: tuple[Rule, ...] = RULES
    key: bytes = KEY
    now: int = NOW
    time_is_over: bool = False
    suspended: tuple[SuspensionScope, ...] = ()
    _numbers: Any = field(default_factory=lambda: count(1))

    def told(
        self,
        body: dict[str, Any],
        *,
        issuer: str = "CN",
        issued_at: int | None = None,
        supersedes: str = "",
        purpose: str = "SECURITY_RISK",
        agreement_id: str = "cn-nl",
        receipted_at: int | None = None,
        key_until: int = 2**40,
        judgement: str = "",
        held: bool = False,
        recipients: Sequence[str] = (),
        **header: Any,
    ) -> str:
        number = next(self._numbers)
        record_id = f"01900000-0000-7000-8000-{number:012x}"
        at = NOW - 4 * DAY if issued_at is None else issued_at
        record = Record()
        stated = {
            "record_id": record_id,
            "issuer": issuer,
            "agreement_id": agreement_id,
            "agreement_version": 1,
            "purpose": f"PURPOSE_{purpose}",
            "supersedes": supersedes,
            "issued_at": iso(at),
            **header,
        }
        json_format.ParseDict({"header": stated, **body}, record)
        digest = sha256(record.SerializeToString()).digest()
        keep_what_rules_read(record)
        own = issuer == "NL"
        self.records.append(
            RecordFacts(
                partner="" if own else issuer,
                record=record,
                digest=digest,
                sequence=number,
                stored_at=at,
                receipted_at=0 if own else (at + 30 if receipted_at is None else receipted_at),
                key_from=0,
                key_until=0 if own else key_until,
                judgement=judgement,
                held=held,
                recipients=list(recipients),
            )
        )
        return record_id

    def facts(self, asked: dict[str, Any]) -> DecisionFacts:
        kept = DecisionFacts(own="NL", at=self.now, records=self.records, time_is_over=self.time_is_over)
        json_format.ParseDict(asked, kept.question)
        for partner, (suspended, heard) in self.partners.items():
            kept.partners.add(partner=partner, suspended=suspended)
            kept.lists.add(partner=partner, complete_as_of=heard)
        for each in self.agreements:
            kept.agreements.add(agreement_id=each.terms.id, version=each.terms.version, digest=each.digest)
        for scope in self.suspended:
            kept.suspended.add(suspension_id="s-1", scope=scope)
        return kept

    def decide(self, asked: dict[str, Any] | None = None) -> Decided:
        decider = Decider(sampling_key=self.key, editions=Editions({}), rules=self.rules)
        facts = self.facts(asked or question(**arrival()))
        return decider.decide(facts, Surroundings(facts, TrustBook("NL", agreements=self.agreements)))

    def outcome(self, asked: dict[str, Any] | None = None) -> str:
        return self.decide(asked).answer.outcome.name

    def reasons(self, asked: dict[str, Any] | None = None) -> set[str]:
        """Every reason that stands anywhere in the answer."""
        answer = self.decide(asked).answer
        found = {each.reason.value for some in answer.general.values() for each in some}
        for checked in answer.checks:
            found |= {each.reason.value for each in checked.missing}
            found |= {each.reason.value for basis in checked.bases for some in basis.results.values() for each in some}
        return found
