"""Submission: the national system's door into the exchange (docs/story.md, steps 1 to 4).

Each submission of a batch stands for itself:

1. the request id is one, and the record can be read;
2. the gateway completes the header: record id, issuer, time;
3. the record keeps the rules of its kind, the same as on arrival abroad, and may follow the one that it supersedes;
4. it is released: at least one agreement covers it, and covers every recipient that is named;
5. it is stored with its released forms, in one durable transaction for the whole batch;
6. it is answered; a repeat gets the first answer, also where it would be refused today.

Refused ones are answered with their reason; nothing of them is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from gateway import records
from gateway.errors import (
    ForeignIssuer,
    GatewayError,
    Malformed,
    NotCovered,
    RecordInvalid,
    RecordTooLarge,
    RequestReused,
    SupersedesUnknown,
    Violation,
)
from gateway.exchange.release import Release, Releaser, Route
from gateway.exchange.urgency import effective_priority
from gateway.ports.intake import Admission, Admitted, Earlier, Intake, Issued, Priority, Reused
from gateway.ports.world import Clock, Randomness
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

SUBMISSIONS_AT_MOST: Final = 1000
_REQUEST_ID: Final = re.compile(r"[!-~]{1,64}")
_GATEWAYS_OWN: Final = ("record_id", "agreement_version", "release_profile")
_PRIORITY_NUMBERS: Final = frozenset(pb.Priority.values())
_FILLED_IN_HERE: Final = "record.agreement"
"""The rule that a record breaks for as long as no agreement is found for it: not the submitter's fault."""

_PRIORITIES: Final = {
    pb.PRIORITY_URGENT: Priority.URGENT,
    pb.PRIORITY_NORMAL: Priority.NORMAL,
    pb.PRIORITY_BULK: Priority.BULK,
}


class Attempt(NamedTuple):
    """One submission of a batch: its result once it is stored, or its refusal, and then nothing to store.

    ``forwarded`` is there when it was refused as somebody else's statement, which is nobody's to pass on; ``digest`` of
    a refused one is that of what the client sent.
    """

    result: pb.SubmissionResult
    admission: Admission | None
    forwarded: ForeignIssuer | None = None
    digest: bytes = b""


Prepared = Sequence[Attempt]


