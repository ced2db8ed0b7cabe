"""The store in one SQLite file, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from gateway.errors import StoreInUse
from gateway.ports.world import Clock, Randomness
from gateway.stores.sqlite.arrivals import Arrivals
from gateway.stores.sqlite.audit_log import SqliteAuditLog
from gateway.stores.sqlite.connection import StoreConnection
from gateway.stores.sqlite.decision_rows import newest_event
from gateway.stores.sqlite.decisions import SqliteDecisions
from gateway.stores.sqlite.disk_errors import telling
from gateway.stores.sqlite.documents import SqliteDocuments
from gateway.stores.sqlite.duties import SqliteDuties
from gateway.stores.sqlite.erasing import Eraser
from gateway.stores.sqlite.facts import SqliteFactReader
from gateway.stores.sqlite.files import DEFAULT_RESERVE, StoreFile
from gateway.stores.sqlite.filing import begin_when_empty
from gateway.stores.sqlite.group_commit import newest_sequence
from gateway.stores.sqlite.histories import SqliteHistories
from gateway.stores.sqlite.incidents import SqliteIncidents
from gateway.stores.sqlite.intake import SqliteIntake
from gateway.stores.sqlite.key_places import KeyPlaces
from gateway.stores.sqlite.ledger import SqliteLedger
from gateway.stores.sqlite.logs import SqliteLinkLogs
from gateway.stores.sqlite.proposals import SqliteProposals
from gateway.stores.sqlite.reader import THREADS, Reader
from gateway.stores.sqlite.records import SqliteRecords
from gateway.stores.sqlite.schema import PAGE_BYTES, migrate
from gateway.stores.sqlite.suspensions import SqliteSuspensions, read_all
from gateway.stores.sqlite.views import SqliteViewIndex
from gateway.stores.sqlite.waiting import SqliteWaitingDocuments
from gateway.stores.sqlite.wal import begin_wal_anew
from gateway.stores.sqlite.writer import Writer

BUSY_MILLISECONDS = 5000
WRITER_CACHE_KIB = 32 * 1024
READER_CACHE_KIB = 32 * 1024


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """An open store: its ports on one file. Belongs to the event loop that opened it."""

    intake: SqliteIntake
    logs: SqliteLinkLogs
    records: SqliteRecords
    documents: SqliteDocuments
    waiting: SqliteWaitingDocuments
    views: SqliteViewIndex
    histories: SqliteHistories
    incidents: SqliteIncidents
    audit: SqliteAuditLog
    facts: SqliteFactReader
    decisions: SqliteDecisions
    proposals: SqliteProposals
    ledger: SqliteLedger
    suspensions: SqliteSuspensions
    duties: SqliteDuties
    _writer: Writer
    _reader: Reader
    _connection: apsw.Connection
    _file: StoreFile

    async def close(self) -> None:
        """Commit what was handed in, end what reads, and let go of the file. May be called twice."""
        try:
            await self._writer.close()
            await self._reader.close()
        finally:
            _let_go(self._connection)
            self._file.release()


@dataclass(frozen=True, slots=True)
class Machine:
    """What a store stands on: the SQLite VFS that reaches the disk, who runs its writer, and how many read at once."""

    vfs: str | None = None
    writer: Callable[[apsw.Connection, Callable[[int], None]], Writer] = Writer
    readers: int = THREADS


THIS_MACHINE: Final = Machine()
"""The operating system's disk and threads; a simulated world brings its own."""


async def open_store(
    path: Path,
    *,
    randomness: Randomness,
    clock: Clock,
    reserve: int = DEFAULT_RESERVE,
    machine: Machine = THIS_MACHINE,
) -> SqliteStore:
    """Open the store in ``path``; make it when there is none, migrate it when it is older.

    ``reserve`` is the free disk space in bytes below which ``intake.refuse_when_full`` refuses.

    Raises:
        StoreInUse: another process has it open.
        StoreNewer: a later version of this program has written it.
        StoreCorrupt: it is no database, or a broken one.
        StoreFull: its disk is full.
        StoreFailed: its disk fails.
        ConfigurationInvalid: it cannot be created there, or it is another program's database.
    """
    file = StoreFile(path, reserve=reserve)
    file.claim()
    try:
        with telling(f"{path} cannot be opened"):
            return await _open(file, randomness=randomness, clock=clock, machine=machine)
    except BaseException:
        file.release()
        raise


