"""The administrations' homes: keys, certificates and descriptors, made once; each scenario gets a copy.

A scenario has dates of its own, so keys and certificates hold from long before them until long after: TLS asks the
machine's clock, everything else the scenario's.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gateway import config
from gateway.cli.addresses import Addresses
from gateway.cli.founding import Plan, found
from gateway.config import Config, Environment, NationalAuthentication
from gateway.trust.descriptors import Descriptor
from gateway.trust.succession import verify_first

_BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)
_LIFE: Final = timedelta(days=25 * 365)
_CLIENTS: Final = '[[client]]\nname = "local"\nroles = ["submit", "read", "officer", "operate"]\n'


@dataclass(frozen=True, slots=True)
class Home:
    """One administration's home as its node uses it; ``peer`` is where its descriptor says that partners dial."""

    administration: str
    path: Path
    settings: Config
    peer: str
    descriptor: Descriptor

    @classmethod
    def read(cls, path: Path) -> Home:
        """Read a home that somebody has settled."""
        settings = config.load(path)
        descriptor = verify_first((path / settings.files.descriptor).read_bytes())
        return cls(settings.administration, path, settings, descriptor.endpoints[0], descriptor)

    @property
    def note(self) -> bytes:
        """Its descriptor, signed."""
        return (self.path / "descriptor.note").read_bytes()


class Homes:
    """Makes homes under ``place``; copies are for one scenario at a time: an administration's port is the same in each.

    ``close`` it: until then its ports are kept free for it.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._made: dict[str, tuple[str, Descriptor]] = {}
        self._addresses = Addresses()

    def close(self) -> None:
        """Let the ports go."""
        self._addresses.close()

    def copy(self, administration: str, into: Path) -> Home:
        """Give a fresh copy of an administration's home; nothing of an earlier scenario is in it."""
        if administration not in self._made:
            self._made[administration] = self._make(administration)
        peer, descriptor = self._made[administration]
        path = into / administration.lower()
        shutil.copytree(self._place / administration.lower(), path)
        return Home(administration, path, config.load(path), peer, descriptor)

    def settle(self, administration: str) -> Home:
        """Make a home that stays where it is, each of its doors at an address of its own: commands can call it."""
        peer, national, operations = self._addresses.take(3)
        descriptor = self._found(administration, peer, national, operations)
        path = self._place / administration.lower()
        return Home(administration, path, config.load(path), peer, descriptor)

    def _make(self, administration: str) -> tuple[str, Descriptor]:
        (peer,) = self._addresses.take(1)
        return peer, self._found(administration, peer)

    def _found(
        self, administration: str, peer: str, national: str = "127.0.0.1:0", operations: str = "127.0.0.1:0"
    ) -> Descriptor:
        name = administration.lower()
        plan = Plan(
            administration=administration,
            domain=f"customs.{name}.example",
            name=f"Customs of {administration} (made up)",
            contact=f"duty@customs.{name}.example",
            environment=Environment.DEVELOPMENT,
            authentication=NationalAuthentication.CERTIFICATE,
            peer=peer,
            national=national,
            operations=operations,
            endpoints=(peer,),
            anchors=(),
            post_quantum=False,
            begins=_BEGIN,
            lasts=_LIFE,
        )
        descriptor = found(self._place / name, plan)
        (self._place / name / "clients.toml").write_text(_CLIENTS, "utf-8")
        return descriptor
