"""A watch that goes on where it was: after the node was away, and in the next run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.cli import watching
from mutualrecognition.national.v1 import requests_service_pb2 as pb


class Away(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """What gRPC raises when the node goes down."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


Away.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


class Call:
    """One call of a watch: messages, then the end of the line where there is one."""

    def __init__(self, *messages: pb.WatchRequestsResponse, breaks: bool = False) -> None:
        self._messages = messages
        self._breaks = breaks

    def __iter__(self) -> Iterator[Any]:
        yield from self._messages
        if self._breaks:
            raise Away

    def cancel(self) -> None:
        """End it."""


def message(cursor: str, *names: str) -> pb.WatchRequestsResponse:
    return pb.WatchRequestsResponse(cursor=cursor, requests=[pb.Request(request_id=name) for name in names])


class Node:
    """Gives the calls in turn and notes from where each was asked to go on."""

    def __init__(self, *calls: Call) -> None:
        self._calls = iter(calls)
        self.asked: list[tuple[str, bool]] = []

    def watch(self, request: pb.WatchRequestsRequest) -> Call:
        self.asked.append((request.cursor, request.from_now))
        return next(self._calls)


def test_it_goes_on_where_it_was_and_keeps_a_cursor_only_when_all_is_dealt_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching.time, "sleep", lambda _: None)
    kept = tmp_path / "cursor"
    node = Node(Call(message("1"), message("2", "a", "b"), breaks=True), Call(message("3", "c", "d")))
    call = pb.WatchRequestsRequest(from_now=True)
    seen = []
    for each, cursor in watching.follow(node.watch, call, "requests", resume=kept, count=3):
        seen.append((each.request_id, cursor, watching.kept_cursor(kept)))
    assert seen == [("a", "", "1"), ("b", "2", "1"), ("c", "", "2")]
    assert node.asked == [("", True), ("2", False)]
    assert watching.kept_cursor(kept) == "2", "d, which came with c, is still to be dealt with"


def test_a_node_that_was_never_there_is_told_at_once() -> None:
    node = Node(Call(breaks=True))
    with pytest.raises(grpc.RpcError):
        next(watching.watch(node.watch, pb.WatchRequestsRequest(), away=lambda _: None))
