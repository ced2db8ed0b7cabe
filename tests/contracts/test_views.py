"""The port ``ViewIndex``: what is found under a key, and that a rebuild finds the same."""

from __future__ import annotations

import asyncio

from google.protobuf import json_format

from gateway.linklog.hashing import commitment
from gateway.ports.links import Entry, JudgedEntry, Standing
from gateway.ports.records import OWN
from gateway.ports.views import RebuildProgress
from gateway.records.templates import example
from gateway.views.keys import key_number, view_keys
from mutualrecognition.records.v1.record_pb2 import Record
from tests.contracts.conftest import Backend
from tests.contracts.making import PartnerLog, Store, admission, judged_entry, open_link


def seal_event(container: str, *, control: str = "") -> bytes:
    record = json_format.Parse(example("seal_event"), Record())
    record.header.ClearField("subject")
    record.header.ClearField("supersedes")
    record.header.subject.consignment.container_numbers.append(container)
    record.seal_event.container_number = container
    record.seal_event.linked_control_id = control
    return record.SerializeToString()


def received(number: int, record: bytes, **changes: object) -> JudgedEntry:
    salt = judged_entry(number).entry.salt
    return judged_entry(number, entry=Entry(salt, record), commitment=commitment(salt, record), **changes)


async def sequences(store: Store, *keys: str, **limits: int) -> list[int]:
    return [each.sequence for each in await store.views.records_under(keys, **limits)]


async def test_issued_and_received_records_are_found_under_their_keys(store: Store) -> None:
    await open_link(store)
    await store.intake.admit([admission(1, statement=seal_event("MSKU3841906", control="C-1"))])
    await store.logs.commit_batch(
        PartnerLog().batch(received(0, seal_event("MSKU3841906")), received(1, seal_event("TGHU7654321")))
    )
    assert await sequences(store, "container:MSKU3841906") == [1, 2]
    assert await sequences(store, "container:TGHU7654321") == [3]
    assert await sequences(store, "control:C-1") == [1]
    assert await sequences(store, "container:ABCU0000000") == []
    assert await sequences(store) == []


async def test_what_is_found_is_what_the_record_store_gives(store: Store) -> None:
    await store.intake.admit([admission(1, "CN", "US", statement=seal_event("MSKU3841906"))])
    (found,) = await store.views.records_under(["container:MSKU3841906"])
    assert found == await store.records.get(OWN, found.record_id)
    assert [each.partner for each in found.deliveries] == ["CN", "US"]


async def test_a_record_under_several_of_the_keys_comes_once(store: Store) -> None:
    await store.intake.admit([admission(1, statement=seal_event("MSKU3841906", control="C-1"))])
    assert await sequences(store, "container:MSKU3841906", "control:C-1", "container:MSKU3841906") == [1]


async def test_a_quarantined_record_is_not_found(store: Store) -> None:
    await open_link(store)
    bad = received(0, seal_event("MSKU3841906"), standing=Standing.QUARANTINED)
    await store.logs.commit_batch(PartnerLog().batch(bad, received(1, seal_event("MSKU3841906"))))
    assert await sequences(store, "container:MSKU3841906") == [2]


async def test_a_quarantined_record_is_found_by_who_asks_for_what_is_held(backend: Backend) -> None:
    store = await backend.open()
    await open_link(store)
    much = Record.FromString(seal_event("MSKU3841906"))
    much.header.subject.consignment.container_numbers.extend(f"ABCU{number:07}" for number in range(100))
    bad = [received(0, seal_event("MSKU3841906"), standing=Standing.QUARANTINED), received(1, b"\xff\xff", standing=Standing.QUARANTINED),
           received(2, much.SerializeToString(), standing=Standing.QUARANTINED)]  # fmt: skip
    await store.logs.commit_batch(PartnerLog().batch(*bad, received(3, seal_event("MSKU3841906"))))
    before = await store.views.digest()
    await store.views.rebuild(lambda _: None)
    assert await store.views.digest() == before
    store = await backend.reopen()
    assert await sequences(store, "container:MSKU3841906") == [4]
    assert await sequences(store, "held:container:MSKU3841906") == [1, 3]
    assert await sequences(store, "held:container:ABCU0000000") == [3]
    assert await sequences(store, "held:container:ABCU0000099") == []  # of one record, so many keys and no more


async def test_bytes_that_cannot_be_read_are_under_no_key(store: Store) -> None:
    await store.intake.admit([admission(1, statement=b"\xff\xff"), admission(2, statement=seal_event("MSKU3841906"))])
    assert await sequences(store, "container:MSKU3841906") == [2]


