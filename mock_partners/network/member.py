"""One member of a network, as its own systems and its operator reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import grpc

from mock_partners.staging.homes import Home
from mock_partners.staging.nodes import Nodes


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files with which a client calls a member: whom it trusts, its certificate and its private key, all PEM."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Member:
    """An administration of the network. Addresses are HOST:PORT; ``home`` is what commands are given as HOME."""

    administration: str
    home: Path
    peer: str
    national: str
    operations: str
    credentials: Credentials
    _nodes: Nodes = field(repr=False)

    @classmethod
    def of(cls, home: Home, nodes: Nodes) -> Member:
        """Describe the node of a home."""
        local = home.path / "clients" / "local"
        return cls(
            administration=home.administration,
            home=home.path,
            peer=home.peer,
            national=home.settings.national.listen,
            operations=home.settings.operations.listen,
            credentials=Credentials(local / "ca.pem", local / "client.pem", local / "client.key"),
            _nodes=nodes,
        )

    def channel(self) -> grpc.aio.Channel:
        """Give the channel to its national door, as the client ``local``; the network closes it.

        Raises:
            NothingCame: its node is off.
        """
        return self._nodes.national(self.administration)

    def operations_channel(self) -> grpc.aio.Channel:
        """Give the channel to its operator's door, as the client ``local``; the network closes it.

        Raises:
            NothingCame: its node is off.
        """
        return self._nodes.operator(self.administration)
