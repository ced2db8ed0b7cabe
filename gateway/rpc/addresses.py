"""Where the doors of a node are to be. It stands apart: settings name it, and who reads settings opens no door."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the doors are to be, HOST:PORT, and how the national one is kept.

    ``peer`` None: the node only dials. ``tokens``: national clients show a token instead of a certificate.
    """

    peer: str | None
    national: str
    operations: str
    tokens: bool
    reflection: bool
