"""Rules of alerts: each type says what it is about, and loading is forbidden by container or house document."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds
from mutualrecognition.records.v1 import alert_pb2 as alerts
from mutualrecognition.records.v1.alert_answer_pb2 import ALERT_STATE_NOT_POSSIBLE, AlertAnswer
from mutualrecognition.records.v1.alert_pb2 import Alert
from mutualrecognition.records.v1.consignment_ref_pb2 import DOCUMENT_LEVEL_MASTER

_ABOUT_GOODS = frozenset(
    {alerts.ALERT_TYPE_NO_LOAD, alerts.ALERT_TYPE_NO_LOAD_LIFTED, alerts.ALERT_TYPE_HOLD_ON_ARRIVAL},
)


def goods_named(alert: Alert) -> bool:
    """Nobody can hold back "the vessel": the containers or house documents are named."""
    return alert.type not in _ABOUT_GOODS or bool(alert.container_numbers or alert.house_documents)


def lifted_named(alert: Alert) -> bool:
    """Lifting lifts one alert."""
    return (alert.type == alerts.ALERT_TYPE_NO_LOAD_LIFTED) == bool(alert.lifts)


def operator_named(alert: Alert) -> bool:
    """An alert about an operator names it."""
    return alert.type != alerts.ALERT_TYPE_OPERATOR_ALERT or bool(alert.tin)


def programme_named(alert: Alert) -> bool:
    """An alert about a programme names it."""
    return alert.type != alerts.ALERT_TYPE_PROGRAMME_INCIDENT or bool(alert.programme)


def records_named(alert: Alert) -> bool:
    """An alert about withdrawn records names them, and no other alert does."""
    return (alert.type == alerts.ALERT_TYPE_RECORD_WITHDRAWN) == bool(alert.record_ids)


def documents_are_houses(alert: Alert) -> bool:
    """A master document would forbid the goods of people who are not meant."""
    return not any(document.level == DOCUMENT_LEVEL_MASTER for document in alert.house_documents)


def impossibility_explained(answer: AlertAnswer) -> bool:
    """Whoever cannot act says why."""
    return answer.state != ALERT_STATE_NOT_POSSIBLE or bool(answer.reason)


SAID: Mapping[str, Holds] = {
    "alert.scope": goods_named,
    "alert.lifts": lifted_named,
    "alert.operator": operator_named,
    "alert.programme": programme_named,
    "alert.records": records_named,
    "alert.house_level": documents_are_houses,
    "alert_answer.reason": impossibility_explained,
}
