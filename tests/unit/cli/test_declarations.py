"""Import declarations become records that keep all rules and say what of them is made up; bad rows are named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.cli.demo.declarations import Declaration, Row, RowRefused, read_declarations, submissions_of
from gateway.errors import Malformed
from gateway.records import check, warnings
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1.record_pb2 import Record

REAL = Path(__file__).parents[4] / "shared" / "data" / "korea-import-inspections" / "inspected-2020.csv"
GOOD = {
    "Declaration ID": "10000001",
    "Date": "2026-01-05",
    "Office ID": "30",
    "Tax Type": "A",
    "Mode of Transport": "10",
    "Declarant ID": "AAA0001",
    "Importer ID": "BBB0001",
    "Seller ID": "CCC0001",
    "Courier ID": "",
    "HS6 Code": "040510",
    "Country of Departure": "NZ",
    "Country of Origin": "NZ",
    "Net Mass": "108.0",
    "Item Price": "0.36000000000000004",
    "Fraud": "0",
    "Critical Fraud": "0",
}


def table(*changes: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, GOOD)
    writer.writeheader()
    writer.writerows({**GOOD, "Declaration ID": str(10_000_001 + n), **change} for n, change in enumerate(changes))
    return out.getvalue()


def read(text: str) -> list[Declaration | RowRefused]:
    return list(read_declarations(io.StringIO(text, newline="")))


def only(text: str) -> Declaration:
    (found,) = read(text)
    assert isinstance(found, Declaration)
    return found


def completed(records: Iterable[Record]) -> list[Record]:
    made = []
    for record in records:
        header = record.header
        header.record_id, header.issuer = "019a4754-3a80-7000-8000-000000000000", "CN"
        header.agreement_id, header.agreement_version = "cn-nl-security", 1
        header.issued_at.seconds = 1_790_000_000
        made.append(record)
    return made


@pytest.mark.parametrize(("mode", "contained"), [("10", True), ("20", False), ("40", False), ("90", False)])
@pytest.mark.parametrize(
    ("fraud", "critical", "conclusion"),
    [
        ("0", "0", outcomes.CONCLUSION_NO_DISCREPANCY),
        ("1", "1", outcomes.CONCLUSION_DISCREPANCY),
        ("1", "2", outcomes.CONCLUSION_SEIZED_DETAINED),
    ],
)
def test_a_row_is_consignment_data_and_an_inspection_outcome(
    mode: str, contained: bool, fraud: str, critical: str, conclusion: int
) -> None:
    row = only(table({"Mode of Transport": mode, "Fraud": fraud, "Critical Fraud": critical}))
    declared, inspected = completed(placed.submission.record for placed in submissions_of(row))
    assert check(declared) == check(inspected) == ()
    assert [each.rule for each in (*warnings(declared), *warnings(inspected))] == []
    data, outcome = declared.consignment_data, inspected.inspection_outcome
    assert data.consignment == outcome.consignment
    assert data.consignment.mrn == "10000001"
    assert bool(data.consignment.container_numbers) is data.containerized is contained
    assert (data.goods[0].hs_code, data.invoice_amount, data.routing[0].country) == ("040510", "0.36", "NZ")
    assert outcome.conclusion == conclusion
    assert "made up" in data.goods[0].shipping_marks
    assert "made up" in outcome.location.name


def test_the_same_row_gives_the_same_submissions() -> None:
    assert submissions_of(only(table({}))) == submissions_of(only(table({})))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Declaration ID", ""),
        ("Date", "05.01.2026"),
        ("Date", "1990-01-05"),
        ("Mode of Transport", "77"),
        ("Importer ID", "BBB 0001"),
        ("Seller ID", "=HYPERLINK(1,2,3,4,5)"),
        ("HS6 Code", "40510"),
        ("Country of Origin", "Nz"),
        ("Net Mass", "NaN"),
        ("Item Price", "-1"),
        ("Item Price", "1e99999999"),
        ("Fraud", "2"),
        ("Critical Fraud", "1"),
    ],
)
def test_a_bad_value_is_told_with_line_column_and_reason_and_stops_nothing(column: str, value: str) -> None:
    before, bad, after = read(table({}, {column: value}, {}))
    assert isinstance(before, Declaration)
    assert isinstance(after, Declaration)
    assert isinstance(bad, RowRefused)
    assert (bad.line, bad.column) == (3, column)
    assert bad.reason
    assert str(bad).startswith(f"line 3, column {column}: ")


def test_every_fault_of_a_row_is_told() -> None:
    found = read(table({"HS6 Code": "x", "Fraud": "y"}))
    assert [each.column for each in found if isinstance(each, RowRefused)] == ["HS6 Code", "Fraud"]


def test_a_declaration_counts_once() -> None:
    first, second = read(table({}, {"Declaration ID": "10000001"}))
    assert isinstance(first, Declaration)
    assert second == RowRefused(3, "Declaration ID", "10000001 stands in line 2 already")


@pytest.mark.parametrize("line", ["1,2,3\r\n", "1" + "," * 40 + "\r\n", '"unfinished\r\n', '"a"b,c\r\n'])
def test_a_row_that_is_none_is_told(line: str) -> None:
    good, bad = read(table({}) + line)
    assert isinstance(good, Declaration)
    assert isinstance(bad, RowRefused)
    assert bad.column == ""


def test_a_file_of_another_shape_is_refused() -> None:
    with pytest.raises(Malformed, match="HS6 Code"):
        read(table({}).replace("HS6 Code", "HS"))
    with pytest.raises(Malformed, match="lacks"):
        read("")


def test_text_of_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(table({}).encode() + "10000002,세관".encode("cp949"))
    with file.open(encoding="utf-8", newline="") as source, pytest.raises(Malformed, match="UTF-8"):
        list(read_declarations(source))


@pytest.mark.long
def test_every_row_of_the_published_file_becomes_records_that_keep_all_rules() -> None:
    if not REAL.exists():
        pytest.skip(f"there is no {REAL}, the published file of inspected declarations")
    count = 0
    with REAL.open(encoding="utf-8-sig", newline="") as source:
        for each in read_declarations(source):
            assert isinstance(each, Declaration), each
            for record in completed(placed.submission.record for placed in submissions_of(each)):
                assert check(record) == ()
            count += 1
    assert count == 37_385


def test_columns_are_those_of_the_row_model() -> None:
    assert set(GOOD) - {"Tax Type"} == {field.alias for field in Row.model_fields.values()}
