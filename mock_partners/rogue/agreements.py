"""The agreement that the rogue signs with its partner: section 10 of docs/protocol.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mock_partners.rogue.notes import digest_of

HEADER: Final = "mutualrecognition/agreement/v1"
OUTCOME_FIELDS: Final = (
    "control_id",
    "consignment.container_numbers",
    "location.locode",
    "started_at",
    "ended_at",
    "methods.kind",
    "conclusion",
)
"""What it may say of a control; a name of the place, say, it may not."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Terms between the rogue and its partner: controls both ways, for one purpose."""

    id: str
    parties: tuple[str, str]
    valid_from: int
    valid_until: int
    version: int = 1

    @property
    def text(self) -> bytes:
        """The text that both sign."""
        own, partner = self.parties
        lines = [
            HEADER,
            f'id = "{self.id}"',
            f"version = {self.version}",
            'title = "Terms for an adversary, made up"',
            'legal_basis = "None: no such decision exists"',
            f'parties = ["{own}", "{partner}"]',
            f"valid_from = {_moment(self.valid_from)}",
            f"valid_until = {_moment(self.valid_until)}",
            'signatures = "ed25519"',
            'purposes = ["SECURITY_RISK", "FISCAL"]',
            *_flow(own, partner, "inspection_outcome", OUTCOME_FIELDS),
            *_flow(own, partner, "withdrawal", ("*",)),
            *_flow(partner, own, "inspection_outcome", ("*",)),
        ]
        return ("\n".join(lines) + "\n").encode()

    @property
    def digest(self) -> bytes:
        """What both sides name it by."""
        return digest_of(self.text)


def _flow(sender: str, receiver: str, kind: str, fields: tuple[str, ...]) -> list[str]:
    listed = ", ".join(f'"{each}"' for each in fields)
    return [
        "",
        "[[flows]]",
        f'from = "{sender}"',
        f'to = "{receiver}"',
        f'kind = "{kind}"',
        f"fields = [{listed}]",
        'purposes = ["SECURITY_RISK"]',
        "retention_days = 30",
    ]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
