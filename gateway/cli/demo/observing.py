"""Eyes on the nodes: everything that comes out of each Watch stream, and the links as the operator sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc

from gateway.cli.client import CALL_SECONDS, national, operations
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as operations_pb
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record as a Watch stream gave it; ``at`` on this process's monotonic clock, seconds."""

    stored: pb.StoredRecord
    at: float


class NodeView:
    """One node seen through its public ports, as its national system and its operator see it."""

    def __init__(self, administration: str, records: RecordsServiceStub, links: LinksServiceStub) -> None:
        self.administration = administration
        self.records = records
        self._links = links
        self._news = threading.Condition()
        self._arrivals: dict[str, list[Arrival]] = {}
        self._count = 0
        self._call: grpc.Call | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.broken = ""

    def links(self) -> list[operations_pb.Link]:
        """Give the node's links now."""
        return list(self._links.ListLinks(operations_pb.ListLinksRequest(), timeout=CALL_SECONDS).links)

    def node(self) -> operations_pb.GetNodeResponse:
        """Give what the node says of itself."""
        answer: operations_pb.GetNodeResponse = self._links.GetNode(
            operations_pb.GetNodeRequest(), timeout=CALL_SECONDS
        )
        return answer

    def arrivals(self) -> dict[str, list[Arrival]]:
        """Give all that the Watch stream has given, by record id; judgements apart, which nobody submitted."""
        with self._news:
            return {name: list(each) for name, each in self._arrivals.items()}

    @property
    def count(self) -> int:
        """How many records the Watch stream has given."""
        return self._count

    def wait_for(self, record_id: str, seconds: float) -> Arrival | None:
        """Wait until a record comes out of the Watch stream; None when it does not in time."""
        with self._news:
            self._news.wait_for(lambda: record_id in self._arrivals or self.broken, seconds)
            found = self._arrivals.get(record_id)
            return found[0] if found else None

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        if self._call is not None:
            self._call.cancel()
        self._thread.join(timeout=CALL_SECONDS)

    def _watch(self) -> None:
        request = pb.WatchRecordsRequest(
            filter=pb.RecordFilter(direction=pb.DIRECTION_RECEIVED, include_quarantined=True)
        )
        try:
            call = self.records.WatchRecords(request)
            self._call = call
            for response in call:
                self._take(response.records, time.monotonic())
        except grpc.RpcError as error:
            with self._news:
                self.broken = str(error.code().name) if isinstance(error, grpc.Call) else str(error)
                self._news.notify_all()

    def _take(self, records: Iterable[pb.StoredRecord], at: float) -> None:
        with self._news:
            for stored in records:
                if stored.record.WhichOneof("body") == "judgement":
                    continue
                self._arrivals.setdefault(stored.record.header.record_id, []).append(Arrival(stored, at))
                self._count += 1
            self._news.notify_all()


class Views:
    """All nodes; a context that opens their channels and watches."""

    def __init__(self, homes: dict[str, Path]) -> None:
        self._homes = homes
        self._stack = ExitStack()
        self.by_name: dict[str, NodeView] = {}

    def __enter__(self) -> Self:
        for name, home in self._homes.items():
            records = self._stack.enter_context(national(home))
            links, _ = self._stack.enter_context(operations(home))
            view = NodeView(name, records, links)
            self.by_name[name] = view
            view.start()
            self._stack.callback(view.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __getitem__(self, name: str) -> NodeView:
        return self.by_name[name]

    def rows(self) -> list[tuple[str, operations_pb.Link]]:
        """Give every link of every node, with whose it is."""
        return [(name, link) for name, view in self.by_name.items() for link in view.links()]
