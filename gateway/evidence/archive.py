"""A zip in one form only: entries in the order given, stored, dated 1980-01-01, nothing else.

Written and read here by hand, for two reasons. The bytes must be the same for ever and everywhere, and libraries
change in what they write. And a general reader believes a directory at the end that may contradict what stands in
the file; here one reads from the front, writes the same again and compares. (PKWARE APPNOTE 6.3, 4.3 and 4.4.)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Final
from zlib import crc32

from gateway.errors import EvidenceInvalid

MAX_BUNDLE_BYTES: Final = 4 * 1024 * 1024
MAX_FILES: Final = 1024

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_CENTRAL_MAGIC: Final = b"PK\x01\x02"
_END_MAGIC: Final = b"PK\x05\x06"
_VERSION_NEEDED: Final = 20
_MADE_BY_UNIX: Final = 3 << 8 | _VERSION_NEEDED
_FLAGS: Final = 0
_STORED: Final = 0
_MIDNIGHT: Final = 0
_FIRST_OF_1980: Final = 1 << 5 | 1
_ORDINARY_FILE: Final = 0o100644 << 16
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?\Z")


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Put files together in the order given.

    Raises:
        EvidenceInvalid: more than 4 MiB.
    """
    content, directory = bytearray(), bytearray()
    for name, data in files.items():
        offset, encoded = len(content), name.encode("ascii")
        # From "version needed" on, both headers state the same.
        stated = (_VERSION_NEEDED, _FLAGS, _STORED, _MIDNIGHT, _FIRST_OF_1980, crc32(data), len(data), len(data))
        content += _LOCAL.pack(_LOCAL_MAGIC, *stated, len(encoded), 0) + encoded + data
        directory += _CENTRAL.pack(
            _CENTRAL_MAGIC, _MADE_BY_UNIX, *stated, len(encoded), 0, 0, 0, 0, _ORDINARY_FILE, offset
        )
        directory += encoded
    end = _END.pack(_END_MAGIC, 0, 0, len(files), len(files), len(directory), len(content), 0)
    if len(content) + len(directory) + len(end) > MAX_BUNDLE_BYTES:
        raise EvidenceInvalid(f"The evidence would need more than the {MAX_BUNDLE_BYTES} bytes of a bundle.")
    return bytes(content + directory + end)


def read_archive(data: bytes) -> dict[str, bytes]:
    """Take apart what ``write_archive`` gave, and nothing else: any other bytes are refused, a changed bit too.

    Raises:
        EvidenceInvalid: with what is wrong.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise EvidenceInvalid(f"The bundle has more than {MAX_BUNDLE_BYTES} bytes.")
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == _LOCAL_MAGIC:
        name, content, at = _read_file(data, at)
        if name in files or len(files) == MAX_FILES:
            raise EvidenceInvalid(f"The bundle holds {name} twice, or too many files.")
        files[name] = content
    if not files:
        raise EvidenceInvalid("This is not an evidence bundle: it does not begin as a zip does.")
    if write_archive(files) != data:
        raise EvidenceInvalid("The bundle's zip structure is not in its only form: it was changed or packed anew.")
    return files


def _read_file(data: bytes, at: int) -> tuple[str, bytes, int]:
    start = at + _LOCAL.size
    if start > len(data):
        raise EvidenceInvalid("The bundle is cut short.")
    header = _LOCAL.unpack_from(data, at)
    checksum, length, name_length = header[6], header[7], header[9]
    begin = start + name_length
    if begin + length > len(data):
        raise EvidenceInvalid("The bundle is cut short, or states a wrong length.")
    name = data[start:begin].decode("latin-1")
    if not _NAME.match(name):
        raise EvidenceInvalid(f"The bundle holds a file with the name {name!r}, which no bundle has.")
    content = data[begin : begin + length]
    if crc32(content) != checksum:
        raise EvidenceInvalid(f"{name} was changed: its checksum in the bundle is another one.")
    return name, content, begin + length
