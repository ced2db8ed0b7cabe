"""Recalls of one name: each can be had and answered, and none is shown or answered as if it were another's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.errors import Absent, GatewayError, Malformed
from gateway.ports.ledger import Reach, Reached
from gateway.reliance.recall_desk import Origin, RecallView
from gateway.reliance.recalls import RecallState
from gateway.rpc.recall_clerk import RecallClerk
from gateway.rpc.recalls_service import RecallsService
from mutualrecognition.national.v1 import recalls_service_pb2 as pb
from tests.contracts.making import NOW

NOTHING: Any = None


def view(issuer: str, origin: Origin = Origin.RECEIVED) -> RecallView:
    return RecallView("R-1", issuer, origin, RecallState.SETTLED, 1, "", NOW, NOW, (), (), "", Reach(), 0, 0, 1)


class Desk:
    """Some recalls of one name."""

    def __init__(self, *views: RecallView) -> None:
        self._views = views
        self.bearing_on = self.escalated = NOTHING

    async def views(self, _: str) -> tuple[RecallView, ...]:
        return self._views

    async def decisions(self, *_: object, **__: object) -> Reached:
        return Reached(0, 0, 0, ())


async def shown(issuer: str, *views: RecallView) -> str:
    desk: Any = Desk(*views)
    service = RecallsService(desk=desk, clerk=NOTHING, watch=NOTHING)
    return (await service.GetRecall(pb.GetRecallRequest(recall_id="R-1", issuer=issuer), NOTHING)).recall.issuer


async def answered(issuer: str, *views: RecallView) -> str:
    desk: Any = Desk(*views)
    was_answered: Any = SimpleNamespace(was_answered=_yes)
    clerk = RecallClerk(submissions=was_answered, desk=desk, records=NOTHING, book=NOTHING, clock=NOTHING)
    caller: Any = SimpleNamespace(name="officer")
    found, _ = await clerk.answer(caller, pb.AnswerRecallRequest(recall_id="R-1", issuer=issuer))
    return found.issuer


async def _yes(*_: object) -> bool:
    return True


async def test_the_one_that_is_meant_is_shown() -> None:
    ours, cn, xa = view("NL", Origin.DECLARED), view("CN"), view("XA", Origin.FOUND)
    assert [await shown(each, cn, xa, ours) for each in ("", "NL", "CN", "XA")] == ["NL", "NL", "CN", "XA"]
    assert await shown("", xa) == "XA"
    assert await shown("", cn, view("CN", Origin.FOUND)) == "CN"
    assert await refused(shown("", cn, xa)) is Malformed
    assert await refused(shown("US", cn, xa)) is Absent
    assert await refused(shown("")) is Absent


async def test_the_one_that_is_meant_is_answered() -> None:
    ours, cn, xa = view("NL", Origin.DECLARED), view("CN"), view("XA")
    assert [await answered(each, ours, cn, xa) for each in ("CN", "XA")] == ["CN", "XA"]
    assert await answered("", ours, xa) == "XA"
    assert await refused(answered("", ours, cn, xa)) is Malformed
    assert await refused(answered("NL", ours, cn)) is Absent
    assert await refused(answered("", view("CN", Origin.FOUND))) is Absent


async def refused(call: Any) -> type[GatewayError]:
    with pytest.raises(GatewayError) as error:
        await call
    return type(error.value)
