"""The processes of a network, told what to do together: this one where there are few members, else workers.

Workers share nothing but files: whatever one node knows of another it has from the wire, or from the descriptor and
the agreement that people would have brought.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from mock_partners.behaviours import Trace
from mock_partners.network.plan import IN_ONE_PROCESS, Plan
from mock_partners.network.quiet import ADVERSARIES_PATIENCE_SECONDS, Direction, directions, rests
from mock_partners.network.share import Share
from mock_partners.network.tally import Tally
from mock_partners.network.worker import LONGEST_LINE
from mutualrecognition.operations.v1 import links_service_pb2 as operations

WORKERS: Final = 2
_END_SECONDS: Final = 30.0

Told = Callable[[str], None]


class CrewFailed(Exception):
    """A process of the network cannot go on, with what it said."""


class Hand(Protocol):
    """One process, as the crew sees it: it carries out the methods of a share."""

    async def call(self, name: str, **given: Any) -> Any:  # noqa: ANN401  JSON
        """Carry out one method. Raises CrewFailed."""
        ...

    async def close(self) -> None:
        """Close its nodes."""
        ...


class _Here:
    """This process."""

    def __init__(self, share: Share) -> None:
        self._share = share

    async def call(self, name: str, **given: Any) -> Any:  # noqa: ANN401  JSON
        return await getattr(self._share, name)(**given)

    async def close(self) -> None:
        await self._share.close()


class _Worker:
    """Another process; a session of its own keeps Ctrl-C from it."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def call(self, name: str, **given: Any) -> Any:  # noqa: ANN401  JSON
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps({'call': name, **given})}\n".encode())
        line = await self._process.stdout.readline()
        if not line:
            said = self._log.read_text("utf-8", errors="replace").strip().splitlines()
            raise CrewFailed(f"A worker ended by itself: {' | '.join(said[-3:]) or 'it said nothing'}")
        answer = json.loads(line)
        if "fault" in answer:
            raise CrewFailed(answer["fault"])
        return answer["answer"]

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@dataclass(frozen=True, slots=True)
class Seen:
    """A network at one moment; ``trading`` while anything is still to sail.

    ``memory`` is what its processes hold, bytes.
    """

    links: dict[str, list[operations.Link]]
    tally: Tally
    trading: bool
    memory: int
    at: float = field(default_factory=time.monotonic)

    @property
    def directions(self) -> list[Direction]:
        """Both sides of every log."""
        return directions(self.links)

    @property
    def suspended(self) -> list[str]:
        """Every link that somebody has suspended, and why, as sentences."""
        return [
            f"{own} has suspended its link with {link.partner}: {link.last_reason}"
            for own, rows in sorted(self.links.items())
            for link in rows
            if link.state == operations.LINK_STATE_SUSPENDED
        ]

    def rests(self, adversaries: Collection[str], still_for: float) -> bool:
        """Say whether nothing is under way; what adversaries leave hanging or unanswered is waited for a little."""
        answered = not self.unanswered or (bool(adversaries) and still_for > ADVERSARIES_PATIENCE_SECONDS)
        return answered and rests(self.directions, adversaries, still_for)

    @property
    def unanswered(self) -> int:
        """Requests and alerts that were stated and have no answer yet."""
        done = self.tally.done
        return done["requests"] + done["alerts"] - done["requests answered"] - done["alerts acknowledged"]


class Crew:
    """All processes of one network."""

    def __init__(self, hands: Sequence[Hand], trace: Trace) -> None:
        self._hands = hands
        self.trace = trace
        """What this process sees on links: everything in a small network, nothing where workers run it."""

    async def together(self, name: str, **given: Any) -> list[Any]:  # noqa: ANN401  JSON
        """Have every process carry out one step, and wait for the last of them. Raises CrewFailed."""
        return await asyncio.gather(*(hand.call(name, **given) for hand in self._hands))

    async def look(self) -> Seen:
        """See every link from both sides, and what was done so far."""
        links: dict[str, list[operations.Link]] = {}
        tally, trading, memory = Tally(), False, 0
        for answer in await self.together("look"):
            for member, rows in answer["links"].items():
                links[member] = [operations.Link.FromString(base64.b64decode(row)) for row in rows]
            tally.add(Tally.from_json(answer["tally"]))
            trading = trading or answer["trading"]
            memory += answer["memory"]
        return Seen(links, tally, trading, memory)

    async def close(self) -> None:
        """Close every node, all processes at once."""
        await asyncio.gather(*(hand.close() for hand in self._hands))


@asynccontextmanager
async def gathered(plan: Plan) -> AsyncIterator[Crew]:
    """Gather the processes for a plan; they are closed when the context is left."""
    if len(plan.members) <= IN_ONE_PROCESS:
        share = Share(plan, plan.members)
        crew = Crew([_Here(share)], share.trace)
    else:
        crew = Crew([await _worker(plan, number) for number in range(WORKERS)], Trace())
    try:
        yield crew
    finally:
        await crew.close()


async def _worker(plan: Plan, number: int) -> _Worker:
    log = Path(plan.place) / f"worker-{number}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mock_partners.network.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            limit=LONGEST_LINE,
        )
    assert process.stdin is not None
    first = {"plan": plan.to_json(), "mine": plan.members[number::WORKERS]}
    process.stdin.write(f"{json.dumps(first)}\n".encode())
    return _Worker(process, log)
