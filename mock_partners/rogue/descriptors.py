"""Descriptors, its own and the partner's: section 10 of docs/protocol.md."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Final, Self

from mock_partners.rogue.notes import NOTE, RECEIPT, Key, Verifier, b64, digest_of, note, text_of

HEADER: Final = "mutualrecognition/descriptor/v1"


@dataclass(frozen=True, slots=True)
class Period:
    """A public key in a descriptor and when it counts (R-KEY-05)."""

    bare: str
    since: int
    until: int

    def __str__(self) -> str:
        return f"{self.bare} {self.since} {self.until}"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a descriptor of the rogue's own says."""

    administration: str
    domain: str
    version: int
    previous: str
    issued: int
    roots: tuple[str, ...]
    anchor: bytes
    logs: tuple[Period, ...]
    receipts: tuple[Period, ...]
    threshold: int = 1

    @property
    def text(self) -> bytes:
        """The lines, in the order of the table; those of one keyword sorted as bytes."""
        lines = [
            HEADER,
            f"administration {self.administration}",
            f"name Customs of {self.administration} (made up)",
            f"domain {self.domain}",
            f"version {self.version}",
            f"previous {self.previous}",
            f"issued {self.issued}",
            f"contact duty@{self.domain}",
            f"threshold {self.threshold}",
            *sorted(f"root {each}" for each in self.roots),
            f"anchor {b64(self.anchor)}",
            *sorted(f"log {each}" for each in self.logs),
            *sorted(f"receipt {each}" for each in self.receipts),
        ]
        return ("\n".join(lines) + "\n").encode()

    @property
    def digest(self) -> bytes:
        """What people compare over another channel."""
        return digest_of(self.text)

    def signed(self, *keys: Key) -> bytes:
        """Give the note."""
        return note(self.text, *(key.line(f"{self.domain}/root", self.text) for key in keys))

    def following(self, **changes: object) -> Descriptor:
        """Give the next version, with these changes."""
        said = {"version": self.version + 1, "previous": b64(self.digest), **changes}
        return replace(self, **said)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Partner:
    """The partner as its descriptor describes it. The file was compared by people before it came here (R-DOC-02)."""

    administration: str
    domain: str
    version: int
    digest: bytes
    endpoints: tuple[str, ...]
    anchors: tuple[bytes, ...]
    log_keys: tuple[Verifier, ...]
    receipt_keys: tuple[Verifier, ...]

    @classmethod
    def parse(cls, signed: bytes) -> Self:
        """Read a descriptor note."""
        text = text_of(signed)
        said: dict[str, list[str]] = {}
        for line in text.decode().splitlines()[1:]:
            keyword, _, value = line.partition(" ")
            said.setdefault(keyword, []).append(value)
        return cls(
            administration=said["administration"][0],
            domain=said["domain"][0],
            version=int(said["version"][0]),
            digest=digest_of(text),
            endpoints=tuple(said.get("endpoint", ())),
            anchors=tuple(base64.b64decode(each) for each in said["anchor"]),
            log_keys=_keys(said["log"], NOTE),
            receipt_keys=_keys(said["receipt"], RECEIPT),
        )


def _keys(lines: list[str], kind: int) -> tuple[Verifier, ...]:
    """Read the keys of one type; the rogue knows no other than Ed25519."""
    read = (Verifier.parse(line.partition(" ")[0]) for line in lines)
    return tuple(key for key in read if key.kind == kind)
