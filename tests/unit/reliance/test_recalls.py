"""The life of a recall, whatever order its records come in."""

from __future__ import annotations

from itertools import permutations

import pytest

from gateway.reliance.recalls import RecallLife, RecallState, recall_lives
from mutualrecognition.records.v1 import recall_answer_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.making import NOW, record_id
from tests.unit.reliance.making import HOUR, answer, recall, said, stored


def life_of(*records: Record, own: str = "NL", now: int = NOW + 60, partners: tuple[str, ...] = ("CN",)) -> RecallLife:
    told = [
        recall_lives([stored(each, own=own, partners=partners) for each in order], own, now)
        for order in permutations(records)
    ]
    assert all(lives == told[0] for lives in told), "it depends on the order in which records came"
    (found,) = told[0]
    return found


@pytest.mark.parametrize(
    ("records", "now", "state"),
    [
        ([recall(1, 7)], NOW + HOUR, RecallState.OPEN),
        ([recall(1, 7)], NOW + HOUR + 1, RecallState.ESCALATED),
        ([recall(1, 7), answer(2)], NOW + 2 * HOUR, RecallState.ACKNOWLEDGED),
        ([recall(1, 7), answer(2), answer(3, complete=True)], NOW + 2 * HOUR, RecallState.SETTLED),
        ([recall(1, 7), answer(2, at=NOW + 3 * HOUR, complete=True)], NOW + 4 * HOUR, RecallState.SETTLED),
    ],
)
def test_where_it_stands(records: list[Record], now: int, state: RecallState) -> None:
    assert life_of(*records, now=now).state is state


def test_parts_of_one_name_are_one_recall() -> None:
    life = life_of(recall(1, 7, 8), recall(2, 8, 9, due=NOW + 2 * HOUR))
    assert life.record_ids == tuple(map(record_id, (7, 8, 9)))
    assert life.ack_required_by == NOW + 2 * HOUR


def test_the_newest_finding_on_a_decision_counts() -> None:
    life = life_of(
        recall(1, 7),
        answer(2, ("a", pb.GOODS_STATE_HELD), ("b", pb.GOODS_STATE_RELEASED)),
        answer(3, ("a", pb.GOODS_STATE_RELEASED), at=NOW + 90),
    )
    assert [(each.decision_id, each.goods_state) for each in life.findings] == [
        ("a", pb.GOODS_STATE_RELEASED),
        ("b", pb.GOODS_STATE_RELEASED),
    ]
    assert life.answered_at == NOW + 60


def test_a_declared_one_has_a_life_for_each_partner() -> None:
    records = [stored(recall(1, 7), own="CN", partners=("NL", "US")), stored(answer(2, issuer="US"), own="CN")]
    lives = recall_lives(records, "CN", NOW + 120)
    assert [(each.key.receiver, each.state) for each in lives] == [
        ("NL", RecallState.OPEN),
        ("US", RecallState.ACKNOWLEDGED),
    ]


def test_the_same_name_of_another_partner_is_another_recall() -> None:
    records = [stored(recall(1, 7)), stored(recall(2, 8, issuer="US"))]
    assert [each.key.issuer for each in recall_lives(records, "NL", NOW)] == ["CN", "US"]


def test_nobody_hides_a_recall_by_using_the_id_of_its_record() -> None:
    records = [stored(recall(1, 7)), stored(recall(1, 8, name="R-9", issuer="XA"), sequence=2)]
    for order in (records, records[::-1]):
        assert [(each.key.issuer, each.record_ids) for each in recall_lives(order, "NL", NOW)] == [
            ("CN", (record_id(7),)),
            ("XA", (record_id(8),)),
        ]


def test_a_part_that_was_replaced_or_taken_back_no_longer_counts() -> None:
    replaced = recall(2, 8)
    replaced.header.supersedes = record_id(1)
    assert life_of(recall(1, 7), replaced).record_ids == (record_id(8),)
    withdrawal = said(3, at=NOW + 5, supersedes=1)
    withdrawal.withdrawal.reason = 1
    assert recall_lives([stored(recall(1, 7)), stored(withdrawal)], "NL", NOW) == ()
