"""The next version of a descriptor: what changes, and nothing else; the owner's side of ``succession``.

A revision only names changes. So whoever makes the next version cannot leave out a key that must stay.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gateway.errors import DocumentInvalid
from gateway.linklog.keys import DatedKey, VerifierKey
from gateway.trust.descriptors import Descriptor
from gateway.trust.documents import write_digest
from gateway.trust.succession import require_succession


@dataclass(frozen=True, slots=True)
class Revision:
    """Changes to a descriptor; None and empty: as before.

    ``ends`` gives log and receipt keys, bare as the descriptor writes them, an earlier end: retirement, or the time of
    a compromise. Anchors are DER, ``denied`` and ``admitted`` the SHA-256 of a leaf's DER.
    """

    name: str | None = None
    contacts: tuple[str, ...] | None = None
    endpoints: tuple[str, ...] | None = None
    threshold: int | None = None
    new_roots: tuple[VerifierKey, ...] = ()
    dropped_roots: tuple[VerifierKey, ...] = ()
    new_anchors: tuple[bytes, ...] = ()
    dropped_anchors: tuple[bytes, ...] = ()
    denied: tuple[bytes, ...] = ()
    admitted: tuple[bytes, ...] = ()
    new_log_keys: tuple[DatedKey, ...] = ()
    new_receipt_keys: tuple[DatedKey, ...] = ()
    ends: Mapping[str, int] = field(default_factory=dict)

    def after(self, known: Descriptor, *, issued: int) -> Descriptor:
        """Give the version that follows ``known``; nobody has signed it yet.

        Raises:
            DocumentInvalid: it changes nothing, names a key that is not there, lets a key end later than it did, or
                gives something that a descriptor cannot have.
            KeyRefused: a key that cannot be used, or is used already.
        """
        self._require_known(known)
        new = replace(
            known,
            version=known.version + 1,
            previous=known.digest,
            issued=issued,
            name=known.name if self.name is None else self.name,
            contacts=_texts(known.contacts, self.contacts),
            endpoints=_texts(known.endpoints, self.endpoints),
            threshold=known.threshold if self.threshold is None else self.threshold,
            roots=_keys((*(key for key in known.roots if key not in self.dropped_roots), *self.new_roots)),
            anchors=_ders((*(der for der in known.anchors if der not in self.dropped_anchors), *self.new_anchors)),
            denied=_digests((*(each for each in known.denied if each not in self.admitted), *self.denied)),
            log_keys=self._dated(known.log_keys, self.new_log_keys),
            receipt_keys=self._dated(known.receipt_keys, self.new_receipt_keys),
        )
        require_succession(known, new)
        if replace(new, version=known.version, previous=known.previous, issued=known.issued) == known:
            raise DocumentInvalid("The next version of the descriptor would say the same as this one.")
        return new

    def _dated(self, known: Iterable[DatedKey], new: Iterable[DatedKey]) -> tuple[DatedKey, ...]:
        kept = (DatedKey(each.key, each.valid_from, self.ends.get(each.key.bare, each.valid_until)) for each in known)
        return tuple(sorted((*kept, *new), key=_dated_line))

    def _require_known(self, known: Descriptor) -> None:
        listed = {each.key.bare for each in (*known.log_keys, *known.receipt_keys)}
        if strangers := self.ends.keys() - listed:
            raise DocumentInvalid(f"The descriptor has no log or receipt key {min(strangers)}.")
        if any(key not in known.roots for key in self.dropped_roots):
            raise DocumentInvalid("A root key that is to be dropped is not in the descriptor.")
        if any(der not in known.anchors for der in self.dropped_anchors):
            raise DocumentInvalid("An anchor that is to be dropped is not in the descriptor.")


def _texts(known: tuple[str, ...], new: tuple[str, ...] | None) -> tuple[str, ...]:
    return known if new is None else tuple(sorted(new, key=str.encode))


def _keys(keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    return tuple(sorted(keys, key=lambda key: key.bare.encode()))


def _ders(anchors: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(anchors, key=base64.b64encode))


def _digests(digests: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(set(digests), key=lambda each: write_digest(each).encode()))


def _dated_line(dated: DatedKey) -> bytes:
    return f"{dated.key.bare} {dated.valid_from} {dated.valid_until}".encode()
