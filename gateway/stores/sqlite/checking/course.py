"""The course of a check: its steps in their order, how far it is, what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from gateway.errors import StoreCorrupt, StoreFailed
from gateway.stores.sqlite.checking.answers import check_answers
from gateway.stores.sqlite.checking.audit_tree import check_audit
from gateway.stores.sqlite.checking.documents import check_documents
from gateway.stores.sqlite.checking.findings import Finding, Findings, Repair
from gateway.stores.sqlite.checking.judgements import check_judgements
from gateway.stores.sqlite.checking.log_entries import check_entries, log_rows
from gateway.stores.sqlite.checking.pages import check_pages, gives_all
from gateway.stores.sqlite.checking.receipts import check_receipts, keys_of, receipt_sizes
from gateway.stores.sqlite.checking.records import check_records
from gateway.stores.sqlite.checking.views import check_views
from gateway.stores.sqlite.disk_errors import telling
from gateway.stores.sqlite.wal import damage_in_wal
from gateway.trust.book import TrustBook

Progress = Callable[[str, int, int], None]
"""Hears the step, how much of it is done, and of how much."""

_EVERY = 1000


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check looked at and what it found; ``findings`` are the first of many alike, ``count`` is all."""

    logs: int
    entries: int
    receipts: int
    records: int
    findings: tuple[Finding, ...]
    count: int

    @property
    def sound(self) -> bool:
        """Whether everything fits."""
        return self.count == 0


def check_file(path: Path, *, own: str, progress: Progress = lambda *_: None) -> CheckReport:
    """Check the store in ``path``, which nobody changes meanwhile; nothing is written, also not back from the WAL.

    Raises:
        StoreCorrupt: it cannot be read as a database at all.
        StoreFailed: its disk fails.
    """
    with telling(f"{path} cannot be read"), reading(path) as connection:
        course = _Course(connection, progress)
        try:
            course.run(path, own)
        except (apsw.CorruptError, apsw.NotADBError) as error:
            failed = course.findings.of_the_disk or not gives_all(path)
            course.findings.add("file", f"SQLite cannot read on: {error}.", Repair.DISK if failed else Repair.COPY)
        return course.report


@contextmanager
def reading(path: Path) -> Iterator[apsw.Connection]:
    """Open a store to look at it; the write-ahead log stays as it is.

    Raises:
        StoreCorrupt: it is no database.
        StoreFailed: its disk fails.
    """
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    except apsw.CantOpenError as error:
        raise StoreCorrupt(f"{path} cannot be opened: {error}.") from error
    try:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("query_only", 1)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        yield connection
    except (apsw.CorruptError, apsw.NotADBError) as error:
        if not gives_all(path):
            raise StoreFailed(f"{path} cannot be read: its disk failed.") from error
        raise StoreCorrupt(f"{path} cannot be read as a database: {error}.") from error
    finally:
        connection.close()


class _Course:
    """One check."""

    def __init__(self, connection: apsw.Connection, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self._entries = self._receipts = self._records = self._logs = 0
        self.findings = Findings()

    @property
    def report(self) -> CheckReport:
        kept = tuple(self.findings.kept)
        return CheckReport(self._logs, self._entries, self._receipts, self._records, kept, self.findings.count)

    def run(self, path: Path, own: str) -> None:
        tell = self.findings.add
        connection = self._connection
        self._progress("pages", 0, 1)
        self._check_wal(path)
        connection.execute("BEGIN").fetchall()
        check_pages(connection, tell)
        self._progress("documents", 0, 1)
        book = check_documents(connection, own, tell)
        self._check_logs(book)
        self._records = self._count("record")
        check_records(connection, tell, self._step("records", self._records))
        self._progress("judgements", 0, 1)
        check_judgements(connection, tell)
        check_views(connection, tell, self._step("views", self._records))
        self._progress("answers", 0, 1)
        check_answers(connection, tell)
        check_audit(connection, tell)

    def _check_wal(self, path: Path) -> None:
        if damage := damage_in_wal(self._connection, path):
            self.findings.add("write-ahead log", damage, Repair.COPY)

    def _check_logs(self, book: TrustBook) -> None:
        rows = log_rows(self._connection)
        self._logs = len(rows)
        entries, receipts = self._count("entry"), self._count("receipt")
        by_entry = self._step("entries", entries)
        by_receipt = self._step("receipts", receipts)
        for row in rows:
            tell = self.findings.add
            derived = check_entries(self._connection, row, receipt_sizes(self._connection, row.log), tell, by_entry)
            check_receipts(self._connection, row, derived, keys=keys_of(book, row, tell), tell=tell, advance=by_receipt)
        self._entries, self._receipts = entries, receipts

    def _count(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT count(*) FROM {table}").get)  # noqa: S608  names of this file

    def _step(self, name: str, total: int) -> Callable[[int], None]:
        done = told = 0

        def advance(more: int) -> None:
            nonlocal done, told
            done += more
            if done - told >= _EVERY or done == total:
                told = done
                self._progress(name, done, total)

        return advance