async def _open(file: StoreFile, *, randomness: Randomness, clock: Clock, machine: Machine) -> SqliteStore:
    path = file.path
    connection = await asyncio.to_thread(_open_for_writing, path, machine.vfs)
    try:
        arrivals = Arrivals(newest_sequence(connection))
        connection.places = places = KeyPlaces(arrivals.newest)
        event, suspended = newest_event(connection), read_all(connection)
        reader = Reader(lambda: _open_for_reading(path, machine.vfs, places), machine.readers)
        writer = machine.writer(connection, arrivals.advance)
    except BaseException:
        _let_go(connection)
        raise
    eraser = Eraser(writer=writer, reader=reader, clock=clock)
    store = SqliteStore(
        intake=SqliteIntake(writer=writer, reader=reader, file=file, clock=clock),
        logs=SqliteLinkLogs(writer=writer, reader=reader, eraser=eraser, clock=clock, randomness=randomness),
        records=SqliteRecords(reader=reader, arrivals=arrivals),
        documents=SqliteDocuments(writer=writer, reader=reader),
        waiting=SqliteWaitingDocuments(writer=writer, reader=reader),
        views=SqliteViewIndex(
            writer=writer, reader=reader, eraser=eraser, arrivals=arrivals, places=places, clock=clock
        ),
        histories=SqliteHistories(writer=writer, reader=reader, clock=clock),
        incidents=SqliteIncidents(reader),
        audit=SqliteAuditLog(writer=writer, reader=reader, clock=clock),
        facts=SqliteFactReader(reader=reader, arrivals=arrivals, monotonic=clock.monotonic),
        decisions=SqliteDecisions(writer=writer, reader=reader, randomness=randomness, newest_event=event),
        proposals=SqliteProposals(writer=writer, reader=reader),
        ledger=SqliteLedger(writer=writer, reader=reader),
        suspensions=SqliteSuspensions(writer=writer, reader=reader, known=suspended),
        duties=SqliteDuties(writer=writer, reader=reader),
        _writer=writer,
        _reader=reader,
        _connection=connection,
        _file=file,
    )
    try:
        await eraser.run()  # what a stop has left undone
    except Exception:
        await store.close()
        raise
    return store


def _open_for_writing(path: Path, vfs: str | None) -> StoreConnection:
    connection = StoreConnection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    try:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)  # else a statement may be planned anew at every run
        connection.pragma("page_size", PAGE_BYTES)  # counts for a new file only
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("cache_size", -WRITER_CACHE_KIB)
        connection.pragma("temp_store", "memory")  # savepoints keep old pages: not in a file outside the home directory
        connection.pragma("secure_delete", "fast")  # what moves or goes is overwritten where its page is written anyway
        begin_wal_anew(connection, path)
        migrate(connection, str(path))
        begin_when_empty(connection)
    except BaseException as error:
        _let_go(connection)
        if isinstance(error, apsw.BusyError):
            raise StoreInUse(f"Another program holds {path}.") from error
        raise
    return connection


def _let_go(connection: apsw.Connection) -> None:
    """Close it; as the last one, SQLite writes the WAL back and removes it."""
    with suppress(apsw.Error):  # what the disk does not take now is durable in the WAL, and written back at the start
        connection.close()


def _open_for_reading(path: Path, vfs: str | None, places: KeyPlaces) -> StoreConnection:
    connection = StoreConnection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)  # as for writing
    connection.pragma("query_only", 1)
    connection.pragma("cache_size", -READER_CACHE_KIB)
    connection.places = places
    return connection
