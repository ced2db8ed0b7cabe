"""Submissions from JSON: every form that people write, and what is refused with its place."""

from __future__ import annotations

import io
import json
from itertools import count

import pytest

from gateway.cli.submission_files import MESSAGE_BYTES, MESSAGE_RECORDS, Placed, in_messages, read_submissions
from gateway.errors import Malformed
from gateway.records import KINDS
from gateway.records.templates import template
from mutualrecognition.national.v1.records_service_pb2 import Submission

RECORD = {"header": {"issuing_office": "CN5316"}, "inspection_outcome": {"control_id": "c-1"}}


def read(text: str) -> list[Placed]:
    ids = count(1)
    return list(read_submissions(io.StringIO(text), lambda: f"made-{next(ids)}"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_read_past_its_comments(kind: str) -> None:
    (found,) = read(template(kind))
    assert found.submission.record.WhichOneof("body") == kind
    assert not found.submission.record.header.record_id


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (json.dumps(RECORD, indent=2), ["the input"]),
        (json.dumps(RECORD), ["line 1"]),
        (f"\n{json.dumps(RECORD)}\n\n{json.dumps(RECORD)}\n", ["line 2", "line 4"]),
        (json.dumps([RECORD, RECORD]), ["item 1", "item 2"]),
        (json.dumps([RECORD, RECORD], indent=1), ["item 1", "item 2"]),
        ("", []),
    ],
)
def test_forms(text: str, places: list[str]) -> None:
    found = read(text)
    assert [each.place for each in found] == places
    assert {each.submission.record.inspection_outcome.control_id for each in found} <= {"c-1"}
    assert [each.submission.request_id for each in found] == [f"made-{n}" for n in range(1, len(places) + 1)]


def test_submission_keeps_its_own_request_id_and_recipients() -> None:
    (found,) = read(
        json.dumps({"request_id": "r-1", "record": RECORD, "recipients": ["NL"], "priority": "PRIORITY_BULK"})
    )
    assert (found.submission.request_id, list(found.submission.recipients)) == ("r-1", ["NL"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"headr": {}}', "line 1: there is no field 'headr'"),
        ('{"header": {}, "header": {}}', "'header' stands twice"),
        ('{"inspection_outcome": {"coverage": {"percent": NaN}}}', "NaN is no number"),
        ('{"header": ', "not JSON"),
        ("[1]", "item 1: a record is a JSON object"),
        ('{"inspection_outcome": {"conclusion": "CLEAR"}}', "line 1"),
        ("[" * 100_000, "nested too deeply"),
        (f"{json.dumps(RECORD)}\n{{]\n", "line 2"),
    ],
)
def test_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(Malformed, match=words.replace("[", r"\[")):
        read(text)


def test_lines_before_a_fault_are_given() -> None:
    given = read_submissions(io.StringIO(f"{json.dumps(RECORD)}\nnonsense\n"), lambda: "id")
    assert next(given).place == "line 1"
    with pytest.raises(Malformed, match="line 2"):
        next(given)


def test_messages_keep_to_both_limits() -> None:
    small = [Placed(str(n), Submission(request_id=str(n))) for n in range(MESSAGE_RECORDS + 1)]
    assert [len(each) for each in in_messages(small)] == [MESSAGE_RECORDS, 1]
    large = []
    for number in range(25):
        submission = Submission(request_id=str(number))
        submission.record.inspection_outcome.control_id = "x" * 200_000
        large.append(Placed(str(number), submission))
    messages = list(in_messages(large))
    assert [each for message in messages for each in message] == large
    assert all(sum(each.submission.ByteSize() for each in message) <= MESSAGE_BYTES for message in messages)
