"""Who signed a checkpoint and who receipted it, judged by two descriptors at the receipt's time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from gateway.errors import EvidenceInvalid
from gateway.linklog.checkpoints import Checkpoint, Cosigned, common_time, parse_checkpoint, require_types, verify_lines
from gateway.linklog.keys import KeyType, VerifierKey
from gateway.linklog.notes import Note
from gateway.linklog.policy import TrustPolicy
from gateway.trust.descriptors import Descriptor
from gateway.trust.names import Origin


class RequiredTypes(NamedTuple):
    """The types of signature lines that a checkpoint and its receipt must bear."""

    log: tuple[KeyType, ...] = (KeyType.NOTE_ED25519,)
    receipt: tuple[KeyType, ...] = (KeyType.COSIGNATURE_ED25519,)


@dataclass(frozen=True, slots=True)
class Attestation:
    """A checkpoint that its issuer signed and its receiver receipted, with keys that counted at ``time``."""

    origin: Origin
    checkpoint: Checkpoint
    time: int
    log_keys: tuple[VerifierKey, ...]
    receipt_keys: tuple[VerifierKey, ...]

    @property
    def policy(self) -> TrustPolicy:
        """What a stranger must demand of the checkpoint."""
        return TrustPolicy.of_keys(log=self.log_keys, receipt=self.receipt_keys)

    def select_lines(self, note: Note) -> Note:
        """Keep only the lines that count; what else a note bears says nothing here."""
        counting = {(key.name, key.key_id) for key in (*self.log_keys, *self.receipt_keys)}
        return Note(note.text, tuple(line for line in note.lines if (line.name, line.key_id) in counting))


def issuer_of(note: Note, descriptors: Sequence[Descriptor]) -> Descriptor:
    """Find out of two descriptors that of the administration whose log towards the other a checkpoint is of.

    Raises:
        EvidenceInvalid: the log is none between these two.
    """
    origin = Origin.parse(parse_checkpoint(note.text).origin)
    for issuer, receiver in permutations(descriptors, 2):
        if (issuer.domain, receiver.administration) == (origin.domain, origin.partner):
            return issuer
    raise EvidenceInvalid(f"{origin} is no log between the two administrations whose descriptors are here.")


def attest(
    note: Note, issuer: Descriptor, receiver: Descriptor, required_at: Callable[[int], RequiredTypes]
) -> Attestation:
    """Verify a receipted checkpoint of the issuer's log towards the receiver.

    Keys count at the time that the receipt states; this time also tells which types of lines are due.

    Raises:
        SignatureInvalid, KeyNotValid, NoteMalformed, EvidenceInvalid: with what is wrong.
    """
    checkpoint = parse_checkpoint(note.text)
    if issuer_of(note, (issuer, receiver)) is not issuer:
        raise EvidenceInvalid(f"{checkpoint.origin} is not a log of {issuer.administration}.")
    what = f"the checkpoint of {checkpoint.origin} at size {checkpoint.size}"
    log_keys = [dated.with_name(checkpoint.origin) for dated in issuer.log_keys]
    receipts = verify_lines(checkpoint, note.lines, receiver.receipt_keys)
    time = common_time(receipts, f"the receipt for {what}")
    required = required_at(time)
    require_types(receipts, required.receipt, time, f"the receipt for {what}")
    signed = verify_lines(checkpoint, note.lines, log_keys)
    require_types(signed, required.log, time, what)
    return Attestation(
        Origin.parse(checkpoint.origin), checkpoint, time, _counting(signed, time), _counting(receipts, time)
    )


def _counting(signed: Sequence[Cosigned], time: int) -> tuple[VerifierKey, ...]:
    return tuple(cosigned.key.key for cosigned in signed if cosigned.key.counts_at(time))
