"""Which signatures make a checkpoint valid, as a text for any verifier (C2SP tlog-policy).

The format allows much; this project writes, and reads, one form of it: the logs, the witnesses, one group of all
witnesses, the quorum of that group. A policy takes *any* of its logs and here *all* of its witnesses. So where
ML-DSA is agreed only the ML-DSA log key is listed: with the Ed25519 key beside it, that one alone would do.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gateway.errors import NoteMalformed, SignatureInvalid
from gateway.linklog.checkpoints import Checkpoint, parse_checkpoint, verify_lines
from gateway.linklog.keys import DatedKey, KeyType, VerifierKey
from gateway.linklog.notes import Note
from gateway.linklog.text import MAX_TIME, decode_text

GROUP: Final = "receipts"
MAX_KEYS: Final = 32
_LOG_TYPES: Final = (KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)
_WITNESS_TYPES: Final = (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44)


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """One of ``logs`` has signed and every one of ``witnesses`` has cosigned; both sorted by vkey."""

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[VerifierKey, ...]

    def __post_init__(self) -> None:
        _require_keys(self.logs, _LOG_TYPES, "log")
        _require_keys(self.witnesses, _WITNESS_TYPES, "witness")

    @classmethod
    def of_keys(cls, *, log: Collection[VerifierKey], receipt: Collection[VerifierKey]) -> TrustPolicy:
        """Write the rule for the keys that signed a receipted checkpoint."""
        quantum_safe = [key for key in log if key.type is KeyType.COSIGNATURE_ML_DSA_44]
        return cls(_sorted(quantum_safe or log), _sorted(receipt))

    def serialize(self) -> bytes:
        """Give the policy's text."""
        names = [f"{GROUP}-{number}" for number in range(1, len(self.witnesses) + 1)]
        rows = [f"log {key.vkey}" for key in self.logs]
        rows += [f"witness {name} {key.vkey}" for name, key in zip(names, self.witnesses, strict=True)]
        rows += [f"group {GROUP} all {' '.join(names)}", f"quorum {GROUP}"]
        return "".join(f"{row}\n" for row in rows).encode()

    def verify(self, note: Note) -> Checkpoint:
        """Verify a receipted checkpoint by this policy alone, as a foreign verifier does.

        Raises:
            NoteMalformed: it is no checkpoint of one of these logs.
            SignatureInvalid: no log signed it, or a witness is missing.
        """
        checkpoint = parse_checkpoint(note.text)
        logs = [key for key in self.logs if key.name == checkpoint.origin]
        if not logs:
            raise NoteMalformed(f"The policy does not know the log {checkpoint.origin}.")
        keys = [DatedKey(key, 0, MAX_TIME) for key in (*logs, *self.witnesses)]
        signed = {cosigned.key.key for cosigned in verify_lines(checkpoint, note.lines, keys)}
        if signed.isdisjoint(logs):
            raise SignatureInvalid(f"The policy's log key did not sign the checkpoint of {checkpoint.origin}.")
        if missing := [key.vkey for key in self.witnesses if key not in signed]:
            raise SignatureInvalid(f"The policy's quorum is not met, for want of {missing[0]}.")
        return checkpoint


def parse_policy(data: bytes) -> TrustPolicy:
    """Read a policy in the form that ``TrustPolicy.serialize`` gives, and no other.

    Raises:
        NoteMalformed: another form, also where tlog-policy would allow it.
        KeyRefused: an unsound key.
    """
    rows = [row.split(" ") for row in decode_text(data, "The policy").split("\n")]
    logs = tuple(VerifierKey.from_vkey(row[1]) for row in rows if row[0] == "log" and len(row) == 2)
    witnesses = tuple(VerifierKey.from_vkey(row[2]) for row in rows if row[0] == "witness" and len(row) == 3)
    policy = TrustPolicy(logs, witnesses)
    if policy.serialize() != data:
        raise NoteMalformed("The policy is not in the one form that is read here.")
    return policy


def _sorted(keys: Collection[VerifierKey]) -> tuple[VerifierKey, ...]:
    return tuple(sorted(keys, key=lambda key: key.vkey.encode()))


def _require_keys(keys: tuple[VerifierKey, ...], types: tuple[KeyType, ...], role: str) -> None:
    if not 1 <= len(keys) <= MAX_KEYS or len({key.public for key in keys}) != len(keys):
        raise NoteMalformed(f"A policy has 1 to {MAX_KEYS} different keys of role {role}.")
    if any(key.type not in types for key in keys) or keys != _sorted(keys):
        raise NoteMalformed(f"The keys of role {role} in a policy must be of its types, and sorted.")
