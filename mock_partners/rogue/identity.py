"""Who the rogue is: an administration with its keys, its authority and its descriptor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from mock_partners.rogue.certificates import Authority
from mock_partners.rogue.descriptors import Descriptor, Period
from mock_partners.rogue.notes import NOTE, RECEIPT, Key

NAMES: Final = ("XA", "XB", "XC", "XD")
"""Adversaries alone are called so: ISO 3166-1 leaves these to its users."""

_LIFE: Final = 365 * 24 * 3600
_SECRETS: Final = "identity.json"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """One administration's secrets, and what it says of itself."""

    administration: str
    root: Key
    log: Key
    receipt: Key
    authority: Authority
    issued: int

    @classmethod
    def new(cls, administration: str, now: int) -> Self:
        """Make keys and an authority."""
        domain = f"customs.{administration.lower()}.example"
        keys = Key.new(NOTE), Key.new(NOTE), Key.new(RECEIPT)
        return cls(administration, *keys, Authority.new(domain), now - 3600)

    @property
    def domain(self) -> str:
        """Its trust domain."""
        return f"customs.{self.administration.lower()}.example"

    @property
    def descriptor(self) -> Descriptor:
        """Its first descriptor. It names no endpoint: this administration only dials."""
        span = (self.issued, self.issued + _LIFE)
        return Descriptor(
            administration=self.administration,
            domain=self.domain,
            version=1,
            previous="none",
            issued=self.issued,
            roots=(self.root.bare,),
            anchor=self.authority.der,
            logs=(Period(self.log.bare, *span),),
            receipts=(Period(self.receipt.bare, *span),),
        )

    @property
    def note(self) -> bytes:
        """The descriptor, signed: what people carry to the partner."""
        return self.descriptor.signed(self.root)

    def write(self, home: Path) -> None:
        """Keep the secrets, which are worth nothing to anybody, for another run."""
        home.mkdir(parents=True, exist_ok=True)
        secrets = {
            "administration": self.administration,
            "seeds": [key.seed.hex() for key in (self.root, self.log, self.receipt)],
            "authority": [self.authority.pem.decode(), self.authority.key_pem.decode()],
            "issued": self.issued,
        }
        file = home / _SECRETS
        file.touch(mode=0o600)
        file.write_text(json.dumps(secrets), "utf-8")

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """Take up an earlier run; None where there is none."""
        file = home / _SECRETS
        if not file.exists():
            return None
        said = json.loads(file.read_text("utf-8"))
        root, log, receipt = (bytes.fromhex(each) for each in said["seeds"])
        pem, key_pem = (each.encode() for each in said["authority"])
        keys = Key(NOTE, root), Key(NOTE, log), Key(RECEIPT, receipt)
        return cls(said["administration"], *keys, Authority.parse(pem, key_pem), said["issued"])
