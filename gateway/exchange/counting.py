"""Whether a receipted checkpoint still counts, by the keys as they are known now.

A key that ends earlier than it did, because it was stolen, takes back what it signed from then on. What was receipted
before stands; the rest stands again once the log is signed anew (docs/protocol.md, R-CHK-06).
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.errors import GatewayError
from gateway.linklog.checkpoints import parse_checkpoint, receipt_time, require_types, verify_lines
from gateway.linklog.keys import DatedKey, KeyType
from gateway.linklog.notes import CHECKPOINT_LIMITS, parse_note


def still_counts(note: bytes, *, log_keys: Iterable[DatedKey], receipt_keys: Iterable[DatedKey]) -> bool:
    """Say whether issuer and partner have signed with keys that count at the time that the receipt states."""
    parsed = parse_note(note, CHECKPOINT_LIMITS)
    checkpoint = parse_checkpoint(parsed.text)
    try:
        time = receipt_time(checkpoint, parsed.lines, receipt_keys, require=(KeyType.COSIGNATURE_ED25519,))
        signed = verify_lines(checkpoint, parsed.lines, [key.with_name(checkpoint.origin) for key in log_keys])
        require_types(signed, (KeyType.NOTE_ED25519,), time, checkpoint.origin)
    except GatewayError:
        return False
    return True
