"""Calls that come while the desk is busy are answered together: one read and one transaction for all of them.

What has piled up while the last ones were being answered is the next batch; a call that comes alone is answered at
once. There is no timer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from gateway.ports.decisions import StoredDecision
from gateway.recognition.desk import Asked, RecognitionDesk, WorkedOut

TOGETHER: Final = 32
"""Questions answered together: others have their turn after about 10 ms."""
AT_ONCE: Final = 2
"""While one batch is written through to the disk, the next is decided."""

_Waiting = tuple[Asked, asyncio.Future[StoredDecision]]


class Counter:
    """Where calls wait for their turn at the desk."""

    def __init__(self, desk: RecognitionDesk) -> None:
        self._desk = desk
        self._waiting: deque[_Waiting] = deque()
        self._clerk: asyncio.Task[None] | None = None
        self._keeping: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def decide(self, asked: Asked) -> StoredDecision:
        """Answer one question.

        Raises:
            GatewayError: the question is refused, or the store.
        """
        answer: asyncio.Future[StoredDecision] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._clerk is None:
            self._clerk = asyncio.create_task(self._serve())
        return await answer

    async def _serve(self) -> None:
        """Take what waits, batch after batch, until nothing does; one is decided at a time."""
        while self._waiting:
            await self._room.acquire()
            batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            try:
                worked_out = await self._desk.work_out([asked for asked, _ in batch])
            except Exception as error:  # noqa: BLE001  whatever it is, every caller must hear of it
                self._room.release()
                _tell(batch, [error] * len(batch))
                continue
            keeping = asyncio.create_task(self._keep(batch, worked_out))
            self._keeping.add(keeping)
            keeping.add_done_callback(self._keeping.discard)
            await asyncio.sleep(0)  # a batch may be decided without any waiting: others have their turn
        self._clerk = None

    async def _keep(self, batch: Sequence[_Waiting], worked_out: WorkedOut) -> None:
        try:
            _tell(batch, await self._desk.keep(worked_out))
        except Exception as error:  # noqa: BLE001  as above
            _tell(batch, [error] * len(batch))
        finally:
            self._room.release()


def _tell(batch: Sequence[_Waiting], told: Sequence[StoredDecision | Exception]) -> None:
    for (_, answer), each in zip(batch, told, strict=True):
        if answer.done():
            continue
        if isinstance(each, Exception):
            answer.set_exception(each)
        else:
            answer.set_result(each)
