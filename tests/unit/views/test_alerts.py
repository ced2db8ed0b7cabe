"""The life of an alert, as both sides see it."""

from __future__ import annotations

from typing import Any

from gateway.views.alerts import AlertLife, Held, alert_lives
from gateway.views.steps import Ground
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.asking import alert, at_node, minute, taken_up
from tests.unit.views.making import record_id, withdrawal

BOXES = "MSKU3841906", "TGHU7654321"


def life(*said: Record, now: float = 10, own: str = "NL", receipt: float | None = None, of: str = "A1") -> AlertLife:
    records = [at_node(each, own, receipt=receipt) for each in said]
    return next(each for each in alert_lives(records, own, minute(now)) if each.key.alert_id == of)


def told(found: AlertLife) -> list[tuple[str, str, bool]]:
    return [(step.state, step.by, step.counts) for step in found.steps]


def test_issued_delivered_acknowledged_actioned_closed() -> None:
    said = [
        alert(1, 0, *BOXES),
        taken_up(2, 1, "ACKNOWLEDGED"),
        taken_up(3, 5, "ACTIONED"),
        alert(4, 9, *BOXES, closed=True, supersedes=1),
    ]
    found = life(*said, receipt=0.1)
    assert told(found) == [
        ("ISSUED", "NL", True),
        ("DELIVERED", "CN", True),
        ("ACKNOWLEDGED", "CN", True),
        ("ACTIONED", "CN", True),
        ("CLOSED", "NL", True),
    ]
    assert (found.state, found.acknowledged, found.escalated, found.is_open) == ("CLOSED", True, False, False)
    assert told(life(*said, own="CN", receipt=0.1)) == told(found)


def test_what_nobody_takes_up_is_escalated_by_the_clock_until_somebody_does() -> None:
    assert life(alert(1, 0, *BOXES), now=15).state == "ISSUED"
    found = life(alert(1, 0, *BOXES), now=16, receipt=1)
    assert (found.state, found.escalated, found.steps[-1].ground) == ("ESCALATED", True, Ground.CLOCK)
    late = life(alert(1, 0, *BOXES), taken_up(2, 20, "ACKNOWLEDGED"), now=30)
    assert (late.state, late.escalated, late.acknowledged) == ("ACKNOWLEDGED", True, True)
    assert [step.counts for step in late.steps] == [True] * 3
    in_time = life(alert(1, 0, *BOXES), taken_up(2, 14, "ACKNOWLEDGED"), now=30)
    assert not in_time.escalated


def test_a_no_load_is_lifted_box_by_box() -> None:
    first = alert(2, 5, BOXES[0], lifts="A1", alert_id="A2")
    found = life(alert(1, 0, *BOXES, houses=("H1",)), first)
    assert found.held == (Held(BOXES[0], "", record_id(2)), Held(BOXES[1], "", ""), Held("", "H1", ""))
    assert found.state == "ISSUED"
    rest = alert(3, 6, BOXES[1], houses=("H1",), lifts="A1", alert_id="A3")
    assert life(alert(1, 0, *BOXES, houses=("H1",)), first, rest).state == "CLOSED"
    taken_back = withdrawal(4, day=0.01, supersedes=2, issuer="NL")
    assert life(alert(1, 0, BOXES[0]), first, taken_back).state == "ISSUED"


def test_nobody_else_lifts_or_closes_it() -> None:
    foreign = alert(2, 5, BOXES[0], lifts="A1", alert_id="A2", issuer="CN")
    assert life(alert(1, 0, BOXES[0]), foreign).state == "ISSUED"
    strange = life(alert(1, 0, BOXES[0]), alert(2, 5, BOXES[0], closed=True))
    assert (strange.state, strange.steps[-1].counts) == ("ISSUED", False)


def test_steps_that_lead_nowhere_are_told() -> None:
    twice = life(alert(1, 0, *BOXES), taken_up(2, 1, "ACKNOWLEDGED"), taken_up(3, 2, "ACKNOWLEDGED"))
    assert "ACKNOWLEDGED already" in twice.steps[-1].fault
    after = life(alert(1, 0, *BOXES), alert(2, 1, *BOXES, closed=True, supersedes=1), taken_up(3, 2, "ACTIONED"))
    assert (after.state, after.steps[-1].counts) == ("CLOSED", False)
    first = life(alert(1, 0, *BOXES), taken_up(2, 1, "NOT_POSSIBLE", reason="loaded"), taken_up(3, 2, "ACTIONED"))
    assert (first.state, first.steps[1].remark) == ("ACTIONED", "loaded")


def test_an_alert_may_say_more_later() -> None:
    found = life(alert(1, 0, BOXES[0]), alert(2, 5, *BOXES, ack_by=60, supersedes=1), now=30)
    assert (found.state, len(found.held)) == ("ISSUED", 2)


def test_a_lift_asks_for_an_acknowledgement_and_no_more() -> None:
    said: list[Any] = [alert(1, 0, BOXES[0]), alert(2, 5, BOXES[0], lifts="A1", alert_id="A2", ack_by=20)]
    assert life(*said, of="A2").is_open
    assert not life(*said, taken_up(3, 6, "ACKNOWLEDGED", alert_id="A2"), of="A2").is_open


def test_nobody_hides_an_alert_by_using_the_id_of_its_record() -> None:
    ours, theirs = alert(1, 0, issuer="CN"), alert(1, 0, issuer="XA", alert_id="A9")
    for said in ([ours, theirs], [theirs, ours]):
        lives = alert_lives([at_node(each, "NL") for each in said], "NL", minute(1))
        assert [(each.key.issuer, each.key.alert_id) for each in lives] == [("CN", "A1"), ("XA", "A9")]
