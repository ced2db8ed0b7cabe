"""What every behaviour is: a name, what it does, what honest nodes must do, and the places where it can reach in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

import grpc

from gateway.config import Config
from gateway.exchange.release import Release, Route
from gateway.linklog.keys import Signer
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock
from gateway.rpc.link_ends import LinkEnds
from gateway.signers.roles import LOG, RECEIPT, load_signers
from gateway.trust.book import TrustBook
from gateway.trust.names import log_key_name, receipt_key_name
from mock_partners.behaviours.spec import Schedule, SpecInvalid, Value
from mock_partners.behaviours.trace import Trace
from mutualrecognition.records.v1.record_pb2 import Record


class Member(Protocol):
    """A running node, as its own systems reach it."""

    @property
    def administration(self) -> str:
        """Whose node it is."""
        ...

    def channel(self) -> grpc.aio.Channel:
        """Give its national door."""
        ...

    def operations_channel(self) -> grpc.aio.Channel:
        """Give its operator's door."""
        ...


class Own:
    """What a behaviour has of the node that it is part of: its home, its keys, and what ``dress`` has seen of it.

    ``clock`` is the true one. ``logs`` and ``book`` are there as soon as the node opens.
    """

    def __init__(self, config: Config, home: Path, *, clock: Clock, trace: Trace | None = None) -> None:
        self.config = config
        self.home = home
        self.clock = clock
        self.trace = trace or Trace()
        self.logs: LinkLogs
        self.book: TrustBook

    @property
    def administration(self) -> str:
        """Whose node it is."""
        return self.config.administration

    @cached_property
    def log_signers(self) -> Sequence[Signer]:
        """The keys of its logs, the oldest first."""
        return load_signers(self._keys, LOG, log_key_name(self.config.domain))

    @cached_property
    def receipt_signers(self) -> Sequence[Signer]:
        """The keys of its receipts."""
        return load_signers(self._keys, RECEIPT, receipt_key_name(self.config.domain))

    @property
    def _keys(self) -> Path:
        return self.home / self.config.files.keys


class Behaviour:
    """One behaviour of one node. A class says everything about its kind; what it does not override stays honest.

    It is ``on`` when its schedule says so and nobody has switched it off; everything that it wraps asks at every use.
    """

    name: ClassVar[str]
    does: ClassVar[str]
    honest: ClassVar[str]
    values: ClassVar[Mapping[str, Value]] = {}
    again_after: ClassVar[float | None] = None
    """How soon it acts again by itself, seconds; None: it acts once."""

    def __init__(self, given: Mapping[str, str], schedule: Schedule) -> None:
        """Read the values that were given, and take the usual ones for the rest.

        Raises:
            SpecInvalid: a value that it does not have, or that cannot be read.
        """
        for key in given:
            if key not in self.values:
                known = ", ".join(self.values) or "none"
                raise SpecInvalid(f"{self.name} has no value {key!r}; it has: {known}.")
        self.given: dict[str, Any] = {
            key: value.read(given.get(key, value.usual)) for key, value in self.values.items()
        }
        self.schedule = schedule
        self.own: Own
        self._began = 0.0
        self._switched_off = asyncio.Event()

    def take_part(self, own: Own) -> None:
        """Become part of a node; the schedule begins."""
        self.own = own
        self._began = own.clock.monotonic()

    @property
    def acts(self) -> bool:
        """Whether it does anything by itself."""
        return type(self).act is not Behaviour.act

    @property
    def on(self) -> bool:
        """Whether it misbehaves now."""
        return not self._switched_off.is_set() and self.schedule.begins <= self._age < self.schedule.ends

    def begin(self) -> None:
        """Misbehave from now on, when the schedule allows."""
        self._switched_off.clear()

    def end(self) -> None:
        """Behave from now on."""
        self._switched_off.set()

    async def while_on(self, seconds: float) -> None:
        """Wait so long, but not longer than it is on."""
        left = min(seconds, self.schedule.ends - self._age)
        if left <= 0 or not self.on:
            return
        try:
            async with asyncio.timeout(None if left == float("inf") else left):
                await self._switched_off.wait()
        except TimeoutError:
            pass

    async def until_on(self) -> None:
        """Wait for the beginning of its schedule."""
        await asyncio.sleep(max(0.0, self.schedule.begins - self._age))

    @property
    def _age(self) -> float:
        return self.own.clock.monotonic() - self._began

    # --- where it can reach in --------------------------------------------------------------------------------

    def clock(self, clock: Clock) -> Clock:
        """Give the node's clock."""
        return clock

    def logs(self, logs: LinkLogs) -> LinkLogs:
        """Give the node's link logs."""
        return logs

    def between(self, partner: str, ends: LinkEnds) -> LinkEnds:  # noqa: ARG002  as whatever stands there
        """Stand between a session and its stream."""
        return ends

    def stated(self, record: Record) -> Record:
        """Change what is stated, before it is signed; the record given is not to be changed."""
        return record

    def routed(self, record: Record, routes: tuple[Route, ...]) -> tuple[Route, ...]:  # noqa: ARG002
        """Change who gets a record, or which of its fields."""
        return routes

    def released(self, releases: tuple[Release, ...]) -> tuple[Release, ...]:
        """Change the bytes that are to go out."""
        return releases

    async def act(self, member: Member) -> None:
        """Do by itself what it does, through the node's own doors."""
