"""How soon what cannot wait is there: ``python -m benchmarks.urgent [--records 100000]``.

Two nodes as processes of their own. NL suspends 200 operators in one call; the time runs until CN's Lookup says so. NL
forbids loading a container; a system of CN that watches its alerts acknowledges it at once. One time runs until CN's
node has answered that system, which makes the acknowledgement durable, another until NL sees it. Both first on an idle
link, then beside a bulk of ordinary records, while thousands of them wait. Everything is durable on both sides, and the
bulk is counted to the end.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

import grpc
from google.protobuf import json_format

from benchmarks.pair import Pair, Side, pair
from benchmarks.sample import Samples
from gateway.cli.client import CALL_SECONDS, register
from gateway.cli.hand_calls import Hand, in_hand
from mutualrecognition.national.v1 import alerts_service_pb2 as alerts
from mutualrecognition.national.v1 import operators_service_pb2 as operators
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.operators_service_pb2_grpc import OperatorsServiceStub
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.alert_answer_pb2 import ALERT_STATE_ACKNOWLEDGED
from mutualrecognition.records.v1.alert_pb2 import ALERT_TYPE_NO_LOAD, Alert
from mutualrecognition.records.v1.record_pb2 import PURPOSE_AEO_BENEFIT, PURPOSE_SECURITY_RISK

OPERATORS: Final = 200
NO_LOADS: Final = 5
WAITING_AT_LEAST: Final = 5_000
"""Records of the bulk that wait when the clock begins, so that there is something to overtake."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What both national systems call, besides the records."""

    pair: Pair
    register: OperatorsServiceStub
    issuer: Hand
    receiver: Hand
    taken_up: dict[str, float]
    """When each alert's acknowledgement was durable at CN."""


@contextmanager
def ends(directory: Path) -> Iterator[Ends]:
    """Run both nodes, and a system of CN that acknowledges every alert."""
    with ExitStack() as stack:
        nodes = stack.enter_context(pair(directory))
        nodes.wait_open()
        found = Ends(
            nodes,
            stack.enter_context(register(directory / "cn")),
            stack.enter_context(in_hand(directory / "nl")),
            stack.enter_context(in_hand(directory / "cn")),
            {},
        )
        watch = found.receiver.alerts.WatchAlerts(alerts.WatchAlertsRequest(from_now=True))
        next(watch)
        system = threading.Thread(target=_acknowledge, args=(found, watch), daemon=True)
        system.start()
        stack.callback(watch.cancel)
        yield found


def _acknowledge(found: Ends, watch: Iterator[alerts.WatchAlertsResponse]) -> None:
    """Take up whatever nobody has taken up yet."""
    try:
        for heard in watch:
            for each in heard.alerts:
                if not each.acknowledged:
                    state = ALERT_STATE_ACKNOWLEDGED
                    call = alerts.AnswerAlertRequest(call_id=str(uuid4()), alert_id=each.alert_id, state=state)
                    found.receiver.alerts.AnswerAlert(call, timeout=CALL_SECONDS)
                    found.taken_up[each.alert_id] = time.perf_counter()
    except grpc.RpcError:
        return  # the watch was ended


def certify(side: Side, tins: Sequence[str]) -> list[str]:
    """State that these operators are certified; gives the record ids."""
    return _submit(side, [_standing(tin, aeo.AEO_STATE_CERTIFIED, "") for tin in tins])


def seconds_to_suspend(found: Ends, tins: Sequence[str], before: Sequence[str]) -> float:
    """Suspend them, and wait until the partner's Lookup says so of the last one; the others are looked up after that.

    Raises:
        RuntimeError: the last one was there before another.
    """
    given = [_standing(tin, aeo.AEO_STATE_SUSPENDED, older) for tin, older in zip(tins, before, strict=True)]
    began = time.perf_counter()
    _submit(found.pair.issuer, given)
    while not _is_suspended(found, tins[-1]):
        pass
    took = time.perf_counter() - began
    if not all(_is_suspended(found, tin) for tin in tins):
        raise RuntimeError("The last suspension was there before another.")
    return took


