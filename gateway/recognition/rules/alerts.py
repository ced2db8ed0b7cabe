"""Which alerts bear on these goods: neither closed nor lifted by who issued them."""

from __future__ import annotations

from gateway.recognition.facts import Facts
from gateway.recognition.stated import Stated
from mutualrecognition.records.v1 import alert_pb2 as pb


def alerts_in_force(facts: Facts) -> list[Stated]:
    """Give the alerts on these goods, on their operators and on the programmes that certified them.

    A kind of alert that this version does not know bears on whatever it names.
    """
    standing = facts.standing("alert")
    if not standing:
        return []
    lifted = {(each.issuer, each.body.lifts) for each in standing if each.body.type == pb.ALERT_TYPE_NO_LOAD_LIFTED}
    tins = {standing.tin for standing in facts.operators if standing.tin}
    programmes = {each.stated.body.programme for each in facts.operators if each.stated is not None}
    found = []
    for each in standing:
        if each.body.closed or (each.issuer, each.body.alert_id) in lifted or _is_no_alarm(each):
            continue
        on_operator = bool(each.body.tin) and each.body.tin in tins
        on_programme = bool(each.body.programme) and each.body.programme in programmes
        if facts.match(each).may_be or on_operator or on_programme:
            found.append(each)
    return found


def _is_no_alarm(alert: Stated) -> bool:
    """A lift and the news that records were withdrawn say nothing against goods; rule 4 reads the latter."""
    return alert.body.type in (pb.ALERT_TYPE_NO_LOAD_LIFTED, pb.ALERT_TYPE_RECORD_WITHDRAWN)
