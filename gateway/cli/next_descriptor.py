"""The next version of a node's own descriptor: made from what the node holds, signed with root keys, published.

The root keys may lie elsewhere, in production they do: then the text is left in a file, signed where they are, and
published by another command.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway import config
from gateway.cli import trust_door
from gateway.errors import DocumentInvalid
from gateway.linklog.keys import VerifierKey
from gateway.linklog.notes import Note
from gateway.linklog.text import decode_text
from gateway.node_files import refuse_demo_keys
from gateway.ports.documents import DocumentType
from gateway.signers.files import FileSigner
from gateway.signers.roles import ROOT, load_signers
from gateway.trust.descriptors import Descriptor, parse_descriptor
from gateway.trust.documents import add_signatures, read_document
from gateway.trust.names import root_key_name
from gateway.trust.revision import Revision
from gateway.trust.succession import require_threshold
from gateway.whole_files import write_whole

UNSIGNED: Final = "descriptor-{version}.txt"
_SIGNATURES: Final = "\n\n— ".encode()


@dataclass(frozen=True, slots=True)
class Made:
    """A next version: published, or left in ``unsigned`` for whoever has the root keys."""

    descriptor: Descriptor
    unsigned: Path | None


def newest_own(home: Path) -> Descriptor:
    """Give the descriptor that is in force at the node, whether it runs or not."""
    own = config.load(home).administration
    held = trust_door.held_documents(home, DocumentType.DESCRIPTOR)
    notes = [each.note for each in held if each.identity == own]
    return max((parse_descriptor(read_document(note).text) for note in notes), key=lambda each: each.version)


def root_keys(home: Path, given: Iterable[str]) -> tuple[VerifierKey, ...]:
    """Read root keys as a descriptor writes them: base64 of type byte and public key.

    Raises:
        DocumentInvalid, KeyRefused: one of them is no key that a descriptor can name.
    """
    name = root_key_name(config.load(home).domain)
    return tuple(VerifierKey.from_bare(name, each) for each in given)


def make_next(
    home: Path,
    revision: Revision,
    *,
    root_dir: Path | None,
    known: Descriptor | None = None,
    issued: int | None = None,
    replace_planned: bool = False,
) -> Made:
    """Make the next version and publish it where the root keys are at hand.

    Args:
        home: of the node, whether it runs or not.
        revision: what changes.
        root_dir: where the root keys are, if not with the node's.
        known: the version that it follows, where that is not the one in force.
        issued: from when it is to be in force, POSIX seconds; now if left out.
        replace_planned: give up versions that are planned.

    Raises:
        DocumentInvalid, KeyRefused: it cannot be the next version; nothing was changed.
        KeyFileUnsafe: ``root_dir`` has no usable root key.
    """
    known = known or newest_own(home)
    new = revision.after(known, issued=int(time.time()) if issued is None else issued)
    signers = _root_signers(home, root_dir, known.domain)
    if not signers:
        unsigned = home / UNSIGNED.format(version=new.version)
        write_whole(unsigned, new.text.encode())
        return Made(new, unsigned)
    note = _signed(Note(new.text, ()), new, signers)
    for each in (known, new):
        require_threshold(note, each)
    trust_door.publish_descriptor(home, note.serialize(), replace_planned=replace_planned)
    return Made(new, None)


def sign_file(given: bytes, root_dir: Path) -> tuple[int, Note]:
    """Sign a descriptor's text, or add to a note, with the root keys in ``root_dir``; gives its version and the note.

    Raises:
        DocumentInvalid, NoteMalformed: it is no descriptor, or these keys have signed it already.
        KeyFileUnsafe: there is no usable root key.
    """
    note = read_document(given) if _SIGNATURES in given else Note(decode_text(given, "A descriptor"), ())
    descriptor = parse_descriptor(note.text)
    signers = load_signers(root_dir, ROOT, root_key_name(descriptor.domain))
    return descriptor.version, _signed(note, descriptor, signers)


def _signed(note: Note, descriptor: Descriptor, signers: Sequence[FileSigner]) -> Note:
    """Add the signatures of those of these keys that have not signed yet."""
    there = {(line.name, line.key_id) for line in note.lines}
    fresh = [each for each in signers if (each.key.name, each.key.key_id) not in there]
    if not fresh:
        raise DocumentInvalid("These root keys have signed this descriptor already.")
    return add_signatures(note, fresh, root_key_name(descriptor.domain))


def _root_signers(home: Path, root_dir: Path | None, domain: str) -> tuple[FileSigner, ...]:
    """Read the root keys where they are; none when they are kept apart and nobody has said where."""
    settings = config.load(home)
    keys = root_dir or home / settings.files.keys
    refuse_demo_keys(settings, keys)
    if root_dir is None and not any(keys.glob(f"{ROOT}*.key")):
        return ()
    return load_signers(keys, ROOT, root_key_name(domain))
