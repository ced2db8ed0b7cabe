"""Put partners' alerts before a person: python acknowledge_alerts.py [COUNT]

DELIVERED is said by the gateways. ACKNOWLEDGED says that a person has taken it up, so a person has to press Enter.
"""

from __future__ import annotations

import sys

import door

from mutualrecognition.national.v1 import alerts_service_pb2 as pb
from mutualrecognition.national.v1.alerts_service_pb2_grpc import AlertsServiceStub
from mutualrecognition.records.v1.alert_answer_pb2 import ALERT_STATE_ACKNOWLEDGED
from mutualrecognition.records.v1.alert_pb2 import AlertType

WAITING = {pb.ALERT_STANDING_ISSUED, pb.ALERT_STANDING_DELIVERED, pb.ALERT_STANDING_ESCALATED}


def main(enough: float = float("inf")) -> None:
    """Acknowledge for ever, or until so many are."""
    to_answer = pb.AlertFilter(open_only=True, side=pb.ALERT_SIDE_TO_ANSWER)
    done = 0
    with door.opened() as channel:
        alerts = AlertsServiceStub(channel)
        watched = door.watch(alerts.WatchAlerts, pb.WatchAlertsRequest(filter=to_answer))
        while done < enough:
            for alert in next(watched).alerts:
                if alert.standing in WAITING:
                    acknowledge(alerts, alert)
                    done += 1


def acknowledge(alerts: AlertsServiceStub, alert: pb.Alert) -> None:
    """Show an alert, and say to its issuer that somebody has taken it up."""
    said = alert.record.record.alert
    print(f"{AlertType.Name(said.type).removeprefix('ALERT_TYPE_')} by {alert.issuer}: {said.text}")
    print(f"  {', '.join(said.container_numbers)}; due {alert.ack_required_by.ToJsonString()}")
    input("  Enter takes it up ")
    call = pb.AnswerAlertRequest(
        call_id=door.id_of("acknowledge", alert.issuer, alert.alert_id),
        alert_id=alert.alert_id,
        issuer=alert.issuer,
        state=ALERT_STATE_ACKNOWLEDGED,
    )
    door.ask(alerts.AnswerAlert, call)
    print(f"✓ {alert.alert_id}: ACKNOWLEDGED", flush=True)


if __name__ == "__main__":
    door.run(main, *map(float, sys.argv[1:2]))
