"""Do the controls that partners ask for: python answer_requests.py OUTCOME.json [COUNT]

Every open request is told when the watch begins, as it stands. So nothing is kept here: after a crash the next run
goes on with the next step of each, and a step is not taken twice, since its id is made from the request.
"""

from __future__ import annotations

import sys
from pathlib import Path

import door
from google.protobuf.json_format import Parse

from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2 import Submission, SubmitRecordsRequest
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.national.v1.requests_service_pb2_grpc import RequestsServiceStub
from mutualrecognition.records.v1 import request_pb2 as states
from mutualrecognition.records.v1.control_answer_pb2 import ControlAnswer
from mutualrecognition.records.v1.inspection_outcome_pb2 import CONTROL_REASON_PARTNER_REQUEST
from mutualrecognition.records.v1.record_pb2 import Record

NEW = {states.REQUEST_STATE_SENT, states.REQUEST_STATE_RECEIVED}


def main(outcome_file: str, enough: float = float("inf")) -> None:
    """Answer for ever, or until so many controls are done."""
    outcome = Parse(Path(outcome_file).read_text("utf-8"), Record())
    to_answer = pb.RequestFilter(open_only=True, side=pb.REQUEST_SIDE_TO_ANSWER)
    done = 0
    with door.opened() as channel:
        requests, records = RequestsServiceStub(channel), RecordsServiceStub(channel)
        watched = door.watch(requests.WatchRequests, pb.WatchRequestsRequest(filter=to_answer))
        while done < enough:
            for request in next(watched).requests:
                if request.matter != pb.REQUEST_MATTER_CONTROL:
                    continue
                if request.state in NEW:
                    step(requests, request, ControlAnswer(state=states.REQUEST_STATE_ACCEPTED))
                elif request.state == states.REQUEST_STATE_ACCEPTED:
                    finish(requests, records, request, outcome)
                    done += 1


def finish(requests: RequestsServiceStub, records: RecordsServiceStub, request: pb.Request, outcome: Record) -> None:
    """State what the control found, in a record of its own, and name that record in the answer."""
    found = outcome.inspection_outcome
    found.reason, found.request_id = CONTROL_REASON_PARTNER_REQUEST, request.request_id
    submission = Submission(request_id=door.id_of("outcome", request.asker, request.request_id), record=outcome)
    (result,) = door.ask(records.SubmitRecords, SubmitRecordsRequest(submissions=[submission])).results
    if result.HasField("refusal"):
        raise door.refused(result.refusal)
    completed = ControlAnswer(state=states.REQUEST_STATE_COMPLETED, control_id=found.control_id)
    completed.outcome_record_id = result.record_id
    step(requests, request, completed)


def step(requests: RequestsServiceStub, request: pb.Request, answer: ControlAnswer) -> None:
    """Take one step of a request."""
    answer.request_id = request.request_id
    name = states.RequestState.Name(answer.state).removeprefix("REQUEST_STATE_")
    call_id = door.id_of(name, request.asker, request.request_id)
    door.ask(requests.AnswerRequest, pb.AnswerRequestRequest(call_id=call_id, asker=request.asker, control=answer))
    print(f"✓ {request.request_id} of {request.asker}: {name}", flush=True)


if __name__ == "__main__":
    door.run(main, sys.argv[1], *map(float, sys.argv[2:3]))
