"""The made-up traffic is valid by the records' own rules, repeats by seed, and the demo's file is what the seed gives."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from google.protobuf import json_format

from gateway import records
from gateway.records.identifiers import parse_container, parse_imo, parse_tin, parse_ucr
from gateway.records.identifiers.containers import Conformity
from mock_partners.traffic.corridors import CORRIDORS, IMO_NUMBERS, PORTS
from mock_partners.traffic.generator import Traffic
from mutualrecognition.national.v1 import records_service_pb2 as pb

SHIPPED = Path(__file__).parents[3] / "gateway" / "cli" / "demo" / "records.jsonl"


def submissions(seed: int, count: int) -> list[pb.Submission]:
    return [json_format.ParseDict(each, pb.Submission()) for each in Traffic(seed).submissions(count)]


@pytest.mark.parametrize("seed", [1, 7, 20260112])
def test_every_record_keeps_the_rules_of_its_kind(seed: int) -> None:
    for submission in submissions(seed, 800):
        record = submission.record
        record.header.record_id = "0197b6a0-0000-7000-8000-000000000001"
        record.header.issued_at.seconds = 1_768_500_000
        record.header.agreement_id, record.header.agreement_version = "a", 1
        assert records.check(record) == ()


def test_numbers_hold() -> None:
    for submission in submissions(3, 400):
        subject = submission.record.header.subject
        for number in subject.consignment.container_numbers:
            assert parse_container(number).conformity is Conformity.CONFORMS
        if subject.HasField("operator"):
            parse_tin(subject.operator.tin)
        if submission.record.HasField("screening_result"):
            parse_ucr(submission.record.screening_result.consignment.ucr)
    for number in IMO_NUMBERS:
        parse_imo(number)


def test_same_seed_same_records_other_seed_others() -> None:
    assert list(Traffic(5).submissions(50)) == list(Traffic(5).submissions(50))
    assert list(Traffic(5).submissions(50)) != list(Traffic(6).submissions(50))


def test_corridors_go_between_known_ports() -> None:
    assert {port for lanes in CORRIDORS.values() for lane in lanes for port in (lane.origin, lane.destination)} <= set(
        PORTS
    )


def test_file_of_the_demo_is_what_the_generator_makes() -> None:
    shipped = [json.loads(line) for line in SHIPPED.read_text("utf-8").splitlines()]
    assert shipped == list(Traffic(7).submissions(300))


def test_shares_are_plausible() -> None:
    kinds = Counter(records.kind_of(each.record) for each in submissions(1, 2000))
    assert kinds["screening_result"] > kinds["inspection_outcome"] > kinds["aeo_status"] > 100


def test_issuers_and_kinds_can_be_chosen() -> None:
    chosen = list(Traffic(1, issuers=["CN"], aeo=False).submissions(200))
    assert {each["record"]["header"]["issuer"] for each in chosen} == {"CN"}
    assert not any("aeo_status" in each["record"] for each in chosen)
