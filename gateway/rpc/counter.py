"""Calls that come while the desk is busy are answered together: one read and one transaction for all of them.

What has piled up while the last ones were being answered is the next batch; a call that comes alone is answered at
once. There is no timer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from gateway.errors import GatewayError
from gateway.ports.decisions import StoredDecision
from gateway.recognition.desk import Asked, RecognitionDesk

TOGETHER: Final = 32
"""Questions answered together: others have their turn after about 10 ms."""
AT_ONCE: Final = 2
"""While one batch is written through to the disk, the next is decided."""


class Counter:
    """Where calls wait for their turn at the desk."""

    def __init__(self, desk: RecognitionDesk) -> None:
        self._desk = desk
        self._waiting: deque[tuple[Asked, asyncio.Future[StoredDecision]]] = deque()
        self._clerks: set[asyncio.Task[None]] = set()

    async def decide(self, asked: Asked) -> StoredDecision:
        """Answer one question.

        Raises:
            GatewayError: the question is refused, or the store.
        """
        answer: asyncio.Future[StoredDecision] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if len(self._clerks) < AT_ONCE:
            clerk = asyncio.create_task(self._serve())
            self._clerks.add(clerk)
            clerk.add_done_callback(self._clerks.discard)
        return await answer

    async def _serve(self) -> None:
        """Take what waits, batch after batch, until nothing does."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            try:
                told: list[StoredDecision | GatewayError | Exception] = [
                    *await self._desk.decide([asked for asked, _ in batch])
                ]
            except Exception as error:  # noqa: BLE001  whatever it is, every caller must hear of it
                told = [error] * len(batch)
            for (_, answer), each in zip(batch, told, strict=True):
                if answer.done():
                    continue
                if isinstance(each, Exception):
                    answer.set_exception(each)
                else:
                    answer.set_result(each)
