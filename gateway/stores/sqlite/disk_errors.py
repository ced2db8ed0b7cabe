"""What SQLite says of the disk beneath it, as errors of this gateway."""

from __future__ import annotations

import apsw

from gateway.errors import GatewayError, Passing, StoreCorrupt, StoreFailed, StoreFull


class telling:  # noqa: N801  reads as what it does, like the context managers of contextlib
    """Say ``what`` came to nothing, such as "x.db cannot be opened", where the disk or the file is to blame.

    Raises:
        StoreFull: the disk is full.
        StoreFailed: it failed.
        StoreCorrupt: what is there is no database, or a broken one.
        Passing: another program holds it.
    """

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        """Begin; nothing is to be done, and every read passes here."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise what the error of SQLite means, where it means one of these."""
        if error is not None and (told := _told(self._what, error)) is not None:
            raise told from error


def _told(what: str, error: BaseException) -> GatewayError | None:
    match error:
        case apsw.FullError() | apsw.IOError():
            if is_full(error):
                return StoreFull(f"{what}: its disk is full.")
            return StoreFailed(f"{what}: {failure(error)}.")
        case apsw.CantOpenError():
            return StoreFailed(f"{what}: {error}.")
        case apsw.NotADBError() | apsw.CorruptError():
            return StoreCorrupt(f"{what} as a database: {error}.")
        case apsw.BusyError():
            return Passing(f"{what}: another program holds it.")
    return None


def is_full(error: Exception) -> bool:
    """Tell whether the disk has no room; of the file that readers and writer share, SQLite says so in another way."""
    return isinstance(error, apsw.FullError) or (
        isinstance(error, apsw.IOError) and _code(error) == apsw.SQLITE_IOERR_SHMSIZE
    )


def failure(error: apsw.Error) -> str:
    """Say which call the disk failed, as SQLite names it: its own sentence does not always tell."""
    name = apsw.mapping_extended_result_codes.get(_code(error))
    return f"its disk failed ({name})" if name else "its disk failed"


def _code(error: apsw.Error) -> int:
    return int(getattr(error, "extendedresult", 0))  # not there where no SQLite raised it
