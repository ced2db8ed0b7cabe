"""How soon a recall is at the partner, on an idle link: ``python -m benchmarks.recalls [--rounds 10]``.

Two whole nodes as processes. CN states a control, NL relies on it, and nothing passes for a while; then CN recalls it,
or withdraws it. Measured is until NL's own watch of recalls tells of it. A withdrawal is found at NL as it comes; the
recall that CN's node sends by itself after it has a time of its own.
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import uuid4

import grpc
from google.protobuf.json_format import ParseDict

from benchmarks.pair import introduced, running
from gateway.cli.client import CALL_SECONDS, national_channel
from mock_partners.traffic.numbers import container
from mutualrecognition.national.v1 import decision_pb2 as decisions
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import recognition_service_pb2 as recognition
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.recalls_service_pb2_grpc import RecallsServiceStub
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.records.v1.recall_pb2 import RECALL_CAUSE_EQUIPMENT_FAULT
from mutualrecognition.records.v1.record_pb2 import Record

EXAMPLE: Final = Path(__file__).parents[1] / "docs" / "examples" / "record.json"
MARK_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 1.5
_PATIENCE: Final = 60.0
_CHECK: Final = {"threat": "THREAT_EXPLOSIVES_IED", "check": "NII"}


@dataclass
class Watch:
    """NL's watch: when each recall was told of first, by its name, on this machine's monotonic clock."""

    stub: RecallsServiceStub
    came: queue.Queue[tuple[str, float]] = field(default_factory=queue.Queue)

    def start(self) -> None:
        """Watch from now on, until the channel is closed."""
        threading.Thread(target=self._run, daemon=True).start()

    def wait(self, name: str) -> float:
        """Give when this one was told of."""
        while True:
            told, at = self.came.get(timeout=_PATIENCE)
            if told == name:
                return at

    def _run(self) -> None:
        try:
            for message in self.stub.WatchRecalls(recalls.WatchRecallsRequest()):
                for each in message.recalls:
                    self.came.put((each.recall_id, time.monotonic()))
        except grpc.RpcError:
            pass  # the end


@dataclass(frozen=True)
class Both:
    """The calls of the two administrations."""

    cn: grpc.Channel
    nl: grpc.Channel
    watch: Watch

    def relied_on(self, number: int) -> str:
        """Have CN state a control and NL rely on it; gives the record, after a while in which nothing passed.

        Goods that NL draws for its sample are drawn whenever it is asked: then there are others.
        """
        for turn in count():
            goods = {
                "ucr": f"6CN1234567890PO{number:05}{turn:03}",
                "container_numbers": [container(Random(1000 * number + turn), "MSKU")],  # noqa: S311  made-up goods
            }
            record_id = self._stated(goods)
            if self._relies_on(goods):
                time.sleep(_IDLE_SECONDS)
                return record_id
        raise AssertionError("there are always others")

    def _stated(self, goods: dict[str, Any]) -> str:
        stated = json.loads(EXAMPLE.read_text("utf-8"))
        for part in (stated["header"]["subject"]["consignment"], stated["inspection_outcome"]["consignment"]):
            part.update(goods)
        stated["inspection_outcome"]["seals_after"][0]["container_number"] = goods["container_numbers"][0]
        return self.submitted(ParseDict(stated, Record()))

    def _relies_on(self, goods: dict[str, Any]) -> bool:
        """Ask NL until the record is there; False where it would rely, and has drawn them for its sample."""
        question = ParseDict({"consignment": goods, "required": [_CHECK]}, decisions.Question())
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            request = recognition.DecideRequest(request_id=str(uuid4()), question=question)
            decision = RecognitionServiceStub(self.nl).Decide(request, timeout=CALL_SECONDS).decision
            if decision.sampled or decision.outcome == decisions.OUTCOME_RELY_SUBJECT_TO:
                return not decision.sampled
            time.sleep(0.1)
        raise TimeoutError("NL does not rely")

    def submitted(self, record: Record) -> str:
        """State a record of CN's; gives its id."""
        submission = national.Submission(request_id=str(uuid4()), record=record)
        request = national.SubmitRecordsRequest(submissions=[submission])
        return RecordsServiceStub(self.cn).SubmitRecords(request, timeout=CALL_SECONDS).results[0].record_id

    def declared(self, number: int) -> float:
        """Have CN recall a record; gives after how many seconds NL is told."""
        name = f"CN-{number}"
        request = recalls.DeclareRecallRequest(recall_id=name, cause=RECALL_CAUSE_EQUIPMENT_FAULT)
        request.selection.record_ids.append(self.relied_on(number))
        begun = time.monotonic()
        RecallsServiceStub(self.cn).DeclareRecall(request, timeout=CALL_SECONDS)
        return self.watch.wait(name) - begun

    def withdrawn(self, number: int) -> tuple[float, float]:
        """Have CN withdraw a record; gives after how many seconds NL finds it, and after how many CN's recall comes."""
        record = Record()
        record.header.subject.record_id = record.header.supersedes = self.relied_on(number)
        record.header.purpose = record.withdrawal.reason = 1
        begun = time.monotonic()
        name = self.submitted(record)
        found = self.watch.wait(name) - begun
        return found, self.watch.wait(f"CN-{name}") - begun


def measure(directory: Path, rounds: int) -> dict[str, float]:
    """Open both nodes and recall again and again."""
    homes = introduced(directory)
    with (
        running("NL", homes["NL"]),
        running("CN", homes["CN"]),
        national_channel(homes["CN"]) as cn,
        national_channel(homes["NL"]) as nl,
    ):
        watch = Watch(RecallsServiceStub(nl))
        watch.start()
        both = Both(cn, nl, watch)
        declared = [both.declared(number) for number in range(rounds)]
        found, told = zip(*(both.withdrawn(number) for number in range(rounds, 2 * rounds)), strict=True)
    taken = {"declared": declared, "withdrawal_found": found, "withdrawal_recalled": told}
    figures = {"rounds": float(rounds), "mark_seconds": MARK_SECONDS}
    for name, seconds in taken.items():
        figures |= {f"{name}_median_seconds": statistics.median(seconds), f"{name}_worst_seconds": max(seconds)}
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(measure(Path(directory), given.rounds), indent=2))


if __name__ == "__main__":
    main()
