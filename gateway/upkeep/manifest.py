"""What a copy of a node says of itself: ``backup.json``, with the digest of every file beside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.errors import Malformed
from gateway.stores.sqlite.copying import CopiedLog
from gateway.whole_files import write_whole

MANIFEST: Final = "backup.json"
STORE: Final = "gateway.db"
"""The store's name in every copy, wherever the node keeps it."""
FORM: Final = "mutual-recognition-gateway backup 1"


class _Log(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    origin: str
    size: int
    receipted: int


class _Written(BaseModel):
    """The file, as it may have been through anybody's hands."""

    model_config = ConfigDict(extra="forbid", strict=True)

    form: str
    administration: str
    made_at: int
    version: str
    with_keys: bool
    logs: list[_Log]
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A copy: of which administration, when, how far its logs stand, and the SHA-256 of each file by its path."""

    administration: str
    made_at: int
    version: str
    with_keys: bool
    logs: tuple[CopiedLog, ...]
    files: dict[str, str]

    def write(self, directory: Path) -> None:
        """Write it beside the files."""
        written = {"form": FORM, **asdict(self)}
        write_whole(directory / MANIFEST, f"{json.dumps(written, indent=1)}\n".encode(), private=True)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read it.

        Raises:
            Malformed: the directory is no copy, or of another form.
        """
        try:
            written = _Written.model_validate_json((directory / MANIFEST).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise Malformed(f"{directory} is no copy made by 'gateway backup': it has no {MANIFEST}.") from None
        except ValidationError:
            raise Malformed(f"{directory / MANIFEST} is not what 'gateway backup' writes.") from None
        if written.form != FORM:
            raise Malformed(f"{directory} is a copy of the form {written.form!r}, which this version cannot read.")
        logs = tuple(CopiedLog(each.origin, each.size, each.receipted) for each in written.logs)
        return cls(
            written.administration, written.made_at, written.version, written.with_keys, logs, dict(written.files)
        )

    def verify(self, directory: Path) -> None:
        """Compare every file with its digest.

        Raises:
            Malformed: one is missing or was changed.
        """
        for name, stated in self.files.items():
            path = directory / name
            if Path(name).is_absolute() or ".." in Path(name).parts or not path.is_file():
                raise Malformed(f"The copy in {directory} lacks {name}.")
            if digest_of_file(path) != stated:
                raise Malformed(f"{path} is not as it was copied: its digest differs.")


def digest_of_file(path: Path) -> str:
    """Give the SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
