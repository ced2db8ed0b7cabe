"""What SQLite says of the disk beneath it, as errors of this gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from gateway.errors import Passing, StoreCorrupt, StoreFailed, StoreFull


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say ``what`` came to nothing, such as "x.db cannot be opened", where the disk or the file is to blame.

    Raises:
        StoreFull: the disk is full.
        StoreFailed: it failed.
        StoreCorrupt: what is there is no database, or a broken one.
        Passing: another program holds it.
    """
    try:
        yield
    except (apsw.FullError, apsw.IOError) as error:
        if is_full(error):
            raise StoreFull(f"{what}: its disk is full.") from error
        raise StoreFailed(f"{what}: {failure(error)}.") from error
    except apsw.CantOpenError as error:
        raise StoreFailed(f"{what}: {error}.") from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreCorrupt(f"{what} as a database: {error}.") from error
    except apsw.BusyError as error:
        raise Passing(f"{what}: another program holds it.") from error


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
