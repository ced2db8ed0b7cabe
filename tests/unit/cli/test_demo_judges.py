"""The demo's own reading of agreements agrees with the gateway's, and names what is wrong."""

from __future__ import annotations

import pytest
from google.protobuf import json_format

from gateway import records
from gateway.cli.demo.cast import control_with_everything, shipped_records
from gateway.cli.demo.expectation import DIRECTORY, Expectation, keep_only
from gateway.cli.demo.ledger import Ledger
from gateway.trust.agreements import parse_agreement
from mock_partners.traffic.generator import Traffic
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

TEXTS = [path.read_text("utf-8") for path in sorted(DIRECTORY.glob("*.toml"))]


def expectation() -> Expectation:
    return Expectation(TEXTS)


def delivered(record: Record, issuer: str, receiver: str) -> Record:
    flow = expectation().receivers(issuer, record)[receiver]
    made = records.FieldSelection(flow.kind, flow.fields).apply(record)
    made.header.issuer, made.header.agreement_id = issuer, flow.agreement
    return made


@pytest.mark.parametrize("text", TEXTS)
def test_agreements_of_the_demo_are_agreements(text: str) -> None:
    assert parse_agreement(text).terms.parties


def test_both_readings_of_every_flow_agree() -> None:
    flows = expectation().flows
    seen = set()
    for each in Traffic(11).submissions(600):
        record = json_format.ParseDict(each["record"], Record())
        for flow in flows:
            if record.WhichOneof("body") == flow.kind and "*" not in flow.fields:
                mine, theirs = Record(), records.FieldSelection(flow.kind, flow.fields).apply(record)
                mine.CopyFrom(record)
                keep_only(getattr(mine, flow.kind), flow.fields)
                assert mine == theirs
                seen.add((flow.sender, flow.receiver, flow.kind))
    assert len(seen) >= 4


def test_records_that_ship_cover_all_three() -> None:
    assert sorted(shipped_records()) == ["CN", "NL", "US"]


def test_what_should_arrive_is_fine() -> None:
    record = control_with_everything().record
    for receiver, flow in expectation().receivers("CN", record).items():
        assert expectation().differences(record, delivered(record, "CN", receiver), flow) == []


@pytest.mark.parametrize(
    ("change", "sort", "path"),
    [
        (lambda outcome: setattr(outcome, "officer_ref", "officer-7741"), "LEAK", "inspection_outcome.officer_ref"),
        (
            lambda outcome: outcome.methods[0].xray.CopyFrom(outcome.methods[0].xray.__class__(energy_mev=6.0)),
            "LEAK",
            "inspection_outcome.methods[0].xray.energy_mev",
        ),
        (lambda outcome: setattr(outcome, "control_id", "other"), "CHANGED", "inspection_outcome.control_id"),
        (lambda outcome: outcome.ClearField("location"), "LOST", "inspection_outcome.location.locode"),
    ],
)
def test_differences_are_named(change, sort: str, path: str) -> None:
    record = control_with_everything().record
    flow = expectation().receivers("CN", record)["US"]
    got = delivered(record, "CN", "US")
    change(got.inspection_outcome)
    assert (sort, path) in [(each.sort, each.path) for each in expectation().differences(record, got, flow)]


def test_header_counts_too() -> None:
    record = control_with_everything().record
    got = delivered(record, "CN", "NL")
    got.header.purpose = 3
    flow = expectation().receivers("CN", record)["NL"]
    assert [each.path for each in expectation().differences(record, got, flow)] == ["header.purpose"]


def test_good_record_that_is_refused_is_a_finding() -> None:
    ledger = Ledger(expectation())
    refusal = pb.SubmissionResult(refusal=pb.Refusal(reason="RECORD_INVALID"))
    assert not ledger.note("CN", control_with_everything(), refusal)
    assert [finding.name for finding in ledger.findings] == ["REFUSED"]


def test_release_to_others_than_agreed_is_a_finding() -> None:
    ledger = Ledger(expectation())
    result = pb.SubmissionResult(record_id="r", releases=[pb.Release(partner="NL")])
    assert ledger.note("CN", control_with_everything(), result)
    assert [finding.name for finding in ledger.findings] == ["WRONG_RECEIVERS"]
    assert ledger.due == {("CN", "NL"): 1, ("CN", "US"): 1}
