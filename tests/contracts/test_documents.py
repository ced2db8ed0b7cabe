"""The port ``Documents``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Absent, Conflict, DescriptorFork
from gateway.ports.documents import DocumentType, Pause, StoredDocument
from tests.contracts.conftest import Backend
from tests.contracts.making import NOW, Store

DESCRIPTOR = StoredDocument(DocumentType.DESCRIPTOR, "CN", 1, bytes(32), b"note", NOW, "officer")
AGREEMENT = replace(DESCRIPTOR, type=DocumentType.AGREEMENT, identity="NL-CN", digest=b"\1" * 32)


async def test_all_oldest_first(backend: Backend) -> None:
    store = await backend.open()
    later = replace(DESCRIPTOR, version=2, digest=b"\2" * 32, note=b"later\n")
    for each in (later, AGREEMENT, DESCRIPTOR):
        await store.documents.add_document(each)
    assert list(await store.documents.documents()) == [later, AGREEMENT, DESCRIPTOR]
    store = await backend.reopen()
    assert list(await store.documents.documents()) == [later, AGREEMENT, DESCRIPTOR]


async def test_the_same_digest_changes_nothing(store: Store) -> None:
    await store.documents.add_document(DESCRIPTOR)
    await store.documents.add_document(replace(DESCRIPTOR, note=b"other signatures", added_by="another"))
    assert list(await store.documents.documents()) == [DESCRIPTOR]


@pytest.mark.parametrize(("document", "error"), [(DESCRIPTOR, DescriptorFork), (AGREEMENT, Conflict)])
async def test_another_digest_for_a_version(store: Store, document: StoredDocument, error: type[Exception]) -> None:
    await store.documents.add_document(document)
    with pytest.raises(error):
        await store.documents.add_document(replace(document, digest=b"\3" * 32))
    assert list(await store.documents.documents()) == [document]


async def test_types_and_identities_do_not_mix(store: Store) -> None:
    same_name = replace(AGREEMENT, identity="CN")
    other = replace(DESCRIPTOR, identity="US", digest=b"\4" * 32)
    for each in (DESCRIPTOR, same_name, other):
        await store.documents.add_document(each)
    assert len(await store.documents.documents()) == 3


async def test_pauses(backend: Backend) -> None:
    store = await backend.open()
    first = Pause("cn-nl", NOW + 10, "a letter", "anna", NOW)
    await store.documents.pause(first)
    await store.documents.pause(replace(first, begins=NOW))
    store = await backend.reopen()
    assert list(await store.documents.pauses()) == [replace(first, begins=NOW)]
    await store.documents.lift_pause("cn-nl", reason="settled", by="bert", at=NOW + 1)
    assert not await store.documents.pauses()
    with pytest.raises(Absent):
        await store.documents.lift_pause("cn-nl", reason="settled", by="bert", at=NOW + 1)
    told = [(each.actor, each.action) for each in await store.audit.entries(first=0, limit=9)]
    assert told == [("anna", "pause"), ("anna", "pause"), ("bert", "lift_pause")]