async def test_keys_with_one_number_are_told_apart(store: Store) -> None:
    one, other = "container:PPWT8721590", "container:LYUE4376918"
    assert key_number(one) == key_number(other)
    boxes = ["PPWT8721590", "LYUE4376918", "LYUE4376918"]
    await store.intake.admit([admission(number, statement=seal_event(box)) for number, box in enumerate(boxes)])
    assert await sequences(store, one) == [1]
    assert await sequences(store, other, limit=1) == [2]
    assert await sequences(store, other) == [2, 3]


async def test_pages(store: Store) -> None:
    numbers = range(25)
    keys = [f"MSKU{number % 2:07}" for number in numbers]
    await store.intake.admit(
        [admission(number, statement=seal_event(key)) for number, key in zip(numbers, keys, strict=True)]
    )
    read: list[int] = []
    while page := await sequences(
        store, "container:MSKU0000000", "container:MSKU0000001", after=(read or [0])[-1], limit=4
    ):
        assert len(page) <= 4
        read += page
    assert read == list(range(1, 26))
    assert await sequences(store, "container:MSKU0000001", after=20) == [22, 24]


async def test_what_the_caller_has_is_left_out(store: Store) -> None:
    await store.intake.admit([admission(number, statement=seal_event("MSKU3841906")) for number in range(6)])
    found = await store.views.records_under(["container:MSKU3841906"], without={1, 2, 5}, limit=2)
    assert [each.sequence for each in found] == [3, 4]


async def test_a_record_that_comes_parsed_is_found_as_from_its_bytes(store: Store) -> None:
    await open_link(store)
    issued, held = seal_event("MSKU3841906", control="C-1"), seal_event("TGHU7654321")
    await store.intake.admit([admission(1, statement=issued, parsed=Record.FromString(issued))])
    await store.logs.commit_batch(PartnerLog().batch(received(0, held, parsed=Record.FromString(held))))
    assert await sequences(store, "container:MSKU3841906", "control:C-1") == [1]
    assert await sequences(store, "container:TGHU7654321") == [2]
    before = await store.views.digest()
    await store.views.rebuild(lambda _: None)
    assert await store.views.digest() == before


async def test_it_is_found_as_soon_as_it_was_answered(store: Store) -> None:
    async def admit_and_look(number: int) -> bool:
        await store.intake.admit([admission(number, statement=seal_event(f"MSKU{number:07}"))])
        return len(await sequences(store, f"container:MSKU{number:07}")) == 1

    assert all(await asyncio.gather(*(admit_and_look(number) for number in range(40))))


async def test_a_rebuild_changes_nothing(backend: Backend) -> None:
    store = await backend.open()
    await open_link(store)
    await store.intake.admit(
        [admission(number, statement=seal_event(f"MSKU{number % 97:07}")) for number in range(5000)]
    )
    bad = received(0, seal_event("MSKU0000001"), standing=Standing.QUARANTINED)
    await store.logs.commit_batch(PartnerLog().batch(bad, received(1, seal_event("MSKU0000001"))))
    before, found = await store.views.digest(), await sequences(store, "container:MSKU0000001")
    heard: list[RebuildProgress] = []
    await store.views.rebuild(heard.append)
    assert await store.views.digest() == before
    assert await sequences(store, "container:MSKU0000001") == found
    assert [each.done for each in heard] == sorted({each.done for each in heard})
    assert (heard[-1].done, heard[-1].newest) == (5002, 5002)
    store = await backend.reopen()
    assert await store.views.digest() == before


async def test_records_that_come_during_a_rebuild_are_filed_once(store: Store) -> None:
    statements = [seal_event(f"MSKU{number:07}") for number in range(6000)]
    await store.intake.admit([admission(number, statement=each) for number, each in enumerate(statements[:5000])])
    late = asyncio.gather(
        *(store.intake.admit([admission(number, statement=statements[number])]) for number in range(5000, 6000))
    )
    await store.views.rebuild(lambda _: None)
    await late
    before = await store.views.digest()
    await store.views.rebuild(lambda _: None)
    assert await store.views.digest() == before
    assert await sequences(store, "container:MSKU0005500") == [5501]


async def test_the_digest_tells_what_is_filed(store: Store) -> None:
    empty = await store.views.digest()
    await store.intake.admit([admission(1, statement=seal_event("MSKU3841906"))])
    assert await store.views.digest() != empty


async def test_a_new_store_is_up_to_date_and_stays_so(backend: Backend) -> None:
    store = await backend.open()
    assert not await store.views.is_outdated()
    await store.intake.admit([admission(1, statement=seal_event("MSKU3841906"))])
    store = await backend.reopen()
    assert not await store.views.is_outdated()


def test_the_records_of_these_tests_have_the_keys_that_they_look_for() -> None:
    keys = view_keys(Record.FromString(seal_event("MSKU3841906", control="C-1")))
    assert keys == ("container:MSKU3841906", "control:C-1")
