"""What is known of goods: which records are one consignment's, how surely, and what became of them."""

from __future__ import annotations

from gateway.views.consignments import Asked, ConsignmentView, Fate, Relation, Strength, consignment_views
from gateway.views.sightings import sighting
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.making import (
    DAY,
    START,
    base,
    goods_data,
    no_load,
    outcome,
    record_id,
    reference,
    rolled,
    seal,
    stored,
    swap,
    withdrawal,
)

BOX = "MSKU3841906"
OTHER = "TGHU7654321"


def views(asked: Asked, *records: Record) -> tuple[ConsignmentView, ...]:
    return consignment_views([sighting(stored(each)) for each in records], asked)


def told(view: ConsignmentView) -> dict[int, Strength]:
    return {int(entry.sighting.record_id[-12:], 16): entry.strength for entry in view.timeline}


ASKED_BOX = Asked(containers=frozenset({BOX}))


def test_one_story_over_all_keys() -> None:
    (view,) = views(
        Asked(mrn="26CN1"),
        outcome(1, 2, reference(BOX, document="BL1")),
        goods_data(2, 1, reference(BOX, document="BL1", mrn="26CN1")),
        seal(3, 3, BOX),
    )
    assert told(view) == {2: Strength.STRONG, 1: Strength.STRONG, 3: Strength.WEAK}
    assert (view.containers, view.documents, view.mrns) == ((BOX,), ("BL1",), ("26CN1",))
    assert (view.first_at, view.last_at) == (START + DAY, START + 3 * DAY)


def test_a_container_with_a_ucr_is_strong_and_a_ucr_alone_weak() -> None:
    (view,) = views(ASKED_BOX, outcome(1, 1, reference(BOX, ucr="U1")))
    assert told(view) == {1: Strength.STRONG}
    (view,) = views(Asked(ucr="U1"), outcome(1, 1, reference(ucr="U1")))
    assert told(view) == {1: Strength.WEAK}


def test_goods_without_a_container() -> None:
    (view,) = views(
        Asked(documents=frozenset({"157-1"})),
        outcome(1, 1, reference(document="157-1")),
        goods_data(2, 0, reference(document="157-1")),
    )
    assert told(view) == {2: Strength.STRONG, 1: Strength.STRONG}


def test_a_box_used_again_is_another_consignment() -> None:
    first, again = views(
        ASKED_BOX,
        outcome(1, 100, reference(BOX, document="BL2")),
        outcome(2, 0, reference(BOX, document="BL1")),
        seal(3, 5, BOX),
        seal(4, 90, BOX),
    )
    assert told(first) == {4: Strength.WEAK, 1: Strength.STRONG}
    assert told(again) == {2: Strength.STRONG, 3: Strength.WEAK}
    (only,) = views(
        Asked(containers=frozenset({BOX}), at=START + 10 * DAY),
        outcome(1, 100, reference(BOX, document="BL2")),
        outcome(2, 0, reference(BOX, document="BL1")),
    )
    assert only.documents == ("BL1",)


def test_thirty_days_and_no_more() -> None:
    paper = outcome(1, 0, reference(BOX, document="BL1"))
    assert len(views(ASKED_BOX, paper, seal(2, 30, BOX))) == 1
    assert len(views(ASKED_BOX, paper, seal(2, 30.1, BOX))) == 2


def test_boxes_of_which_nothing_else_is_known_are_split_by_gaps() -> None:
    late, early = views(ASKED_BOX, seal(1, 0, BOX), seal(2, 25, BOX), seal(3, 50, BOX), seal(4, 90, BOX))
    assert (list(told(late)), list(told(early))) == ([4], [1, 2, 3])


def test_goods_that_changed_boxes() -> None:
    moved = (
        outcome(1, 0, reference(BOX, document="BL1")),
        swap(2, 5, BOX, OTHER, reference(BOX, OTHER, document="BL1")),
        seal(3, 4, BOX),
        seal(4, 6, OTHER),
        seal(5, 7, BOX),
        seal(6, 4, OTHER),
    )
    (goods,) = views(Asked(documents=frozenset({"BL1"})), *moved)
    assert sorted(told(goods)) == [1, 2, 3, 4]
    assert goods.swaps == ((BOX, OTHER),)
    assert sorted(view.timeline[0].sighting.record_id for view in views(ASKED_BOX, *moved)) == [
        record_id(1),
        record_id(5),
    ]


def test_goods_that_were_left_behind_travel_on_another_voyage() -> None:
    (view,) = views(
        ASKED_BOX,
        outcome(1, 0, reference(BOX, voyage="W1")),
        rolled(2, 3, reference(BOX, voyage="W1"), "W2"),
        outcome(3, 5, reference(BOX, voyage="W2")),
    )
    assert view.voyages == ("9000000/W1", "9000000/W2")
    assert sorted(told(view)) == [1, 2, 3]


