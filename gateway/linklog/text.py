"""The small grammar that every signed text here shares: one encoding of a number, of bytes, of a key name."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from gateway.errors import NoteMalformed

MAX_TIME: Final = 2**63 - 1
_DECIMAL: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_NO_NAME: Final = re.compile(r"[+\s\x00-\x1f\x7f-\x9f]")


def decode_base64(text: str, what: str) -> bytes:
    """Read padded standard base64 (RFC 4648, 4) in its only form.

    Raises:
        NoteMalformed: other characters, missing padding, or unused bits that are not zero.
    """
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteMalformed(f"What should be {what} is not base64.") from None
    if base64.b64encode(decoded).decode() != text:
        raise NoteMalformed(f"The base64 of {what} is not in its only form.")
    return decoded


def parse_decimal(text: str, what: str) -> int:
    """Read a number from 0 to 2**63 - 1 without leading zeros.

    Raises:
        NoteMalformed: anything else.
    """
    if not _DECIMAL.match(text) or (value := int(text)) > MAX_TIME:
        raise NoteMalformed(f"What should be {what} is not a decimal number.")
    return value


def decode_text(data: bytes, what: str) -> str:
    """Read UTF-8 that has no control character but LF.

    Raises:
        NoteMalformed: with the place of the first wrong byte or character.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteMalformed(f"{what} is not UTF-8 at byte {error.start}.") from None
    if control := _CONTROL.search(text):
        raise NoteMalformed(f"{what} has the control character U+{ord(control[0]):04X} at character {control.start()}.")
    return text


def require_key_name(name: str) -> None:
    """Refuse a name that cannot stand in a signature line: empty, or with a space, a plus or a control character.

    Raises:
        NoteMalformed: the name.
    """
    if not name or _NO_NAME.search(name):
        raise NoteMalformed(f"A key cannot have the name {name!r}.")
