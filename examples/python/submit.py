"""State records: python submit.py RECORD.json…

The request id is made from the record. So the same file, sent again after a lost answer or a crash, is answered with
the record that it became the first time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import door
from google.protobuf.json_format import Parse

from mutualrecognition.national.v1.records_service_pb2 import Submission, SubmitRecordsRequest
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.records.v1.record_pb2 import Record


def main(files: list[str]) -> int:
    """Submit the files; the exit code is 1 when one was refused."""
    texts = [Path(file).read_text("utf-8") for file in files]
    submissions = [Submission(request_id=door.id_of("record", text), record=Parse(text, Record())) for text in texts]
    with door.opened() as channel:
        records = RecordsServiceStub(channel)
        answer = door.ask(records.SubmitRecords, SubmitRecordsRequest(submissions=submissions))
    for file, result in zip(files, answer.results, strict=True):
        if result.HasField("refusal"):
            print(f"✗ {file}: {door.refused(result.refusal)}")
            continue
        print(f"✓ {file} is {result.record_id}")
        for release in result.releases:
            print(
                f"    to {release.partner} under {release.agreement_id}; withheld: {', '.join(release.withheld) or '-'}"
            )
    return int(any(result.HasField("refusal") for result in answer.results))


if __name__ == "__main__":
    door.run(main, sys.argv[1:])
