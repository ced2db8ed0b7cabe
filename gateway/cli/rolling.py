"""Rolling a node's keys: a new one beside the old, and a descriptor that says until when the old one counts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from gateway import config
from gateway.cli.founding import BACKDATED_SECONDS, KEY_LIFE_SECONDS
from gateway.cli.next_descriptor import Made, make_next, newest_own
from gateway.errors import DocumentInvalid
from gateway.linklog.keys import DatedKey, KeyType
from gateway.node_files import refuse_demo_keys
from gateway.signers.roles import LOG, add_key
from gateway.trust.descriptors import Descriptor
from gateway.trust.names import log_key_name, receipt_key_name
from gateway.trust.revision import Revision


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a roll made: new key files, when the old keys end, and the descriptor that says so."""

    files: tuple[Path, ...]
    old_end: int
    made: tuple[Made, ...]


def roll_signing_key(home: Path, role: str, *, overlap: int, root_dir: Path | None, since: int | None = None) -> Rolled:
    """Follow a node's log or receipt keys by new ones, one for each algorithm that counts now.

    Old and new count side by side for ``overlap`` seconds. The node signs with the new one as soon as a partner holds
    the descriptor that names it.

    With ``since`` the old keys were stolen at that time, POSIX seconds, and count until then alone. Each link is signed
    anew then, so that what is in it stands on the new key.

    Raises:
        DocumentInvalid: none of the role's keys counts now.
        KeyFileUnsafe: a key file cannot be made, or a root key not be used.
        ConfigurationInvalid: in production, the keys are a demo's.
    """
    known, now = newest_own(home), int(time.time())
    old = [each for each in _keys_of(known, role) if each.counts_at(now)]
    if not old:
        raise DocumentInvalid(f"None of the {role} keys in the descriptor counts now: there is nothing to roll.")
    settings = config.load(home)
    keys, name = home / settings.files.keys, (log_key_name if role == LOG else receipt_key_name)(known.domain)
    refuse_demo_keys(settings, keys)
    added = [
        add_key(keys, role, name, post_quantum=each is KeyType.COSIGNATURE_ML_DSA_44)
        for each in sorted({dated.key.type for dated in old})
    ]
    begins, end = now - BACKDATED_SECONDS, now + overlap if since is None else since
    new = tuple(DatedKey(signer.key, begins, now + KEY_LIFE_SECONDS) for signer, _ in added)
    ends = {each.key.bare: max(each.valid_from, min(end, each.valid_until)) for each in old}
    revision = Revision(ends=ends, new_log_keys=new) if role == LOG else Revision(ends=ends, new_receipt_keys=new)
    return Rolled(
        tuple(path for _, path in added),
        end,
        (make_next(home, revision, root_dir=root_dir, replace_planned=since is not None),),
    )


def _keys_of(descriptor: Descriptor, role: str) -> tuple[DatedKey, ...]:
    return descriptor.log_keys if role == LOG else descriptor.receipt_keys
