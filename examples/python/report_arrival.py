"""Say what arrival showed: python report_arrival.py REPORT.json [DECISION_ID]

Without an id it is about the newest decision that has no report yet. Only reports tell how often relying was right;
where the agreement says so, the partner gets them too. The same report again changes nothing, so it needs no id.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import door
from google.protobuf.json_format import Parse

from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport, Finding
from mutualrecognition.national.v1.reliances_service_pb2 import GiveFeedbackRequest, ListReliancesRequest
from mutualrecognition.national.v1.reliances_service_pb2_grpc import ReliancesServiceStub


def main(file: str, decision_id: str = "") -> None:
    """Give the report on a decision's goods."""
    report = Parse(Path(file).read_text("utf-8"), ArrivalReport())
    with door.opened() as channel:
        reliances = ReliancesServiceStub(channel)
        decision_id = decision_id or next(unreported(reliances))
        answer = door.ask(reliances.GiveFeedback, GiveFeedbackRequest(decision_id=decision_id, report=report))
    print(f"✓ {decision_id}: {Finding.Name(answer.reliance.finding).removeprefix('FINDING_')}")


def unreported(reliances: ReliancesServiceStub) -> Iterator[str]:
    """Give every decision that relied and has no report yet, the newest first, page by page."""
    request = ListReliancesRequest(open=True)
    while True:
        page = door.ask(reliances.ListReliances, request)
        yield from (each.decision_id for each in page.reliances)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


if __name__ == "__main__":
    door.run(main, *sys.argv[1:3])
