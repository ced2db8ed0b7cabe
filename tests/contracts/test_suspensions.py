"""Suspensions of reliance: kept once, lifted once, and in effect while they should be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Absent, RequestReused
from gateway.ports.suspensions import Scope, Suspension
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, Store, record_id

SUSPENSION = Suspension(record_id(1), Scope("CN", device="XR-07", done_from=NOW - 9), "at fault", NOW, None, "officer")


async def test_kept_with_an_audit_entry_and_there_after_a_restart(backend: Backend) -> None:
    store = await backend.open()
    assert await store.suspensions.suspend(SUSPENSION, request_id="1") == SUSPENSION
    assert (await store.audit.entries(first=0, limit=9))[-1].action == "suspend_reliance"
    store = await backend.reopen()
    assert list(await store.suspensions.all()) == [SUSPENSION]


async def test_a_repeat_gets_the_first_and_another_one_is_refused(store: Store) -> None:
    await store.suspensions.suspend(SUSPENSION, request_id="1")
    repeat = replace(SUSPENSION, suspension_id=record_id(2), since=NOW + 5)
    assert await store.suspensions.suspend(repeat, request_id="1") == SUSPENSION
    with pytest.raises(RequestReused):
        await store.suspensions.suspend(replace(repeat, reason="another"), request_id="1")
    assert len(await store.suspensions.all()) == 1


async def test_lifted_once_and_for_all(store: Store) -> None:
    await store.suspensions.suspend(SUSPENSION, request_id="1")
    lifted = await store.suspensions.lift(SUSPENSION.suspension_id, at=NOW + 60, by="chief", reason="mended")
    assert (lifted.lifted_at, lifted.lifted_reason) == (NOW + 60, "mended")
    again = await store.suspensions.lift(SUSPENSION.suspension_id, at=NOW + 90, by="chief", reason="again")
    assert again == lifted
    assert lifted.in_effect(NOW + 59)
    assert not lifted.in_effect(NOW + 60)


async def test_what_is_not_there_cannot_be_lifted(store: Store) -> None:
    with pytest.raises(Absent):
        await store.suspensions.lift(record_id(7), at=NOW, by="chief", reason="none")


def test_in_effect_from_its_beginning_until_its_end() -> None:
    bounded = replace(SUSPENSION, until=NOW + 10)
    assert [bounded.in_effect(at) for at in (NOW - 1, NOW, NOW + 9, NOW + 10)] == [False, True, True, False]
