"""Recognition in a running node, put together: the desk, its service, and what resolves by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gateway.ports.decisions import Decisions
from gateway.ports.facts import FactReader
from gateway.ports.records import Records
from gateway.ports.suspensions import Suspensions
from gateway.ports.world import Clock, Randomness
from gateway.recognition.decider import Decider
from gateway.recognition.desk import RecognitionDesk
from gateway.recognition.gathering import Gatherer
from gateway.recognition.resolving import Resolver
from gateway.recognition.rules import Rule
from gateway.recognition.tariff import Editions
from gateway.records.codes import CodeList
from gateway.rpc.recognition_service import RecognitionService
from gateway.rpc.timekeeper import Timekeeper
from gateway.rpc.turns import Turns
from gateway.trust.book import TrustBook


class Kept(Protocol):
    """What of a store a desk needs."""

    @property
    def decisions(self) -> Decisions:
        """Decisions."""
        ...

    @property
    def facts(self) -> FactReader:
        """The one read."""
        ...

    @property
    def records(self) -> Records:
        """Records."""
        ...

    @property
    def suspensions(self) -> Suspensions:
        """Suspensions of reliance."""
        ...


async def set_up_desk(
    store: Kept,
    *,
    rules: Sequence[Rule],
    lists: Mapping[str, CodeList],
    book: Callable[[], TrustBook],
    clock: Clock,
    randomness: Randomness,
    timekeeper: Timekeeper,
    turns: Turns,
) -> RecognitionService:
    """Make the service, and have what waits looked at."""
    decisions, records = store.decisions, store.records
    desk = RecognitionDesk(
        gatherer=Gatherer(reader=store.facts, suspensions=store.suspensions, book=book),
        decider=Decider(sampling_key=await decisions.sampling_key(), editions=Editions(lists["hs"].codes), rules=rules),
        decisions=decisions,
        records=records,
        book=book,
        clock=clock,
        randomness=randomness,
    )
    timekeeper.add("decisions", Resolver(desk=desk, decisions=decisions, records=records, reader=store.facts).look)
    return RecognitionService(desk=desk, decisions=decisions, turns=turns)
