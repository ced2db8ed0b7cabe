"""Partners that misbehave: a real gateway with one port wrapped; everything else about it is as it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from gateway.app import Collaborators
from gateway.exchange.release import Release, Releaser, Route
from gateway.ports.links import LinkLogs, ReceivedBatch
from gateway.records import EVERYTHING, FieldSelection, kind_of
from mutualrecognition.records.v1.record_pb2 import Record

_EVERY: Final = 7
"""One record in so many is corrupted: enough to be there in a small run, few enough that nobody sees it by looking."""


class LeakyReleaser(Releaser):
    """Releases whole bodies, whatever the agreement lets through; the header still names the agreed selection."""

    def routes(self, record: Record, *, recipients: Collection[str], at: int) -> tuple[Route, ...]:
        """Send it where it may go, with everything."""
        whole = FieldSelection(kind_of(record), (EVERYTHING,))
        return tuple(replace(route, fields=whole) for route in super().routes(record, recipients=recipients, at=at))


class CorruptingReleaser(Releaser):
    """Changes some records before they are signed: the proofs hold, what they prove is not what was submitted."""

    _seen = 0

    def forms(
        self, record: Record, routes: Collection[Route], *, superseded: Mapping[str, Collection[str]]
    ) -> tuple[Release, ...]:
        """Release as always, but of one record in seven the body says something else."""
        CorruptingReleaser._seen += 1
        changed = Record()
        changed.CopyFrom(record)
        if CorruptingReleaser._seen % _EVERY == 0:
            _change(changed)
        return super().forms(changed, routes, superseded=superseded)


class ReceiptlessLogs:
    """Stores what it receives and never signs for it."""

    def __init__(self, logs: LinkLogs) -> None:
        self._logs = logs

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  every other method as it is
        """Give what the real port has."""
        return getattr(self._logs, name)

    async def commit_batch(self, batch: ReceivedBatch) -> None:
        """Commit, and never come back: the receipt is sent after this."""
        await self._logs.commit_batch(batch)
        await asyncio.Event().wait()


FAULTS: Final[dict[str, Callable[[], Collaborators]]] = {
    "corrupt-record": lambda: Collaborators(releaser=CorruptingReleaser),
    "leak-field": lambda: Collaborators(releaser=LeakyReleaser),
    "withhold-receipts": lambda: Collaborators(logs=_receiptless),
}
"""What a node can be made to do."""


def _receiptless(logs: LinkLogs) -> LinkLogs:
    wrapped: Any = ReceiptlessLogs(logs)
    found: LinkLogs = wrapped
    return found


def _change(record: Record) -> None:
    match record.WhichOneof("body"):
        case "inspection_outcome":
            record.inspection_outcome.control_id += "-X"
        case "screening_result":
            record.screening_result.performed_at.seconds += 3600
        case "aeo_status":
            record.aeo_status.effective_at.seconds += 3600
