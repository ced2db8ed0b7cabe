"""The port ``Intake``."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Pressure
from gateway.ports.intake import Admitted, Earlier, Issued, Outgoing, Reused
from gateway.ports.records import OWN, RecordQuery
from tests.contracts.conftest import Backend
from tests.contracts.making import MUCH, PartnerLog, Store, admission, form, judged_entry, open_link, record_id


async def test_one_outcome_each_in_order(store: Store) -> None:
    outcomes = await store.intake.admit([admission(1), admission(2)])
    assert outcomes == [Admitted(b"answer 1", repeat=False), Admitted(b"answer 2", repeat=False)]


async def test_nothing_to_admit(store: Store) -> None:
    assert list(await store.intake.admit([])) == []


async def test_a_repeat_gets_the_first_answer_and_stores_nothing(store: Store) -> None:
    await store.intake.admit([admission(1)])
    again = admission(1, answer=b"made anew", record_id=record_id(99))
    assert await store.intake.admit([again]) == [Admitted(b"answer 1", repeat=True)]
    assert await store.records.newest() == 1
    assert await store.records.get(OWN, record_id(99)) is None


async def test_a_request_id_with_other_bytes_stores_nothing(store: Store) -> None:
    await store.intake.admit([admission(1)])
    other = admission(2, request_id="request-1")
    assert await store.intake.admit([other, admission(3)]) == [
        Reused("request-1"),
        Admitted(b"answer 3", repeat=False),
    ]
    assert await store.records.get(OWN, record_id(2)) is None
    assert await store.records.get(OWN, record_id(3)) is not None


async def test_what_a_request_id_was_used_for(store: Store) -> None:
    await store.intake.admit([admission(1), admission(3)])
    names = [f"request-{number}" for number in range(200)]
    assert await store.intake.answered("national", names) == {
        f"request-{number}": Earlier(admission(number).digest, b"answer %d" % number) for number in (1, 3)
    }
    assert await store.intake.answered("another", names) == {}


async def test_a_request_id_twice_in_one_call(store: Store) -> None:
    first, repeat = admission(1), admission(1, answer=b"made anew")
    reused = admission(2, request_id="request-1")
    assert await store.intake.admit([first, repeat, reused]) == [
        Admitted(b"answer 1", repeat=False),
        Admitted(b"answer 1", repeat=True),
        Reused("request-1"),
    ]
    assert await store.records.newest() == 1


async def test_clients_do_not_share_request_ids(store: Store) -> None:
    await store.intake.admit([admission(1)])
    other = admission(2, request_id="request-1", client="another")
    assert await store.intake.admit([other]) == [Admitted(b"answer 2", repeat=False)]


async def test_a_repeat_after_a_restart(backend: Backend) -> None:
    await (await backend.open()).intake.admit([admission(1)])
    store = await backend.reopen()
    assert await store.intake.admit([admission(1, answer=b"made anew")]) == [Admitted(b"answer 1", repeat=True)]


async def test_the_same_submission_in_many_calls_at_once_is_stored_once(store: Store) -> None:
    outcomes = await asyncio.gather(*(store.intake.admit([admission(1)]) for _ in range(20)))
    assert sorted(each.repeat for (each,) in outcomes if isinstance(each, Admitted)) == [False] + [True] * 19
    assert await store.records.newest() == 1


async def test_a_call_that_fails_touches_no_other_call(store: Store) -> None:
    impossible = admission(2, outgoing=(Outgoing("CN", b"once"), Outgoing("CN", b"twice")))
    outcomes = await asyncio.gather(
        store.intake.admit([admission(1)]),
        store.intake.admit([admission(20), impossible]),
        store.intake.admit([admission(3)]),
        return_exceptions=True,
    )
    assert outcomes[0] == [Admitted(b"answer 1", repeat=False)]
    assert isinstance(outcomes[1], Exception)
    assert outcomes[2] == [Admitted(b"answer 3", repeat=False)]
    page, _ = await store.records.after(0, limit=10, query=RecordQuery())
    assert [each.record_id for each in page] == [record_id(1), record_id(3)]
    await open_link(store)
    batch = await form(store, 0)
    assert [each.record for each in batch.entries] == [b"released 1", b"released 3"]


async def test_each_partner_gets_its_form(store: Store) -> None:
    shared = b"without the value"
    outgoing = (Outgoing("CN", shared), Outgoing("JP", shared), Outgoing("US", b"with it"), Outgoing("AU", b"whole"))
    await store.intake.admit([admission(1, outgoing=outgoing, statement=b"whole")])
    for each in outgoing:
        await open_link(store, each.partner)
        batch = await form(store, 0, each.partner)
        assert [entry.record for entry in batch.entries] == [each.record]
    stored = await store.records.get(OWN, record_id(1))
    assert stored is not None
    assert stored.record == b"whole"


async def test_a_record_for_nobody_is_kept(store: Store) -> None:
    await store.intake.admit([admission(1, outgoing=())])
    stored = await store.records.get(OWN, record_id(1))
    assert stored is not None
    assert stored.deliveries == ()


async def test_issued_records_with_their_recipients(store: Store) -> None:
    await store.intake.admit([admission(1, "CN", "US"), admission(2, "US")])
    issued = await store.intake.issued([record_id(1), record_id(2), record_id(3)])
    assert issued == {
        record_id(1): Issued(b"statement 1", frozenset({"CN", "US"})),
        record_id(2): Issued(b"statement 2", frozenset({"US"})),
    }


async def test_received_records_are_not_issued(store: Store) -> None:
    await open_link(store)
    await store.logs.commit_batch(PartnerLog().batch(judged_entry(1, record_id=record_id(1))))
    assert await store.intake.issued([record_id(1)]) == {}


async def test_intake_refuses_when_the_disk_is_nearly_full(backend: Backend) -> None:
    store = await backend.open(reserve=2**62)
    with pytest.raises(Pressure):
        await store.intake.refuse_when_full()


async def test_intake_does_not_refuse_with_room(backend: Backend) -> None:
    store = await backend.open(reserve=1)
    await store.intake.refuse_when_full()


async def test_a_large_call(store: Store) -> None:
    await store.intake.admit([admission(number) for number in range(3000)])
    await open_link(store)
    batch = await store.logs.form_batch("CN", expected_size=0, records=5000, size_bytes=MUCH)
    assert batch is not None
    assert [each.record for each in batch.entries] == [b"released %d" % number for number in range(3000)]