class Submissions:
    """Takes submissions of national clients.

    ``releaser`` gives the one of the present trust book; ``ring`` is told for which partners something waits now.
    """

    def __init__(
        self,
        *,
        administration: str,
        intake: Intake,
        releaser: Callable[[], Releaser],
        clock: Clock,
        randomness: Randomness,
        ring: Callable[[Collection[str]], None],
    ) -> None:
        self._administration = administration
        self._intake = intake
        self._releaser = releaser
        self._clock = clock
        self._randomness = randomness
        self._ring = ring

    async def submit(self, client: str, submissions: Sequence[pb.Submission]) -> list[pb.SubmissionResult]:
        """Take a batch; one result each, in order, when all that was accepted is durable.

        Raises:
            Malformed: more than 1,000 submissions.
            StoreFull: the disk is nearly full; nothing was stored.
        """
        return await self.admit(await self.prepare(client, submissions))

    async def prepare(self, client: str, submissions: Sequence[pb.Submission]) -> Prepared:
        """Do steps 1 to 4; the submissions are used up: their records become the completed ones.

        Batches that are admitted in the order in which they were prepared keep that order.

        Raises: as ``submit``.
        """
        require_count(submissions)
        await self._intake.refuse_when_full()
        superseded = await self._superseded(submissions)
        now, releaser = self._clock.now(), self._releaser()
        attempts = [
            self._attempt(client, each, releaser, superseded, now, digest=_digest(each)) for each in submissions
        ]
        refused = {each.result.request_id for each in attempts if each.admission is None}
        earlier = await self._intake.answered(client, refused) if refused else {}
        return [each if each.admission else _first_answer(each, earlier) for each in attempts]

    async def admit(self, prepared: Prepared) -> list[pb.SubmissionResult]:
        """Do steps 5 and 6."""
        admissions = [each.admission for each in prepared if each.admission is not None]
        outcomes = iter(await self._intake.admit(admissions) if admissions else ())
        self._ring({outgoing.partner for admission in admissions for outgoing in admission.outgoing})
        return [each.result if each.admission is None else _answer(next(outcomes), each.result) for each in prepared]

    async def submit_call(self, client: str, submission: pb.Submission, call: bytes) -> pb.SubmissionResult:
        """Take the one record that a call of the national API makes; the submission is used up.

        A repeat is told by the bytes of the ``call``, since what is made of them may depend on the time.

        Raises:
            GatewayError: it is refused, and nothing was stored.
        """
        await self._intake.refuse_when_full()
        superseded = await self._superseded([submission])
        digest = sha256(call).digest()
        attempt = self._accepted(client, submission, self._releaser(), superseded, self._clock.now(), digest=digest)
        (told,) = await self.admit([attempt])
        return told

    async def submit_calls(
        self, client: str, calls: Sequence[tuple[pb.Submission, bytes]]
    ) -> list[pb.SubmissionResult]:
        """Take records as ``submit_call`` takes one, all in one transaction; what is refused stops no other.

        Raises:
            StoreFull: the disk is nearly full; nothing was stored.
        """
        await self._intake.refuse_when_full()
        superseded = await self._superseded(submission for submission, _ in calls)
        now, releaser = self._clock.now(), self._releaser()
        return await self.admit(
            [
                self._attempt(client, submission, releaser, superseded, now, digest=sha256(call).digest())
                for submission, call in calls
            ]
        )

    async def was_answered(self, client: str, call_id: str, call: bytes) -> bool:
        """Tell whether this call was answered before; what it did then stands.

        Raises:
            Malformed: this can be nobody's id of a call.
            RequestReused: the id was used for another call.
        """
        if not _REQUEST_ID.fullmatch(call_id):
            raise Malformed("A call_id has 1 to 64 printable ASCII characters without spaces.")
        earlier = (await self._intake.answered(client, {call_id})).get(call_id)
        if earlier is not None and earlier.digest != sha256(call).digest():
            raise RequestReused("The call_id was used before, with other content.")
        return earlier is not None

    async def _superseded(self, submissions: Iterable[pb.Submission]) -> Mapping[str, Issued]:
        named = {older for each in submissions if (older := each.record.header.supersedes)}
        return await self._intake.issued(named) if named else {}

    def _attempt(
        self,
        client: str,
        submission: pb.Submission,
        releaser: Releaser,
        superseded: Mapping[str, Issued],
        now: int,
        *,
        digest: bytes,
    ) -> Attempt:
        try:
            return self._accepted(client, submission, releaser, superseded, now, digest=digest)
        except GatewayError as error:
            forwarded = error if isinstance(error, ForeignIssuer) else None
            return Attempt(_refused(submission.request_id, error), None, forwarded, digest)

    def _accepted(
        self,
        client: str,
        submission: pb.Submission,
        releaser: Releaser,
        superseded: Mapping[str, Issued],
        now: int,
        *,
        digest: bytes,
    ) -> Attempt:
        _check_request(submission)
        record = self._completed(submission.record, now)
        routes = _routes(releaser, record, submission.recipients, now)
        _name_agreement(record, routes[0])
        _check_record(record, now)
        knew_the_older = _check_succession(record, superseded)
        releases = releaser.forms(record, routes, superseded=knew_the_older)
        _check_size(releases)
        statement, parsed = _statement(record, releases)
        header = record.header
        result = pb.SubmissionResult(
            request_id=submission.request_id, record_id=header.record_id, releases=map(_told, releases)
        )
        admission = Admission(
            client=client,
            request_id=submission.request_id,
            digest=digest,
            record_id=header.record_id,
            kind=records.kind_of(record),
            subject=records.subject_key(record),
            supersedes=header.supersedes,
            statement=statement,
            outgoing=tuple(release.outgoing for release in releases),
            priority=effective_priority(record, _PRIORITIES.get(submission.priority)),
            answer=result.SerializeToString(),
            stored_at=now,
            parsed=parsed,
        )
        return Attempt(result, admission)

    def _completed(self, given: Record, now: int) -> Record:
        header = given.header
        if header.issuer not in ("", self._administration):
            raise ForeignIssuer(
                f"The record is a statement of {header.issuer}, and this node is {self._administration}. It is not "
                f"passed on: whoever needs it asks {header.issuer}."
            )
        if header.record_id or header.agreement_version or header.release_profile:
            taken = [name for name in _GATEWAYS_OWN if getattr(header, name)]
            raise RecordInvalid(
                "The gateway fills in these fields.",
                violations=tuple(Violation(f"header.{name}", "header.assigned", "leave it out") for name in taken),
            )
        header.issuer = self._administration
        header.record_id = self._randomness.record_id()
        if not header.HasField("issued_at"):
            header.issued_at.seconds = now
        return given


