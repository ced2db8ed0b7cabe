"""The gateway's national door: how to reach it, how to ask, and how to read what it refuses.

NATIONAL_DOOR is its address, NATIONAL_CREDENTIALS a folder with ca.pem, client.pem and client.key.
"""

from __future__ import annotations

import os
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status

sys.path.insert(0, str(Path(__file__).parent / "stubs"))  # what protoc has made; a real system would install it

CALL_SECONDS = 30
LONGEST_PAUSE_SECONDS = 30
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
OPTIONS = [
    ("grpc.keepalive_time_ms", 15_000),  # a dead line is noticed within 23 s, also while a watch is idle
    ("grpc.keepalive_timeout_ms", 8_000),
    ("grpc.max_receive_message_length", 5 * 1024 * 1024),  # an evidence bundle has up to 4 MiB
]


class Refused(Exception):
    """An answer that asking again does not change: somebody must act first, and the sentence says who.

    ``fields`` are those at fault; under ``correlation_id`` the gateway's own log tells of it.
    """

    def __init__(self, reason: str, sentence: str, fields: list[tuple[str, str]], correlation_id: str = "") -> None:
        super().__init__("\n    ".join([f"{reason}: {sentence}", *(f"{path}: {said}" for path, said in fields)]))
        self.reason, self.fields, self.correlation_id = reason, fields, correlation_id


def refused(refusal: Any) -> Refused:
    """Read the refusal of one record or question among several; the others of the message are not touched by it."""
    return Refused(refusal.reason, refusal.message, [(each.path, each.message) for each in refusal.violations])


def read_status(error: grpc.RpcError) -> tuple[Refused, bool]:
    """Read the refusal of a call, and whether the same call may succeed later."""
    reason, fields, correlation_id, passing = error.code().name, [], "", error.code() in PASSING
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info, bad = ErrorInfo(), BadRequest()
        if detail.Unpack(info):
            reason, correlation_id = info.reason, info.metadata["correlation_id"]
        elif detail.Unpack(bad):
            fields = [(each.field, each.description) for each in bad.field_violations]
        elif detail.Is(RetryInfo.DESCRIPTOR):
            passing = True
    return Refused(reason, error.details(), fields, correlation_id), passing


def opened() -> grpc.Channel:
    """Open the door: one channel for the whole program. It connects by itself, and again whenever it has to."""
    folder = Path(os.environ["NATIONAL_CREDENTIALS"])
    authorities, key, chain = ((folder / name).read_bytes() for name in ("ca.pem", "client.key", "client.pem"))
    credentials = grpc.ssl_channel_credentials(authorities, key, chain)
    return grpc.secure_channel(os.environ["NATIONAL_DOOR"], credentials, options=OPTIONS)


def ask(method: Any, request: Any) -> Any:
    """Ask until there is an answer. It is safe: a request that changes something bears an id, and is done once."""
    pauses = _pauses()
    while True:
        try:
            return method(request, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            _wait_or_raise(error, next(pauses))


def watch(method: Any, request: Any) -> Iterator[Any]:
    """Give message after message, for ever. After an interruption it goes on behind the last that was dealt with."""
    pauses = _pauses()
    while True:
        try:
            for message in method(request):
                yield message
                request.cursor, request.from_now = message.cursor, False
                pauses = _pauses()
        except grpc.RpcError as error:
            _wait_or_raise(error, next(pauses))


def run(main: Callable[..., int | None], *arguments: Any) -> None:
    """Run a program; what is refused ends it with the sentence that says who must act."""
    try:
        sys.exit(main(*arguments))
    except Refused as refusal:
        sys.exit(f"✗ {refusal}")


def id_of(*parts: str) -> str:
    """Make the id of something that is to be done once: the same parts give the same id, after a restart too."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)))


def _pauses() -> Iterator[float]:
    seconds = 0.5
    while True:
        yield seconds * random.uniform(0.5, 1)  # so that many clients do not come back at the same moment
        seconds = min(2 * seconds, LONGEST_PAUSE_SECONDS)


def _wait_or_raise(error: grpc.RpcError, pause: float) -> None:
    refusal, passing = read_status(error)
    if not passing:
        raise refusal from None
    print(f"… {refusal}; again in {pause:.1f} s", file=sys.stderr, flush=True)
    time.sleep(pause)
