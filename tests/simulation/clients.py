"""National systems: they submit records until they are answered, and remember what they were promised."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cache
from random import Random

from google.protobuf import json_format

from gateway.errors import GatewayError
from gateway.records.templates import example
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Purpose, Record
from tests.simulation.history import Violation
from tests.simulation.node import Node, Unreachable

PATIENCE = 12.0
"""Seconds after which a client gives a call up and asks again."""


@dataclass
class Promise:
    """A submission that was answered: it is stored, and will be delivered."""

    request_id: str
    record_id: str
    kind: str
    subject: str
    partners: frozenset[str]
    is_bulk: bool
    at: float


@dataclass
class Ledger:
    """What one client knows."""

    promises: dict[str, Promise] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    sent: dict[str, pb.Submission] = field(default_factory=dict)


class Client:
    """A national system of one node."""

    def __init__(self, node: Node, chance: Random, *, answers_lost: float) -> None:
        self.node = node
        self.ledger = Ledger()
        self._chance = chance
        self._answers_lost = answers_lost
        self._count = 0
        self._standings: list[str] = []

    async def work(self, until: float) -> None:
        """Submit for as long as the weather lasts."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            many = self._chance.random() < 0.08
            await self.submit(
                [self.make() for _ in range(self._chance.randint(8, 30) if many else self._chance.randint(1, 3))]
            )
            await asyncio.sleep(self._chance.uniform(0.2, 6.0))

    async def submit(self, submissions: list[pb.Submission]) -> None:
        """Ask until there is an answer."""
        for each in submissions:
            self.ledger.sent[each.request_id] = each
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    results = await self._ask(submissions)
            except (Unreachable, TimeoutError, GatewayError):
                await asyncio.sleep(self._chance.uniform(0.2, 2.0))
                continue
            break
        for submission, result in zip(submissions, results, strict=True):
            self._heed(submission, result)

    async def _ask(self, submissions: list[pb.Submission]) -> list[pb.SubmissionResult]:
        results = await self.node.submit("national", submissions)
        if self._chance.random() < self._answers_lost:
            raise Unreachable
        return results

    def make(self, kind: str = "") -> pb.Submission:
        """Make up a submission. The last container is one that only bulk speaks of: nothing takes it along."""
        kind = kind or self._chance.choices(_KINDS, _WEIGHTS)[0]
        self._count += 1
        record = Record.FromString(_example(kind))
        is_bulk = kind == "inspection_outcome" and self._chance.random() < 0.4
        of_its_own = is_bulk and self._chance.random() < 0.7
        number = len(_CONTAINERS) - 1 if of_its_own else self._chance.randrange(len(_CONTAINERS) - 1)
        supersedes = self._chance.choice(self._standings) if kind == "withdrawal" and self._standings else ""
        if kind == "withdrawal" and not supersedes:
            return self.make("aeo_status")
        if kind == "withdrawal":
            self._standings.remove(supersedes)
            record.header.supersedes = record.header.subject.record_id = supersedes
        elif kind == "aeo_status":
            tin = f"{self.node.name}{number:010d}"
            record.header.subject.operator.tin = record.aeo_status.tin = tin
            record.aeo_status.status = self._chance.choice((2, 2, 4))
        else:
            container = _CONTAINERS[number]
            record.header.subject.consignment.container_numbers[:] = [container]
            body = getattr(record, kind)
            (body if kind == "alert" else body.consignment).container_numbers[:] = [container]
        if kind == "alert":
            record.alert.ack_required_by.seconds = self.node.clock.now() + 900
        if kind == "inspection_outcome":
            record.inspection_outcome.control_id = f"C-{self._count}"
        submission = pb.Submission(request_id=f"{self.node.name}-{self._count:05d}", record=record)
        if is_bulk:
            submission.priority = pb.PRIORITY_BULK
        return submission

    def _heed(self, submission: pb.Submission, result: pb.SubmissionResult) -> None:
        if result.request_id != submission.request_id:
            raise Violation(f"{submission.request_id} was answered as {result.request_id}.")
        kind = str(submission.record.WhichOneof("body"))
        if result.HasField("refusal"):
            self.ledger.refusals[submission.request_id] = result.refusal.reason
            if result.refusal.reason == "ALREADY_EXISTS":
                raise Violation(f"{submission.request_id} was asked again, and refused as another's.")
            self.node.history.note(self.node.name, f"refuses {submission.request_id} ({kind}): {result.refusal.reason}")
            return
        loop = asyncio.get_running_loop()
        about = submission.record.header.subject
        subject = "".join(about.consignment.container_numbers) or about.operator.tin or about.record_id
        promise = Promise(
            submission.request_id,
            result.record_id,
            kind,
            subject,
            frozenset(each.partner for each in result.releases),
            submission.priority == pb.PRIORITY_BULK,
            loop.time(),
        )
        self.ledger.promises[submission.request_id] = promise
        if kind == "aeo_status":
            self._standings.append(result.record_id)
        self.node.history.note(
            self.node.name, f"promises {kind} {promise.request_id} to {' '.join(sorted(promise.partners))}"
        )


_KINDS = ("inspection_outcome", "aeo_status", "withdrawal", "alert", "screening_result")
_WEIGHTS = (6, 5, 2, 2, 3)
_CONTAINERS = (
    "MSKU3841906", "SUDU5620472", "CSQU3054383", "TGHU1234560", "MSCU6639870", "HLXU2008419", "OOLU1234560", "MAEU1234565", "TCLU4265447",
)  # fmt: skip


@cache
def _example(kind: str) -> bytes:
    record = json_format.Parse(example(kind), Record())
    purpose = Purpose.PURPOSE_SECURITY_RISK
    record.header.purpose = purpose
    for field_name in ("record_id", "issuer", "agreement_id", "agreement_version", "issued_at", "supersedes"):
        record.header.ClearField(field_name)
    return record.SerializeToString()
