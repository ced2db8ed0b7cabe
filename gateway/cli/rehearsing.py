"""A rehearsal on a running node: its documents and the records of the last days, asked for like anybody would."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway import config
from gateway.cli.client import CALL_SECONDS, national
from gateway.cli.trust_door import held_documents
from gateway.exchange.rehearsal import Row, rehearse, with_version
from gateway.ports.documents import DocumentType
from gateway.trust.agreements import parse_agreement
from gateway.trust.book import TrustBook
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

DAY_SECONDS: Final = 24 * 3600
_PAGE: Final = 1000


def rehearse_records(home: Path, text: str, days: int) -> tuple[Row, ...]:
    """Hold the records of the last days against an agreement's text, at the moment when it counts.

    Raises:
        DocumentInvalid: it is no agreement.
    """
    new = parse_agreement(text)
    book = _book(home)
    now = int(time.time())
    at = max(now, new.terms.valid_from)
    return rehearse(_records(home, since=now - days * DAY_SECONDS), book, with_version(book, new), now=now, at=at)


def _book(home: Path) -> TrustBook:
    book = TrustBook(config.load(home).administration)
    for document in held_documents(home, DocumentType.DESCRIPTOR):
        book = book.with_descriptor(document.note)
    for document in held_documents(home, DocumentType.AGREEMENT):
        book = book.with_agreement(document.note)
    return book


def _records(home: Path, *, since: int) -> Iterator[Record]:
    """Page through what is stored; erased content cannot be held against anything."""
    token = ""
    with national(home) as records:
        while True:
            request = pb.ListRecordsRequest(page_size=_PAGE, page_token=token)
            page = records.ListRecords(request, timeout=CALL_SECONDS)
            for each in page.records:
                if each.stored_at.seconds >= since and each.record.WhichOneof("body"):
                    yield each.record
            token = page.next_page_token
            if not token:
                return
