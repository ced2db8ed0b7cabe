"""Text from abroad cannot steer the terminal, and records are told in one line."""

from __future__ import annotations

import pytest
from google.protobuf import json_format

from gateway.cli.describing import lines, summary
from gateway.cli.screen import printable
from mutualrecognition.records.v1.record_pb2 import Record


@pytest.mark.parametrize("harmful", ["\x1b[2J", "a\rb", "\u202egnp.exe", "line\nline", "\u2028", "\x00"])
def test_what_steers_a_terminal_is_shown(harmful: str) -> None:
    assert "�" in printable(harmful)
    assert not set("\x1b\r\n\x00\u202e\u2028") & set(printable(harmful))


def test_ordinary_text_stays() -> None:
    assert printable("Zürich 上海 Ελλάδα") == "Zürich 上海 Ελλάδα"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            {
                "inspection_outcome": {
                    "consignment": {"container_numbers": ["MSKU3841906"]},
                    "location": {"locode": "CNYTN"},
                    "methods": [{"kind": "METHOD_KIND_NII_XRAY"}],
                    "conclusion": "CONCLUSION_NO_DISCREPANCY",
                }
            },
            "inspection outcome, MSKU3841906 at CNYTN, NII_XRAY: NO_DISCREPANCY",
        ),
        (
            {"aeo_status": {"tin": "CN1", "legal_name": "a\x1b[0m", "status": "AEO_STATE_SUSPENDED"}},
            "aeo status, CN1, a�[0m, SUSPENDED",
        ),
        (
            {"aeo_status": {"tin": "CN1", "consent": {"withdrawn_at": "2026-01-01T00:00:00Z"}}},
            "aeo status, CN1, consent withdrawn",
        ),
        ({}, "a record of a kind that this version cannot read"),
    ],
)
def test_summary(record: dict[str, object], told: str) -> None:
    assert summary(json_format.ParseDict(record, Record())) == told


def test_lines_hold_every_value() -> None:
    record = json_format.ParseDict({"aeo_status": {"tin": "CN1", "trade_names": ["A", "B\n"]}}, Record())
    assert list(lines(record)) == ["aeo_status:", "  tin: CN1", "  trade_names: A", "  trade_names: B�"]
