"""Voyages: one vessel's boxes from one administration to another, what is stated of them, and what is asked.

A voyage follows from a seed, the two administrations and its number, so that both ends know it without telling each
other: the exporter what it states, the importer what it must decide before the vessel arrives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from google.protobuf import json_format

from mock_partners.traffic import numbers
from mock_partners.traffic.consignments import Consignment, Json, make_consignment, moment
from mock_partners.traffic.controls import inspection_outcome
from mock_partners.traffic.operators import REGISTER_SIZE, aeo_status
from mock_partners.traffic.screenings import screening_result
from mutualrecognition.national.v1 import decision_pb2 as decisions
from mutualrecognition.national.v1.records_service_pb2 import PRIORITY_URGENT, Submission
from mutualrecognition.records.v1 import aeo_status_pb2 as operators
from mutualrecognition.records.v1 import consignment_ref_pb2 as refs
from mutualrecognition.records.v1 import threat_pb2 as threats

RECORDS_A_BOX: Final = 2
_CONTROLLED_BEFORE: Final = 3 * 3600
_REQUIRED: Final = (
    (threats.THREAT_EXPLOSIVES_IED, "NII"),
    (threats.THREAT_RADIOLOGICAL_NUCLEAR, "RADIATION"),
)


@dataclass(frozen=True, slots=True)
class Voyage:
    """What is aboard, and what besides happens around it; each of the others only now and then."""

    exporter: str
    importer: str
    name: str
    cargo: tuple[Consignment, ...]
    aeo_change: bool
    request: bool
    alert: bool
    recall: bool

    def submissions(self, departs: int) -> list[Submission]:
        """Give what the exporter states for this importer by the time of departure (POSIX seconds)."""
        chance = Random(f"{self.name}/stated")  # noqa: S311  it must repeat, nothing depends on its secrecy
        found = []
        for serial, goods in enumerate(self.cargo):
            before = replace(goods, at=departs - _CONTROLLED_BEFORE)
            bodies = {
                "screening_result": screening_result(chance, before),
                "inspection_outcome": inspection_outcome(chance, before, serial),
            }
            bodies["inspection_outcome"]["control_id"] = f"{self.name}-{serial}"
            header: Json = {
                "issuing_office": goods.office,
                "purpose": "PURPOSE_SECURITY_RISK",
                "subject": goods.subject,
            }
            found += [
                self._submission(f"{self.name}-{serial}-{kind}", {"header": header, kind: body})
                for kind, body in bodies.items()
            ]
        if self.aeo_change:
            found.append(self._aeo_change(chance, departs))
        return found

    def questions(self) -> list[decisions.Question]:
        """Give what the importer asks of every consignment aboard."""
        return [
            decisions.Question(
                consignment=json_format.ParseDict(goods.reference, refs.ConsignmentRef()),
                point=decisions.POINT_OF_TIME_BEFORE_ARRIVAL,
                declared=decisions.DeclaredFacts(
                    operators=[decisions.DeclaredOperator(role=operators.AEO_ROLE_EXPORTER, tin=goods.trader)]
                ),
                required=[decisions.RequiredCheck(threat=threat, check=check) for threat, check in _REQUIRED],
            )
            for goods in self.cargo
        ]

    def _aeo_change(self, chance: Random, departs: int) -> Submission:
        trader = self.cargo[0].trader
        body = aeo_status(chance, self.exporter, trader)
        body["effective_at"] = moment(departs - 60)
        header: Json = {"purpose": "PURPOSE_AEO_BENEFIT", "subject": {"operator": {"tin": trader}}}
        submission = self._submission(f"{self.name}-aeo", {"header": header, "aeo_status": body})
        submission.priority = PRIORITY_URGENT
        return submission

    def _submission(self, request_id: str, record: Json) -> Submission:
        given = {"request_id": request_id, "record": record, "recipients": [self.importer]}
        return json_format.ParseDict(given, Submission())


def voyage(seed: int, exporter: str, importer: str, number: int, boxes: tuple[int, int]) -> Voyage:
    """Make one voyage of so many consignments, at least and at most."""
    name = f"{exporter}{importer}-{seed}-{number:05d}"
    chance = Random(name)  # noqa: S311  it must repeat, nothing depends on its secrecy
    register = Random(f"{seed}/{exporter}")  # noqa: S311
    traders = [numbers.tin(register, exporter) for _ in range(REGISTER_SIZE)]
    cargo = tuple(
        make_consignment(chance, exporter, chance.choice(traders), partner=importer)
        for _ in range(chance.randint(*boxes))
    )
    return Voyage(
        exporter=exporter,
        importer=importer,
        name=name,
        cargo=cargo,
        aeo_change=chance.random() < 0.2,
        request=chance.random() < 0.1,
        alert=chance.random() < 0.05,
        recall=chance.random() < 0.02,
    )