def require_count(submissions: Sequence[pb.Submission]) -> None:
    """Refuse a message that carries too many submissions.

    Raises:
        Malformed: more than 1,000.
    """
    if len(submissions) > SUBMISSIONS_AT_MOST:
        raise Malformed(f"A message carries at most {SUBMISSIONS_AT_MOST} submissions, not {len(submissions)}.")


def _first_answer(refused: Attempt, answered: Mapping[str, Earlier]) -> Attempt:
    """Give the answer that a submission got before, where it did: what is refused today was perhaps stored then."""
    earlier = answered.get(refused.result.request_id)
    if earlier is None:
        return refused
    if earlier.digest != refused.digest:
        return Attempt(_reused(refused.result.request_id), None)
    return Attempt(pb.SubmissionResult.FromString(earlier.answer), None)


def _digest(submission: pb.Submission) -> bytes:
    return sha256(submission.SerializeToString(deterministic=True)).digest()


def _check_request(submission: pb.Submission) -> None:
    if not _REQUEST_ID.fullmatch(submission.request_id):
        raise Malformed("A request id has 1 to 64 printable ASCII characters without spaces.")
    if submission.priority not in _PRIORITY_NUMBERS:
        raise Malformed(f"There is no priority {submission.priority}.")
    if not submission.HasField("record"):
        raise Malformed("The submission has no record.")


def _routes(releaser: Releaser, record: Record, recipients: Collection[str], now: int) -> tuple[Route, ...]:
    """Find who gets it; where nobody does, the faults of the record may be why, so they are told too."""
    try:
        return releaser.routes(record, recipients=recipients, at=now)
    except NotCovered as error:
        faults = (each for each in records.check(record) if each.rule != _FILLED_IN_HERE)
        raise NotCovered(error.sentence, violations=tuple(faults)) from None


def _name_agreement(record: Record, route: Route) -> None:
    """Complete the header as the first partner will get it, so that the rules see a whole record."""
    record.header.agreement_id, record.header.agreement_version = route.agreement.id, route.agreement.version


def _statement(record: Record, releases: Sequence[Release]) -> tuple[bytes, Record]:
    """Give what this side keeps: the record as submitted; where a single partner gets it whole, those same bytes."""
    if len(releases) == 1 and releases[0].whole:
        return releases[0].record, releases[0].parsed
    if len({release.agreement for release in releases}) > 1:
        record.header.ClearField("agreement_id")
        record.header.ClearField("agreement_version")
    return record.SerializeToString(), record


def _check_record(record: Record, now: int) -> None:
    if violations := (*records.check(record), *records.check_time(record, now)):
        raise RecordInvalid(f"The record breaks {len(violations)} of its rules.", violations=violations)


def _check_succession(record: Record, superseded: Mapping[str, Issued]) -> Mapping[str, Collection[str]]:
    """Hold a record against the one that it supersedes, if any; gives that one's recipients by its id."""
    named = record.header.supersedes
    if not named:
        return {}
    older = superseded.get(named)
    if older is None:
        raise SupersedesUnknown(f"This administration has issued no record {named}.")
    if violations := records.check_succession(Record.FromString(older.statement), record):
        raise RecordInvalid(f"The record cannot take the place of {named}.", violations=violations)
    return {named: older.recipients}


def _check_size(releases: Iterable[Release]) -> None:
    largest = max(len(release.record) for release in releases)
    if largest > records.MAX_RECORD_BYTES:
        raise RecordTooLarge(
            f"The record has {largest} bytes; {records.MAX_RECORD_BYTES} are the most that can be delivered."
        )


def _told(release: Release) -> pb.Release:
    return pb.Release(
        partner=release.partner,
        agreement_id=release.agreement.id,
        agreement_version=release.agreement.version,
        withheld=release.withheld,
    )


def _answer(outcome: Admitted | Reused, result: pb.SubmissionResult) -> pb.SubmissionResult:
    if isinstance(outcome, Reused):
        return _reused(outcome.request_id)
    return pb.SubmissionResult.FromString(outcome.answer) if outcome.repeat else result


def _reused(request_id: str) -> pb.SubmissionResult:
    return _refused(request_id, RequestReused("The request id was used before, with other content."))


def _refused(request_id: str, error: GatewayError) -> pb.SubmissionResult:
    violations = [pb.FieldViolation(path=v.path, rule=v.rule, message=v.message) for v in error.violations]
    refusal = pb.Refusal(reason=error.reason, message=str(error), violations=violations)
    return pb.SubmissionResult(request_id=request_id, refusal=refusal)
