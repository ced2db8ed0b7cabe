"""The bell that rings when a deadline has passed, wakes whoever watches what falls due, and tells the log.

The timekeeper looks every second, under the keys of the minutes that have passed since; nobody else looks at the clock
before the bell rings.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from gateway.reliance.recall_desk import Origin, RecallDesk
from gateway.views.alert_desk import AlertDesk
from gateway.views.request_desk import RequestDesk

LOOK_BACK_SECONDS: Final = 86_400
"""How far the first look of a node goes back for alerts and recalls that nobody took up while it was down."""

_log = structlog.get_logger(__name__)


class DeadlineBell:
    """One for a node."""

    def __init__(self, *, requests: RequestDesk, alerts: AlertDesk, recalls: RecallDesk) -> None:
        self._requests = requests
        self._alerts = alerts
        self._recalls = recalls
        self._looked: int | None = None
        self._rung = asyncio.Event()

    @property
    def next_ring(self) -> asyncio.Event:
        """What is set when the bell rings next. Take it before you look at the clock, and you miss nothing."""
        return self._rung

    async def look(self, now: int) -> None:
        """Ring if something has fallen due since the last look. A deadline has passed when its second has."""
        until = now - 1
        expired = await self._requests.expired(self._looked if self._looked is not None else until, until)
        since = self._looked or until - LOOK_BACK_SECONDS
        escalated = await self._alerts.escalated(since, until)
        unanswered = await self._recalls.escalated(since, until)
        for request in expired:
            key = request.key
            _log.info("a request has expired", request_id=key.request_id, asker=key.asker, asked=key.asked)
        for alert in escalated:
            if not alert.acknowledged and alert.is_open:
                place = {"issuer": alert.key.issuer, "receiver": alert.key.receiver}
                _log.warning("an alert is not acknowledged in time", alert_id=alert.key.alert_id, **place)
        for recall in unanswered:
            by_us = recall.origin is Origin.DECLARED
            _log.warning("a recall is not answered in time", recall_id=recall.recall_id, declared_here=by_us)
        self._looked = until
        if expired or escalated or unanswered:
            self._rung.set()
            self._rung = asyncio.Event()
