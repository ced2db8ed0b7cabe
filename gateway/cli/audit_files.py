"""An exported audit log: a directory of four files, which anybody can check without this program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.cli.audit_door import SignedLog
from gateway.errors import ConfigurationInvalid
from gateway.evidence.audit import AuditVerdict, verify_export
from gateway.linklog.keys import VerifierKey
from gateway.whole_files import write_whole

ENTRIES: Final = "entries.jsonl"
CHECKPOINT: Final = "checkpoint.note"
KEY: Final = "audit.vkey"
README: Final = """\
The audit log of one gateway, from its first entry on.

  entries.jsonl    one entry a line: [index, time (POSIX seconds), who, what, to what and why]
  checkpoint.note  the signed head of the log (c2sp.org/tlog-checkpoint): its name, its size, its root
  audit.vkey       the key that signed it (c2sp.org/signed-note); have it compared with one from elsewhere

How to check it
  1. Hash every line without its line feed: SHA-256(0x00 || line). Fold these leaves as RFC 9162, 2.1.1, says; inner
     nodes are SHA-256(0x01 || left || right). The root must be that of checkpoint.note, the number of lines its size.
  2. Verify the signature of checkpoint.note with a key that you did not get with these files.
  3. Of an earlier checkpoint, fold as many lines as it has. The root must be the same: nothing before it was changed.

'gateway audit verify DIRECTORY --key VKEY --earlier NOTE' does all this.
"""


def write_export(directory: Path, log: SignedLog) -> None:
    """Write the files of an export into a new or empty directory.

    Raises:
        ConfigurationInvalid: something is there already.
    """
    if directory.exists() and any(directory.iterdir()):
        raise ConfigurationInvalid(f"{directory} is not empty; nothing was written.")
    directory.mkdir(parents=True, exist_ok=True)
    files = {
        ENTRIES: b"".join(entry.line + b"\n" for entry in log.entries),
        CHECKPOINT: log.checkpoint,
        KEY: f"{log.key}\n".encode(),
        "README.txt": README.encode(),
    }
    try:
        for name, content in files.items():
            write_whole(directory / name, content)
    except OSError:
        for name in files:  # a part of an export is none, and would stand in the way of the next one
            (directory / name).unlink(missing_ok=True)
        raise


def verify_directory(directory: Path, *, key: str | None, earlier: Sequence[Path]) -> AuditVerdict:
    """Check the files of an export; ``key`` is a vkey, or the name of a file that holds one.

    Raises: as ``gateway.evidence.audit.verify_export``.
    """
    lines = (directory / ENTRIES).read_bytes().split(b"\n")
    whole = lines[:-1] if lines[-1] == b"" else lines
    notes = [each.read_bytes() for each in earlier]
    return verify_export(whole, (directory / CHECKPOINT).read_bytes(), read_key(key), earlier=notes)


def read_key(given: str | None) -> VerifierKey | None:
    """Read a vkey from the command line or from a file; None stays None."""
    if given is None:
        return None
    text = given if "+" in given and not Path(given).exists() else Path(given).read_text("utf-8").strip()
    return VerifierKey.from_vkey(text)
