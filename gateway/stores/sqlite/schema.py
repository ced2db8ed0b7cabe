"""The schema of the file: numbered migrations, forward only, each in its own transaction."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import apsw

from gateway.errors import ConfigurationInvalid, StoreNewer

APPLICATION_ID: Final = 0x4D524757
"""Tells this program's files from other SQLite databases (``file`` shows it)."""

PAGE_BYTES: Final = 8192
"""Three records of 1 KiB leave a quarter of a page of 4 KiB empty; of 8 KiB, an eighth."""


def migrations() -> list[tuple[int, str]]:
    """All migrations as number and SQL, from 1 on without a gap."""
    found = sorted(each.name for each in files(__package__).joinpath("migrations").iterdir() if each.name[0].isdigit())
    numbered = [(int(name[:4]), files(__package__).joinpath("migrations", name).read_text("utf-8")) for name in found]
    if [number for number, _ in numbered] != list(range(1, len(numbered) + 1)):
        raise ValueError("the migrations are not numbered from 1 on without a gap")
    return numbered


def migrate(connection: apsw.Connection, name: str) -> int:
    """Bring the file to the newest schema and give its number. ``name`` is the file's, for errors.

    Raises:
        StoreNewer: it has a schema that this program does not know; nothing was changed.
        ConfigurationInvalid: it is a database of another program.
    """
    steps = migrations()
    version = int(connection.pragma("user_version"))
    is_empty = connection.execute("SELECT count(*) FROM sqlite_schema").get == 0
    if not is_empty and connection.pragma("application_id") != APPLICATION_ID:
        raise ConfigurationInvalid(f"{name} is an SQLite database, but no store of this gateway.")
    if version > len(steps):
        raise StoreNewer(f"{name} has schema {version}; this program knows {len(steps)}.")
    for number, sql in steps[version:]:
        with connection:
            connection.execute(sql)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number)
    return len(steps)
