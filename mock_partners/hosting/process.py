"""The process that hosts networks: a line of JSON says what to do, a line of JSON says what came of it.

It ends when nobody can ask any more: with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TextIO

import structlog
from google.protobuf import json_format

from gateway.cli.serving import write_log
from gateway.errors import GatewayError
from mock_partners.network import MockNetwork, NetworkInvalid, NothingCame, Unsettled
from mock_partners.staging.nodes import until
from mutualrecognition.national.v1 import records_service_pb2 as national
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1 import links_service_pb2 as operations

CALL_SECONDS: Final = 30
LINE_BYTES: Final = 16 * 1024 * 1024

_TOLD: Final = (NetworkInvalid, NothingCame, Unsettled, GatewayError, json_format.ParseError)
"""What whoever asked can do something about; anything else is a bug of this project."""
_log = structlog.get_logger(__name__)


class Refused(Exception):
    """A member did not take what it was to state."""


class Hosting:
    """The networks that are open, by their numbers."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[MockNetwork, AsyncExitStack]] = {}
        self._last = 0

    async def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is asked; never raises."""
        try:
            return {"gives": await self._do(**asked)}
        except (*_TOLD, Refused) as error:
            return {"error": str(error)}
        except Exception as error:  # noqa: BLE001  the last place where one can be told
            _log.error("a bug of the mock network", asked=asked.get("do"), exc_info=error)
            return {"error": f"A bug of the mock network, in its log: {error!r}"}

    async def close(self) -> None:
        """Close what is still open."""
        for number in list(self._open):
            await self._close(number)

    async def _do(self, do: str, network: int = 0, **given: Any) -> Any:  # noqa: ANN401  JSON
        if do == "open":
            return await self._open_network(**given)
        if do == "close":
            return await self._close(network)
        return await _VERBS[do](self._open[network][0], **given)

    async def _open_network(
        self, members: Sequence[str], topology: str, behaviours: Mapping[str, Sequence[str]], place: str
    ) -> dict[str, Any]:
        stack = AsyncExitStack()
        opening = MockNetwork.open(members=members, topology=topology, behaviours=behaviours, place=Path(place))
        network = await stack.enter_async_context(opening)
        self._last += 1
        self._open[self._last] = (network, stack)
        return {"network": self._last, "members": {name: _told(network, name) for name in members}}

    async def _close(self, number: int) -> None:
        _, stack = self._open.pop(number)
        await stack.aclose()


def _told(network: MockNetwork, name: str) -> dict[str, str]:
    member = network.members[name]
    return {
        "home": str(member.home),
        "address": member.national.replace("127.0.0.1", "localhost"),
        "authority": str(member.credentials.authority),
        "certificate": str(member.credentials.certificate),
        "key": str(member.credentials.key),
    }


async def _state(network: MockNetwork, member: str, record: dict[str, Any], to: Sequence[str]) -> str:
    """Have a member state a record; gives its id."""
    submission = national.Submission(request_id=os.urandom(16).hex(), recipients=to)
    json_format.ParseDict(record, submission.record)
    records = RecordsServiceStub(network.members[member].channel())
    request = national.SubmitRecordsRequest(submissions=[submission])
    (result,) = (await records.SubmitRecords(request, timeout=CALL_SECONDS)).results
    if result.HasField("refusal"):
        fields = "".join(f"\n  {each.path}: {each.message}" for each in result.refusal.violations)
        raise Refused(f"{member} does not state this. {result.refusal.reason}: {result.refusal.message}{fields}")
    return result.record_id


async def _wait_until_suspended(network: MockNetwork, at: str, partner: str) -> None:
    async def look() -> list[str]:
        rows = (await network.links())[at]
        return [link.partner for link in rows if link.state == operations.LINK_STATE_SUSPENDED]

    await until(look, lambda suspended: partner in suspended, f"the suspension of {partner} at {at}")


async def _quiet(network: MockNetwork) -> None:
    await network.quiet()


async def _cut(network: MockNetwork, between: tuple[str, str]) -> None:
    network.cut(*between)


async def _heal(network: MockNetwork, between: tuple[str, str]) -> None:
    network.heal(*between)


async def _trace(network: MockNetwork) -> list[dict[str, Any]]:
    return [asdict(each) for each in network.trace.events]


_VERBS: Final[dict[str, Callable[..., Awaitable[Any]]]] = {
    "state": _state,
    "quiet": _quiet,
    "cut": _cut,
    "heal": _heal,
    "stop": MockNetwork.stop,
    "start": MockNetwork.start,
    "suspended": _wait_until_suspended,
    "trace": _trace,
}
"""What can be done with a network that is open."""


async def serve(answers: TextIO) -> None:
    """Answer until the input ends."""
    lines = asyncio.StreamReader(limit=LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    hosting = Hosting()
    try:
        async for line in lines:
            answers.write(json.dumps(await hosting.answer(json.loads(line))) + "\n")
            answers.flush()
    finally:
        await hosting.close()


def main() -> None:
    """Host networks; whatever is printed besides answers goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    write_log(form="json", level="warning")
    asyncio.run(serve(answers))
