"""How a descriptor comes to be believed: the first by people, each later one by the one before it.

docs/protocol.md, Documents: version n+1 names the digest of n, meets n's threshold with n's roots and its own with
its own, keeps administration and domain, and takes no key back: a key may only end earlier.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.errors import DescriptorFork, DocumentInvalid
from gateway.linklog.keys import DatedKey
from gateway.linklog.notes import Note, verify_note
from gateway.trust.descriptors import Descriptor, parse_descriptor
from gateway.trust.documents import read_document


def verify_first(data: bytes) -> Descriptor:
    """Read a first descriptor (of any version) that its own roots have signed.

    This proves only that it is whole: that it is *theirs* people must find out, by comparing the digest over another
    channel. Keys shared with others are checked by ``descriptors.refuse_shared_keys``.

    Raises:
        NoteMalformed, DocumentInvalid, KeyRefused, SignatureInvalid: with what is wrong.
    """
    note = read_document(data)
    descriptor = parse_descriptor(note.text)
    require_threshold(note, descriptor)
    return descriptor


def verify_successor(known: Descriptor, data: bytes) -> Descriptor:
    """Read the next version of a known descriptor; it needs nobody's consent.

    The same descriptor again is given back as it is.

    Raises:
        DescriptorFork: another descriptor of the known version.
        DocumentInvalid, NoteMalformed, KeyRefused, SignatureInvalid: it does not follow from the known one.
    """
    note = read_document(data)
    new = parse_descriptor(note.text)
    if new == known:
        return known
    require_succession(known, new)
    require_threshold(note, known)
    require_threshold(note, new)
    return new


def require_succession(known: Descriptor, new: Descriptor) -> None:
    """Refuse a version that does not follow from the one before it; signatures apart.

    Raises:
        DescriptorFork: two descriptors of one version.
        DocumentInvalid: it does not follow.
    """
    who = f"Version {new.version} of the descriptor of {new.administration}"
    if (new.administration, new.domain) != (known.administration, known.domain):
        raise DocumentInvalid(f"{who} is not of {known.administration}, {known.domain}.")
    if new.version == known.version:
        raise DescriptorFork(f"There are two descriptors of {new.administration} of version {new.version}.")
    if new.version != known.version + 1:
        raise DocumentInvalid(f"{who} does not come next after version {known.version}, which is known here.")
    if new.previous != known.digest:
        raise DocumentInvalid(f"{who} names another version before it than the one known here.")
    _require_kept(who, "log", known.log_keys, new.log_keys)
    _require_kept(who, "receipt", known.receipt_keys, new.receipt_keys)


def require_threshold(note: Note, descriptor: Descriptor) -> None:
    """Refuse a document that too few roots of this descriptor have signed.

    Raises:
        DocumentInvalid: too few.
        SignatureInvalid: a root's line fails, or stands there twice.
    """
    signed = len(verify_note(note, descriptor.roots))
    if signed < descriptor.threshold:
        raise DocumentInvalid(
            f"{signed} of the {descriptor.threshold} root signatures needed by version {descriptor.version} of the "
            f"descriptor of {descriptor.administration} are there."
        )


def _require_kept(who: str, role: str, known: Iterable[DatedKey], new: Iterable[DatedKey]) -> None:
    now = {dated.key: dated for dated in new}
    for before in known:
        after = now.get(before.key)
        if after is None:
            raise DocumentInvalid(f"{who} leaves out the {role} key {before.key.bare}.")
        if after.valid_from != before.valid_from or after.valid_until > before.valid_until:
            raise DocumentInvalid(f"{who} changes the {role} key {before.key.bare} otherwise than by an earlier end.")