def test_house_and_master() -> None:
    records = (
        goods_data(1, 0, reference(BOX, house="H1"), links=[("M", 1)]),
        goods_data(2, 0, reference(BOX, house="H2"), links=[("M", 1)]),
        goods_data(3, 1, reference(BOX, document="M")),
        seal(4, 2, BOX),
    )

    def relations(document: str) -> dict[int, Relation]:
        (view,) = views(Asked(documents=frozenset({document})), *records)
        return {int(entry.sighting.record_id[-12:], 16): entry.relation for entry in view.timeline}

    assert relations("H1") == {1: Relation.SAME, 2: Relation.BESIDE, 3: Relation.MASTER, 4: Relation.SAME}
    assert relations("M") == {1: Relation.HOUSE, 2: Relation.HOUSE, 3: Relation.SAME, 4: Relation.SAME}


def test_a_no_load_of_two_boxes_stands_in_both_stories_and_makes_them_no_one_consignment() -> None:
    records = (
        outcome(1, 0, reference(BOX, document="BL1", ucr="U1")),
        outcome(2, 0, reference(OTHER, document="BL2", ucr="U2")),
        goods_data(3, 0, reference(BOX, house="H1"), links=[("BL1", 1)]),
        seal(4, 1, OTHER),
        no_load(5, 2, BOX, OTHER, "TEMU2984100", houses=["H1", "H9"]),
    )
    (first,) = views(ASKED_BOX, *records)
    assert (first.containers, first.documents, first.ucrs) == ((BOX,), ("BL1", "H1"), ("U1",))
    assert told(first) == {1: Strength.STRONG, 3: Strength.STRONG, 5: Strength.STRONG}
    (second,) = views(Asked(documents=frozenset({"BL2"})), *records)
    assert (second.containers, second.documents) == ((OTHER,), ("BL2",))
    assert told(second) == {2: Strength.STRONG, 4: Strength.WEAK, 5: Strength.WEAK}
    for asked in (Asked(containers=frozenset({"TEMU2984100"})), Asked(documents=frozenset({"H9"}))):
        (unheard_of,) = views(asked, *records)
        assert list(told(unheard_of)) == [5]
        assert unheard_of.containers + unheard_of.documents == tuple(asked.containers | asked.documents)


def test_a_no_load_is_about_the_use_of_the_box_that_is_nearest() -> None:
    records = (
        outcome(1, 0, reference(BOX, document="BL1")),
        outcome(2, 60, reference(BOX, document="BL2")),
        swap(3, 62, BOX, OTHER, reference(BOX, OTHER, document="BL2")),
        no_load(4, 59, BOX),
        no_load(5, 70, BOX),
        no_load(6, 70, OTHER),
    )
    (old,) = views(Asked(documents=frozenset({"BL1"})), *records)
    (new,) = views(Asked(documents=frozenset({"BL2"})), *records)
    assert (list(told(old)), sorted(told(new))) == ([1], [2, 3, 4, 6])


def test_corrected_and_withdrawn_records_stay_and_say_so() -> None:
    (view,) = views(
        ASKED_BOX,
        outcome(1, 0, reference(BOX, document="BL1")),
        outcome(2, 1, reference(BOX, document="BL1"), supersedes=1),
        outcome(3, 2, reference(BOX, document="BL1")),
        withdrawal(4, day=3, supersedes=3),
    )
    fates = [(entry.sighting.record_id, entry.fate, entry.by) for entry in view.timeline]
    assert fates == [
        (record_id(1), Fate.CORRECTED, record_id(2)),
        (record_id(2), Fate.STANDS, ""),
        (record_id(3), Fate.WITHDRAWN, record_id(4)),
    ]


def test_nobody_corrects_the_records_of_another() -> None:
    (view,) = views(
        ASKED_BOX,
        outcome(1, 0, reference(BOX, document="BL1")),
        outcome(2, 1, reference(BOX, document="BL1"), supersedes=1, issuer="US"),
    )
    assert {entry.fate for entry in view.timeline} == {Fate.STANDS}


def test_what_names_other_goods_or_none_is_left_out() -> None:
    judgement = base("judgement", 2, 0)
    assert views(ASKED_BOX, outcome(1, 0, reference(OTHER, document="BL9")), judgement) == ()
    both = Asked(containers=frozenset({BOX}), documents=frozenset({"BL9"}))
    assert views(both, outcome(1, 0, reference(BOX, document="BL1"))) == ()
