"""Only the fields that an agreement names leave."""

from __future__ import annotations

import pytest

from gateway.errors import KindUnknown
from gateway.records import FieldSelection, check, select_fields
from tests.unit.records.making import example_record


def test_everything() -> None:
    record = example_record("inspection_outcome")
    assert select_fields(record, ["*"]) == record


def test_named_fields_and_parts_of_fields() -> None:
    record = example_record("consignment_data")
    released = select_fields(record, ["level", "consignee.name", "goods.hs_code", "routing"]).consignment_data
    assert {field.name for field, _ in released.ListFields()} == {"level", "consignee", "goods", "routing"}
    assert released.consignee.name
    assert not released.consignee.id
    assert not released.consignee.HasField("address")
    assert [(item.hs_code, item.description) for item in released.goods] == [("851713", "")]
    assert released.routing == record.consignment_data.routing


def test_the_header_and_the_original_stay_as_they_are() -> None:
    record = example_record("alert")
    before = record.SerializeToString(deterministic=True)
    assert select_fields(record, []).header == record.header
    assert record.SerializeToString(deterministic=True) == before


def test_a_part_of_which_nothing_is_left_is_not_there() -> None:
    record = example_record("consignment_data")
    record.consignment_data.carrier.ClearField("name")
    assert not select_fields(record, ["carrier.name"]).consignment_data.HasField("carrier")


def test_what_this_version_does_not_know_stays_unless_everything_leaves() -> None:
    record = example_record("alert_answer")
    stranger = b"\xfa\x7c\x03abc"
    record.alert_answer.MergeFromString(stranger)
    assert b"abc" not in select_fields(record, ["alert_id", "state", "at"]).SerializeToString()
    assert b"abc" in select_fields(record, ["*"]).SerializeToString()


def test_a_selection_tells_what_it_does_not_know_and_which_rules_it_breaks() -> None:
    selection = FieldSelection("inspection_outcome", ["control_id", "consignment.ucr", "nonsense", "methods.nonsense"])
    assert selection.unknown == ("methods.nonsense", "nonsense")
    assert set(selection.withheld) == {"ended_at", "conclusion", "methods.kind"}
    assert check(selection.apply(example_record("inspection_outcome")))


def test_a_selection_is_for_one_kind() -> None:
    with pytest.raises(KindUnknown):
        FieldSelection("gossip", ["*"])
    with pytest.raises(KindUnknown):
        FieldSelection("alert", ["*"]).apply(example_record("recall"))
