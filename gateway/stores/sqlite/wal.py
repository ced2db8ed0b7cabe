"""A write-ahead log that no crash makes: transactions behind a damaged one, which SQLite passes over without a word."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import apsw

from gateway.errors import StoreCorrupt

_WAL_HEADER: Final = struct.Struct(">8I")
_FRAME_HEADER: Final = struct.Struct(">6I")


def begin_wal_anew(connection: apsw.Connection, path: Path) -> None:
    """Write back what a crash left in the write-ahead log, and empty it: then no two crashes can mix in it.

    Raises:
        StoreCorrupt: it is damaged as no crash damages it. It stays as it is, to be looked at.
    """
    if damage := damage_in_wal(connection, path):
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        raise StoreCorrupt(f"The write-ahead log of {path} does not hold. {damage}")
    with suppress(apsw.BusyError):  # somebody reads a snapshot: it is emptied another time
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def damage_in_wal(connection: apsw.Connection, path: Path) -> str:
    """Say in a sentence what of the write-ahead log is lost by damage that no crash makes; empty: nothing is."""
    try:
        whole, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
    except apsw.Error:
        return ""
    page_bytes = int(connection.pragma("page_size"))
    lost = damaged_commits(path, whole_frames=max(whole, 0), page_bytes=page_bytes)
    if not lost:
        return ""
    return (
        f"It is damaged after frame {whole}, and at least {lost} transactions behind that were durable: they are lost."
    )


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
