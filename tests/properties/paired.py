"""Two nodes without wires or ports: real stores, sessions, submissions, desks and clerks, and one clock for both."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gateway.exchange.judging import covered_by
from gateway.exchange.release import Releaser
from gateway.exchange.session_trust import AgreementRef
from gateway.exchange.submission import Submissions
from gateway.reliance.recall_desk import RecallDesk
from gateway.rpc.access import Role
from gateway.rpc.alert_clerk import AlertClerk
from gateway.rpc.clients import Caller
from gateway.rpc.request_clerk import Files, RequestClerk
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.trust.book import TrustBook
from gateway.views.alert_desk import AlertDesk
from gateway.views.request_desk import RequestDesk
from gateway.views.tracing import ConsignmentTracer
from mutualrecognition.national.v1 import records_service_pb2 as national
from tests.unit.exchange import link_world
from tests.unit.exchange.link_world import Clock, End, Link
from tests.unit.exchange.trusted_world import agreement_text, descriptor_note, signed_by

KINDS = (
    "control_request", "control_answer", "screening_request", "screening_answer", "information_request",
    "information_answer", "alert", "alert_answer", "movement_event", "inspection_outcome", "screening_result",
    "withdrawal",
)  # fmt: skip
OFFICER = Caller("officer", frozenset({Role.OFFICER}))


def book_of(own: str) -> TrustBook:
    """CN and NL release every kind of request and alert to each other, whole."""
    book = TrustBook(own)
    for administration in ("CN", "NL"):
        book = book.with_descriptor(descriptor_note(administration))
    there = agreement_text("cn-nl", "CN", "NL", [(kind, ["*"]) for kind in KINDS])
    back = agreement_text("cn-nl", "NL", "CN", [(kind, ["*"]) for kind in KINDS])
    return book.with_agreement(signed_by(there + back[back.index("[[flows]]") :], "CN", "NL"))


class PairedNode:
    """One node: its end of the link, its store, and what stands on them."""

    def __init__(self, end: End, store: SqliteStore, clock: Clock) -> None:
        self.own, self.partner = end.own, end.peer
        self.store = store
        self._end = end
        self._clock = clock
        end.logs = store.logs  # type: ignore[assignment]
        book = book_of(end.own)
        end.covers = covered_by(book, sender=end.peer, receiver=end.own)
        releaser = Releaser(book)
        self._submissions = Submissions(
            administration=end.own,
            intake=store.intake,
            releaser=lambda: releaser,
            clock=clock,
            randomness=end.chance,
            ring=self._ring,
        )
        parts: dict[str, Any] = {"administration": end.own, "index": store.views, "records": store.records}
        self.requests = RequestDesk(**parts, tracer=ConsignmentTracer(store.views), clock=clock)
        self.alerts = AlertDesk(**parts, clock=clock)
        self.recalls = RecallDesk(
            index=store.views, records=store.records, ledger=store.ledger, book=lambda: book, clock=clock
        )
        files = Files(desk=self.requests, index=store.views, records=store.records, book=lambda: book)
        on: dict[str, Any] = {"administration": end.own, "submissions": self._submissions, "clock": clock}
        self.request_clerk = RequestClerk(**on, files=files)
        self.alert_clerk = AlertClerk(**on, desk=self.alerts)

    async def submit(self, submission: national.Submission) -> str:
        """Issue a record past every clerk, as a national system may; gives its id."""
        (result,) = await self._submissions.submit("national", [submission])
        assert not result.HasField("refusal"), result.refusal
        return result.record_id

    def _ring(self, partners: Collection[str]) -> None:
        if self.partner in partners:
            self._end.do(self._end.session.work_waiting(self._clock.moment()))


class Pair:
    """Both nodes and the line between them; everything runs when it is told to."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self._patched = patch.object(link_world, "run", self.run)
        self._patched.start()
        digest = book_of("CN").agreements[0].digest
        self.link = Link(higher="NL", lower="CN", agreements=(AgreementRef("cn-nl", 1, digest),))
        self.clock = self.link.clock
        self.nl, self.cn = (PairedNode(end, self._open(end), self.clock) for end in self.link.ends)
        self.link.connect().settle()

    def run(self, work: Any) -> Any:
        """Run a coroutine to its end."""
        return self.loop.run_until_complete(work)

    def settle(self) -> None:
        """Let everything arrive."""
        self.link.settle()

    def close(self) -> None:
        """Close both stores and forget them."""
        for node in (self.nl, self.cn):
            self.run(node.store.close())
        self.loop.close()
        self._patched.stop()
        shutil.rmtree(self._directory)

    def _open(self, end: End) -> SqliteStore:
        store: SqliteStore = self.run(
            open_store(self._directory / f"{end.own}.db", randomness=end.chance, clock=self.clock, reserve=0)
        )
        return store
