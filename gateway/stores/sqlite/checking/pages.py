"""The file itself: SQLite's own check of pages and indexes, the schema, and a write-ahead log that no crash makes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import apsw

from gateway.errors import StoreNewer
from gateway.stores.sqlite.checking.findings import Repair, Tell
from gateway.stores.sqlite.schema import APPLICATION_ID, migrations

_MOST: Final = 50
_WAL_HEADER: Final = struct.Struct(">8I")
_FRAME_HEADER: Final = struct.Struct(">6I")


def check_pages(connection: apsw.Connection, tell: Tell) -> None:
    """Let SQLite look at every page, and at every index against its table; an older schema is as good as the newest.

    Raises:
        StoreNewer: a later version of this program has written it.
    """
    version = int(connection.pragma("user_version"))
    if version > len(migrations()):
        raise StoreNewer(f"The store has schema {version}; this program knows {len(migrations())}.")
    if connection.pragma("application_id") != APPLICATION_ID or version < 1:
        tell("file", "It is no store of this gateway, or its first page was written over.", Repair.COPY)
    for (word,) in connection.execute(f"PRAGMA integrity_check({_MOST})"):
        if word != "ok":
            tell("file", f"SQLite finds: {' '.join(str(word).split())}.", Repair.COPY)


def damaged_commits(database: Path, *, whole_frames: int, page_bytes: int) -> int:
    """Count the commits in the write-ahead log behind which others follow, although SQLite passes over all of them.

    ``whole_frames`` is how many frames SQLite takes as whole. After a crash the last transaction may be torn, and
    nothing of this log follows it. A transaction that follows a damaged one was begun when that one was durable: only
    a disk or a hand makes that. A damaged last transaction cannot be told from a torn one.
    """
    try:
        wal = Path(f"{database}-wal").open("rb")  # noqa: SIM115  closed below
    except FileNotFoundError:
        return 0
    with wal:
        header = wal.read(_WAL_HEADER.size)
        frames = list(_frames_beyond(wal, whole_frames, page_bytes))
    if len(header) < _WAL_HEADER.size or not frames:
        return 0
    salts = header[16:24] if _header_holds(header) else frames[0][1]
    ours = [pages for pages, salts_there in frames if salts_there == salts]
    return sum(pages > 0 for pages in ours[:-1])


def _frames_beyond(wal: BinaryIO, first: int, page_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Give of each further frame how many pages the database has after it (0: no commit), and its salts."""
    while True:
        wal.seek(_WAL_HEADER.size + first * (_FRAME_HEADER.size + page_bytes))
        head = wal.read(_FRAME_HEADER.size)
        if len(head) < _FRAME_HEADER.size:
            return
        yield _FRAME_HEADER.unpack(head)[1], head[8:16]
        first += 1


def _header_holds(header: bytes) -> bool:
    magic, *words, one, two = _WAL_HEADER.unpack(header)
    order = ">" if magic & 1 else "<"
    numbers = struct.unpack(f"{order}6I", header[:24])
    first = second = 0
    for even, odd in zip(numbers[::2], numbers[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return len(words) == 5 and (first, second) == (one, two)