def seconds_to_acknowledge(found: Ends, number: int) -> tuple[float, float]:
    """Forbid loading one container; gives when the partner has acknowledged it, and when that is back."""
    watch = found.issuer.alerts.WatchAlerts(alerts.WatchAlertsRequest(from_now=True), timeout=CALL_SECONDS)
    next(watch)
    warned = Alert(type=ALERT_TYPE_NO_LOAD, container_numbers=[f"SUDU{number:07}"])
    call = alerts.IssueAlertRequest(call_id=str(uuid4()), purpose=PURPOSE_SECURITY_RISK, alert=warned)
    began = time.perf_counter()
    name = found.issuer.alerts.IssueAlert(call, timeout=CALL_SECONDS).alerts[0].alert_id
    for heard in watch:
        if any(each.alert_id == name and each.acknowledged for each in heard.alerts):
            break
    seen = time.perf_counter() - began
    watch.cancel()
    while name not in found.taken_up:  # CN's answer to its own system may be behind what NL has seen
        time.sleep(0.001)
    return found.taken_up[name] - began, seen


@contextmanager
def beside_bulk(found: Ends, samples: Samples, records: int) -> Iterator[None]:
    """Have a bulk under way, thousands of its records waiting; afterwards wait for the last receipt."""
    issuer = found.pair.issuer
    messages = samples.messages(records)
    end = issuer.link().issued.size + records

    def submit() -> None:
        for response in issuer.records.StreamRecords(iter(messages)):
            _require(response.results)

    bulk = threading.Thread(target=submit, daemon=True)
    bulk.start()
    while issuer.link().waiting < WAITING_AT_LEAST and bulk.is_alive():
        time.sleep(0.01)
    yield
    bulk.join()
    found.pair.wait_receipted(end)


def measure(directory: Path, records: int) -> dict[str, float]:
    """Measure idle, then beside a bulk."""
    figures: dict[str, float] = {}
    with ends(directory) as found:
        samples = Samples()
        for place in ("idle", "beside_bulk"):
            tins = [f"NL{place[:1].upper()}{number:09}" for number in range(OPERATORS)]
            before = certify(found.pair.issuer, tins)
            found.pair.wait_receipted(found.pair.issuer.link().issued.size)
            with ExitStack() as stack:
                if place == "beside_bulk":
                    stack.enter_context(beside_bulk(found, samples, records))
                figures[f"{place}_suspended_seconds"] = seconds_to_suspend(found, tins, before)
                took = [seconds_to_acknowledge(found, number) for number in range(NO_LOADS)]
                for what, seconds in zip(("acknowledged", "seen"), zip(*took, strict=True), strict=True):
                    figures[f"{place}_no_load_{what}_seconds_median"] = median(seconds)
                    figures[f"{place}_no_load_{what}_seconds_worst"] = max(seconds)
                figures[f"{place}_waiting_at_the_end"] = found.pair.issuer.link().waiting
    return figures


def _standing(tin: str, status: aeo.AeoState.ValueType, supersedes: str) -> pb.Submission:
    given = pb.Submission(request_id=str(uuid4()))
    header, body = given.record.header, given.record.aeo_status
    header.purpose, header.supersedes, header.subject.operator.tin = PURPOSE_AEO_BENEFIT, supersedes, tin
    said = {
        "tin": tin,
        "certificate_number": f"AEO-{tin}",
        "legal_name": "Example Trading (made up)",
        "programme": "AEO",
        "scope": "AEO_SCOPE_SECURITY",
    }
    json_format.ParseDict(said, body)
    body.status = status
    body.effective_at.seconds = int(time.time())
    if status == aeo.AEO_STATE_SUSPENDED:
        body.status_reason = aeo.AEO_REASON_UNDER_INVESTIGATION
    return given


def _submit(side: Side, given: Sequence[pb.Submission]) -> list[str]:
    answer = side.records.SubmitRecords(pb.SubmitRecordsRequest(submissions=given), timeout=CALL_SECONDS)
    _require(answer.results)
    return [each.record_id for each in answer.results]


def _require(results: Sequence[pb.SubmissionResult]) -> None:
    for result in results:
        if result.HasField("refusal"):
            raise ValueError(f"A record was refused: {result.refusal.reason}, {result.refusal.message}")


def _is_suspended(found: Ends, tin: str) -> bool:
    answer = found.register.LookupOperator(operators.LookupOperatorRequest(tin=tin), timeout=CALL_SECONDS)
    return any(each.standing.status == aeo.AEO_STATE_SUSPENDED for each in answer.operators)


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--directory", type=Path, help="a directory on the disk to measure; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        figures = measure(Path(directory), arguments.records)
    for name, value in figures.items():
        print(f"{name:40} {value:>12,.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
