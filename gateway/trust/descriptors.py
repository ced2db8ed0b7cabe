"""A descriptor: what an administration says of itself, in lines that have one form (docs/protocol.md, Documents).

Parsing here says only that the lines are well-formed. Whether the owner signed them, and whether they follow from
what was known before, ``succession`` checks.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

from gateway.errors import DocumentInvalid, GatewayError, KeyRefused
from gateway.linklog.keys import DatedKey, KeyType, Signer, VerifierKey
from gateway.linklog.notes import Note
from gateway.linklog.text import decode_base64, decode_text, parse_decimal
from gateway.trust.documents import add_signatures, digest_of, read_digest, write_digest
from gateway.trust.names import is_administration, is_domain, log_key_name, receipt_key_name, root_key_name

HEADER: Final = "mutualrecognition/descriptor/v1"
REMEMBERED: Final = 64
"""Texts that need not be read again: all are, whenever a node loads its trust. 64 of the largest are 16 MiB."""
ROOT_TYPES: Final = frozenset({KeyType.NOTE_ED25519})
LOG_TYPES: Final = frozenset({KeyType.NOTE_ED25519, KeyType.COSIGNATURE_ML_DSA_44})
RECEIPT_TYPES: Final = frozenset({KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44})

_COUNTS: Final = {
    "administration": (1, 1),
    "name": (1, 1),
    "domain": (1, 1),
    "version": (1, 1),
    "previous": (1, 1),
    "issued": (1, 1),
    "contact": (1, 4),
    "endpoint": (0, 8),
    "threshold": (1, 1),
    "root": (1, 8),
    "anchor": (1, 4),
    "deny": (0, 64),
    "log": (1, None),
    "receipt": (1, None),
}
"""Keywords in their order, and how many lines of each there may be."""

_HOST: Final = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]"
_ENDPOINT: Final = re.compile(rf"(?:{_HOST}):([1-9][0-9]{{0,4}})\Z")
_MAX_PORT: Final = 65535

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One version of an administration's description of itself. Repeated values stand sorted as their lines do.

    Raises:
        DocumentInvalid: a value, a count or an order that a descriptor cannot have.
        KeyRefused: one key in two roles, or of a type that its role does not use.
    """

    administration: str
    name: str
    domain: str
    version: int
    previous: bytes | None
    issued: int
    contacts: tuple[str, ...]
    endpoints: tuple[str, ...]
    threshold: int
    roots: tuple[VerifierKey, ...]
    anchors: tuple[bytes, ...]
    denied: tuple[bytes, ...]
    log_keys: tuple[DatedKey, ...]
    receipt_keys: tuple[DatedKey, ...]
    digest: bytes = field(init=False, repr=False, compare=False)
    """What people compare, and what the next version names: SHA-256 of the text. Kept, since every decision asks."""

    def __post_init__(self) -> None:
        _require(is_administration(self.administration), "its administration is not two capital letters")
        _require(is_domain(self.domain), "its domain is not a DNS name in lower case of at most 120 bytes")
        _require(self.version >= 1, "its version is not 1 or more")
        _require((self.version == 1) == (self.previous is None), "only version 1 has no version before it")
        _require(1 <= self.threshold <= len(self.roots), "its threshold is not between 1 and the number of roots")
        _require(all(map(_is_endpoint, self.endpoints)), "an endpoint is not host:port")
        _require(all(self.anchors), "an anchor is empty")
        for text in (self.name, *self.contacts):
            _require(all(text.split(" ")), f"{text!r} is not words separated by one space")
        for dated in (*self.log_keys, *self.receipt_keys):
            _require(0 <= dated.valid_from <= dated.valid_until, f"the key {dated.key.bare} ends before it begins")
        self._require_roles()
        self._require_lines()
        object.__setattr__(self, "digest", digest_of(self.text))

    @property
    def text(self) -> str:
        """The note text: all lines in their order, each with its LF."""
        return "".join(f"{line}\n" for line in (HEADER, *self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"administration {self.administration}"
        yield f"name {self.name}"
        yield f"domain {self.domain}"
        yield f"version {self.version}"
        yield f"previous {write_digest(self.previous) if self.previous else 'none'}"
        yield f"issued {self.issued}"
        yield from _group("contact", self.contacts)
        yield from _group("endpoint", self.endpoints)
        yield f"threshold {self.threshold}"
        yield from _group("root", (key.bare for key in self.roots))
        yield from _group("anchor", (base64.b64encode(der).decode() for der in self.anchors))
        yield from _group("deny", map(write_digest, self.denied))
        yield from _group("log", map(_dated, self.log_keys))
        yield from _group("receipt", map(_dated, self.receipt_keys))

    def _require_roles(self) -> None:
        names = (root_key_name(self.domain), log_key_name(self.domain), receipt_key_name(self.domain))
        roles = (self.roots, [d.key for d in self.log_keys], [d.key for d in self.receipt_keys])
        for name, keys, types in zip(names, roles, (ROOT_TYPES, LOG_TYPES, RECEIPT_TYPES), strict=True):
            for key in keys:
                _require(key.name == name, f"a key is named {key.name}, where {name} is due")
                if key.type not in types:
                    raise KeyRefused(f"A key of type {key.type:#04x} cannot be one of {name}.")
        public = [key.public for keys in roles for key in keys]
        if len(set(public)) != len(public):
            raise KeyRefused(f"The descriptor of {self.administration} uses one key twice; a key has one role.")

    def _require_lines(self) -> None:
        lines = list(self._lines())
        for keyword, (least, most) in _COUNTS.items():
            count = sum(line.startswith(f"{keyword} ") for line in lines)
            _require(count >= least and (most is None or count <= most), f"it has {count} lines {keyword!r}")
        _require(len(set(lines)) == len(lines), "a line stands there twice")
        decode_text(self.text.encode(), "A descriptor")


def is_descriptor(text: str) -> bool:
    """Say whether a document's text claims to be a descriptor; nothing of it is checked."""
    return text.startswith(f"{HEADER}\n")


@lru_cache(maxsize=REMEMBERED)
def parse_descriptor(text: str) -> Descriptor:
    """Read a descriptor's text in its only form. What was read last is remembered: a value never changes.

    Raises:
        DocumentInvalid: with the line that is wrong.
        KeyRefused: an unsound key, one key in two roles, or of a type that its role does not use.
    """
    lines = text.split("\n")
    if lines[0] != HEADER or lines.pop() != "":
        raise DocumentInvalid(f"A descriptor begins with the line {HEADER} and ends with a line feed.")
    values = _values_by_keyword(lines[1:])

    def one(keyword: str, parse: Callable[[str], Value]) -> Value:
        return every(keyword, parse)[0]

    def every(keyword: str, parse: Callable[[str], Value]) -> tuple[Value, ...]:
        return tuple(_parse_value(keyword, value, parse) for value in values[keyword])

    domain = one("domain", str)
    descriptor = Descriptor(
        administration=one("administration", str),
        name=one("name", str),
        domain=domain,
        version=one("version", _decimal),
        previous=one("previous", lambda value: None if value == "none" else read_digest(value)),
        issued=one("issued", _decimal),
        contacts=every("contact", str),
        endpoints=every("endpoint", str),
        threshold=one("threshold", _decimal),
        roots=every("root", lambda value: VerifierKey.from_bare(root_key_name(domain), value)),
        anchors=every("anchor", lambda value: decode_base64(value, "an anchor")),
        denied=every("deny", read_digest),
        log_keys=every("log", lambda value: _parse_dated(value, log_key_name(domain))),
        receipt_keys=every("receipt", lambda value: _parse_dated(value, receipt_key_name(domain))),
    )
    if descriptor.text != text:
        raise DocumentInvalid(f"The descriptor of {descriptor.administration} is not in its only form: {_order(text)}.")
    return descriptor


def sign_descriptor(descriptor: Descriptor, signers: Iterable[Signer]) -> bytes:
    """Sign with root keys, under the name that root keys have; gives the note's bytes.

    Whether these keys meet the thresholds is not checked here: a key ceremony may collect signatures one by one.
    """
    note = add_signatures(Note(descriptor.text, ()), signers, root_key_name(descriptor.domain))
    return note.serialize()


def refuse_shared_keys(descriptors: Iterable[Descriptor]) -> None:
    """Refuse a set of descriptors (of any versions) in which a key has two owners or two roles, or a domain two owners.

    Raises:
        KeyRefused: a shared key.
        DocumentInvalid: a shared trust domain.
    """
    roles: dict[bytes, tuple[str, str]] = {}
    owners: dict[str, str] = {}
    for descriptor in descriptors:
        owner = descriptor.administration
        if owners.setdefault(descriptor.domain, owner) != owner:
            raise DocumentInvalid(f"{owner} and {owners[descriptor.domain]} both claim {descriptor.domain}.")
        for role, key in _keys_by_role(descriptor):
            known = roles.setdefault(key.public, (owner, role))
            if known != (owner, role):
                raise KeyRefused(f"One key is a {known[1]} key of {known[0]} and a {role} key of {owner}.")


def _keys_by_role(descriptor: Descriptor) -> Iterator[tuple[str, VerifierKey]]:
    yield from (("root", key) for key in descriptor.roots)
    yield from (("log", dated.key) for dated in descriptor.log_keys)
    yield from (("receipt", dated.key) for dated in descriptor.receipt_keys)


def _values_by_keyword(lines: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {keyword: [] for keyword in _COUNTS}
    for number, line in enumerate(lines, start=2):
        keyword, space, value = line.partition(" ")
        if keyword not in values or not space:
            raise DocumentInvalid(f"Line {number} of the descriptor begins with {keyword!r}, which means nothing.")
        values[keyword].append(value)
    for keyword, (least, most) in _COUNTS.items():
        count = len(values[keyword])
        _require(count >= least and (most is None or count <= most), f"it has {count} lines {keyword!r}")
    return values


def _parse_value(keyword: str, value: str, parse: Callable[[str], Value]) -> Value:
    try:
        return parse(value)
    except KeyRefused:
        raise
    except GatewayError as error:
        raise DocumentInvalid(f"The descriptor's line {keyword!r} is wrong: {error.sentence}") from error


def _parse_dated(value: str, name: str) -> DatedKey:
    words = value.split(" ")
    _require(len(words) == 3, "a log or receipt line is not key, from, until")
    return DatedKey(VerifierKey.from_bare(name, words[0]), _decimal(words[1]), _decimal(words[2]))


def _decimal(value: str) -> int:
    return parse_decimal(value, "a number")


def _dated(dated: DatedKey) -> str:
    return f"{dated.key.bare} {dated.valid_from} {dated.valid_until}"


def _group(keyword: str, values: Iterable[str]) -> list[str]:
    return sorted((f"{keyword} {value}" for value in values), key=str.encode)


def _is_endpoint(text: str) -> bool:
    found = _ENDPOINT.match(text)
    return found is not None and int(found[1]) <= _MAX_PORT


def _order(text: str) -> str:
    keywords = [line.partition(" ")[0] for line in text.split("\n")[1:-1]]
    if keywords != sorted(keywords, key=list(_COUNTS).index):
        return f"its lines must come in the order {', '.join(_COUNTS)}"
    return "repeated lines must be sorted as bytes"


def _require(holds: bool, what: str) -> None:  # noqa: FBT001  a condition and its words
    if not holds:
        raise DocumentInvalid(f"The descriptor cannot be used: {what}.")
