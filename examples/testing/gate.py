"""A part of a national system, to be tested: what the gate does with goods that a partner may have controlled."""

from __future__ import annotations

import uuid

import grpc

from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.recognition_service_pb2 import DecideRequest
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.records.v1.threat_pb2 import THREAT_EXPLOSIVES_IED

LET_GO = "let go"
CHECK_SEAL = "check the seal"
EXAMINE = "examine"


def what_to_do(gateway: grpc.Channel, container: str, ucr: str) -> str:
    """Ask our gateway, and say what the officer does. Whatever is not understood is examined."""
    question = pb.Question()
    question.consignment.container_numbers.append(container)
    question.consignment.ucr = ucr
    question.required.add(threat=THREAT_EXPLOSIVES_IED, check="NII")
    asked = DecideRequest(request_id=str(uuid.uuid4()), question=question)
    decision = RecognitionServiceStub(gateway).Decide(asked, timeout=30).decision
    if decision.outcome == pb.OUTCOME_RELY:
        return LET_GO
    if decision.outcome == pb.OUTCOME_RELY_SUBJECT_TO and {each.code for each in decision.conditions} == {
        "VERIFY_SEAL"
    }:
        return CHECK_SEAL
    return EXAMINE
