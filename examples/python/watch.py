"""Take in what partners state, each record once: python watch.py INBOX.jsonl [COUNT]

The inbox has a line for each message: its records, and the cursor behind them. What was taken in and how far it goes
are one write, so no crash, here or of the gateway, loses a record or takes one twice. In a database: one transaction.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import door
from google.protobuf.json_format import MessageToDict

from mutualrecognition.national.v1.records_service_pb2 import DIRECTION_RECEIVED, RecordFilter, WatchRecordsRequest
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub


class Inbox:
    """What was taken in: a file that only grows."""

    def __init__(self, path: Path) -> None:
        """Open it; a line that a crash has cut off is as if it had never been written."""
        self._file = path.open("a+b")
        self._file.seek(0)
        self.cursor, self.count, whole = "", 0, 0
        for line in self._file:
            if line.endswith(b"\n"):
                kept = json.loads(line)
                self.cursor, self.count, whole = kept["cursor"], self.count + len(kept["records"]), whole + len(line)
        self._file.truncate(whole)

    def take(self, message: Any) -> None:
        """Write a message's records and its cursor, and come back when they are on the disk."""
        records = [MessageToDict(each.record, preserving_proto_field_name=True) for each in message.records]
        self._file.write(json.dumps({"cursor": message.cursor, "records": records}).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.cursor, self.count = message.cursor, self.count + len(records)


def main(path: str, enough: float = float("inf")) -> None:
    """Watch for ever, or until the inbox has so many records."""
    inbox = Inbox(Path(path))
    request = WatchRecordsRequest(cursor=inbox.cursor, filter=RecordFilter(direction=DIRECTION_RECEIVED))
    with door.opened() as channel:
        messages = door.watch(RecordsServiceStub(channel).WatchRecords, request)
        while inbox.count < enough:
            message = next(messages)
            inbox.take(message)
            for each in message.records:
                header = each.record.header
                print(f"✓ {header.record_id} by {header.issuer}: {each.record.WhichOneof('body')}", flush=True)


if __name__ == "__main__":
    door.run(main, sys.argv[1], *map(float, sys.argv[2:3]))
