"""The port ``Incidents``: what a link was suspended for is kept with the suspension, and what proves it is there."""

from __future__ import annotations

from gateway.linklog.checkpoints import Checkpoint
from gateway.linklog.notes import Note, SignatureLine
from gateway.ports.incidents import NOTES_AT_MOST, Breach
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, PartnerLog, Store, held_origin, judged_entry, open_link


def note(size: int, root: bytes = bytes(32)) -> bytes:
    line = SignatureLine("customs.cn.example/log", b"1234", b"not looked at here")
    return Note(Checkpoint(held_origin("CN"), size, root).text, (line,)).serialize()


async def suspend(store: Store, *notes: bytes) -> None:
    breach = Breach(session="5e55", by_partner=False, notes=notes)
    await store.logs.suspend("CN", reason="LOG_FORK", detail="two roots", actor="link", breach=breach)


async def held(store: Store, *sizes: int) -> PartnerLog:
    """CN's log here has grown to each of these sizes, by one batch each."""
    await open_link(store)
    log = PartnerLog()
    at = 0
    for size in sizes:
        await store.logs.commit_batch(log.batch(*[judged_entry(each) for each in range(at, size)]))
        at = size
    return log


async def test_an_incident_and_its_notes_outlive_a_restart(backend: Backend) -> None:
    store = await backend.open()
    await held(store, 2)
    await suspend(store, note(2))
    store = await backend.reopen()
    (incident,) = await store.incidents.all()
    assert (incident.number, incident.partner, incident.at, incident.reason) == (1, "CN", NOW, "LOG_FORK")
    assert (incident.detail, incident.session, incident.by_partner) == ("two roots", "5e55", False)
    assert incident.notes == (note(2), b"held 2")


async def test_beside_each_note_is_kept_what_this_side_holds_at_that_size_or_next_above(store: Store) -> None:
    await held(store, 2, 5, 7)
    await suspend(store, note(2), note(3))
    (incident,) = await store.incidents.all()
    assert incident.notes == (note(2), note(3), b"held 2", b"held 5", b"held 7")


async def test_a_suspension_by_an_operator_is_no_incident(store: Store) -> None:
    await store.logs.suspend("CN", reason="LINK_SUSPENDED", detail="we talk first", actor="anna")
    assert await store.incidents.all() == []


async def test_what_no_note_could_be_is_left_out_and_no_more_than_a_few_are_kept(store: Store) -> None:
    await open_link(store)
    await suspend(store, b"", bytes(256 * 1024 + 1), *[note(size) for size in range(1, 100)])
    (incident,) = await store.incidents.all()
    assert incident.notes == tuple(note(size) for size in range(1, NOTES_AT_MOST + 1))


async def test_growth_is_proven_between_sizes_that_the_log_has(store: Store) -> None:
    log = await held(store, 3, 300)
    for old in (1, 3, 255, 256, 299, 300):
        growth = await store.incidents.growth("CN", held_origin("CN"), old=old, new=300)
        assert growth
        growth.verify(log.tree.root())
    assert await store.incidents.growth("CN", held_origin("CN"), old=3, new=301) is None
    assert await store.incidents.growth("CN", held_origin("CN"), old=0, new=3) is None
    assert await store.incidents.growth("JP", held_origin("CN"), old=1, new=3) is None
