"""Under which keys records are found."""

from __future__ import annotations

import pytest
from google.protobuf import json_format

from gateway.recognition.keeping import keep_what_rules_read
from gateway.records import KINDS
from gateway.records.templates import example
from gateway.views.keys import (
    CAUSES,
    FEW,
    READ_BY_NO_RULE,
    aside,
    filed_under,
    held_keys,
    key_number,
    keys_of_bytes,
    keys_of_stored,
    read_record,
    view_keys,
)
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.making import TIN, goods_data, outcome, reference, standing, swap, withdrawal


def example_of(kind: str) -> Record:
    return json_format.Parse(example(kind), Record())


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"judgement", "equipment"}))
def test_every_kind_is_found_by_something(kind: str) -> None:
    keys = view_keys(example_of(kind))
    assert keys
    assert keys == tuple(sorted(set(keys)))
    assert (f"kind:{kind}" in keys) == (kind in FEW)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"judgement", "equipment"}))
@pytest.mark.parametrize(("is_held", "erased_tin"), [(False, None), (True, None), (False, TIN), (True, TIN)])
def test_a_stored_record_is_found_under_its_keys_and_no_others(
    kind: str, is_held: bool, erased_tin: str | None
) -> None:
    record = example_of(kind)
    if erased_tin:
        left = () if is_held else (f"tin:{TIN}",)
        assert keys_of_stored(b"", is_held=is_held, erased_tin=erased_tin) == left
        return
    keys = keys_of_stored(record.SerializeToString(), is_held=is_held, erased_tin=None)
    assert keys == (held_keys(record) if is_held else view_keys(record))
    assert set(filed_under(record, is_held=is_held, erased_tin=None)) == set(keys)


def test_what_cannot_be_read_is_found_under_nothing() -> None:
    assert read_record(b"\xff") == Record()
    assert keys_of_stored(b"\xff", is_held=False, erased_tin=None) == ()


def test_a_standing() -> None:
    assert view_keys(standing(1)) == ("register:CN", f"tin:{TIN}")


def test_a_mapping() -> None:
    record = Record()
    record.identifier_mapping.tin = TIN
    record.identifier_mapping.local_ids.add(scheme="EORI", value="NL1")
    assert view_keys(record) == ("local:EORI:NL1", f"tin:{TIN}")


def test_all_keys_of_goods() -> None:
    goods = reference("MSKU3841906", document="BL1", house="H1", ucr="U1", mrn="26CN1")
    record = outcome(7, 0, goods)
    record.inspection_outcome.request_id = "R-1"
    assert view_keys(record) == (
        "container:MSKU3841906",
        "control:C-7",
        "document:BL1",
        "document:H1",
        "mrn:26CN1",
        "request:R-1",
        "ucr:U1",
    )


def test_an_lrn_or_a_voyage_alone_is_no_key() -> None:
    goods = reference("MSKU3841906", voyage="W1")
    goods.lrn = "LRN1"
    assert view_keys(outcome(7, 0, goods)) == ("container:MSKU3841906", "control:C-7")


def test_data_name_houses_and_operators() -> None:
    record = goods_data(1, 0, reference(document="M"), links=[("H1", 2)])
    record.consignment_data.supply_chain_actors.add(role=1, tin=TIN)
    record.consignment_data.equipment.add(number="TGHU7654321")
    assert view_keys(record) == (f"actor:{TIN}", "container:TGHU7654321", "document:H1", "document:M")


def test_a_swap_is_found_under_both_boxes() -> None:
    record = swap(1, 0, "AAAU1", "BBBU2", reference(document="BL1"))
    assert view_keys(record) == ("container:AAAU1", "container:BBBU2", "document:BL1")


def test_what_takes_a_record_back_is_found_under_it() -> None:
    record = withdrawal(2, day=0, supersedes=1)
    assert view_keys(record) == (CAUSES, f"record:{record.header.supersedes}")


def test_what_may_take_the_ground_from_decisions_is_found_as_a_cause() -> None:
    suspended, certified = standing(1, aeo.AEO_STATE_SUSPENDED), standing(1, aeo.AEO_STATE_CERTIFIED)
    assert CAUSES in view_keys(suspended)
    assert CAUSES not in view_keys(certified)
    assert CAUSES in view_keys(standing(2, aeo.AEO_STATE_CERTIFIED, supersedes=1))


def test_a_recall_and_its_answers_are_found_by_its_name() -> None:
    recall, answer = Record(), Record()
    recall.recall.recall_id = answer.recall_answer.recall_id = "R-1"
    recall.recall.record_ids.append("r1")
    assert {"recall:R-1", "record:r1"} <= set(view_keys(recall))
    assert aside(["recall:R-1"]) <= set(view_keys(answer))


def test_a_notice_is_found_aside_from_what_decisions_read() -> None:
    record = Record()
    record.reliance_notice.consignment.container_numbers.append("MSKU3841906")
    record.reliance_notice.record_ids.append("r1")
    assert view_keys(record) == ("aside:container:MSKU3841906", "aside:record:r1")
    record.header.supersedes = "r0"
    assert view_keys(record) == ("aside:container:MSKU3841906", "aside:record:r1", "record:r0")
    assert held_keys(record) == ("held:container:MSKU3841906", "held:record:r0", "held:record:r1")  # may be anything


def test_a_request_for_information_stays_in_the_lists() -> None:
    keys = view_keys(example_of("information_request"))
    assert [each for each in keys if not each.startswith(("aside:", "due-"))] == ["kind:information_request"]


def test_what_is_aside_is_what_decisions_keep_nothing_of() -> None:
    kept_of = {kind: kind_kept(example_of(kind)) for kind in set(KINDS) - {"judgement"}}
    assert {kind for kind, fields in kept_of.items() if not fields} == READ_BY_NO_RULE


def kind_kept(record: Record) -> list[str]:
    keep_what_rules_read(record)
    return [field.name for field, _ in getattr(record, str(record.WhichOneof("body"))).ListFields()]


def test_bytes_that_are_no_record_have_no_keys() -> None:
    assert keys_of_bytes(b"\xff\xff") == ()
    assert keys_of_bytes(standing(1).SerializeToString()) == view_keys(standing(1))


def test_numbers_fit_their_column_and_stay() -> None:
    numbers = {key_number(f"container:{number}") for number in range(10_000)}
    assert len(numbers) > 9_990
    assert all(0 <= number < 2**32 for number in numbers)
    assert key_number("container:MSKU3841906") == 0xFC491BD6
