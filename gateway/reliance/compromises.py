"""Keys that a partner took back from a moment in the past, read from the versions of its descriptor.

A key that is rolled ends at or after the issue of the version that says so. One that ends earlier was compromised from
then on: what it alone signed between that end and the issue proves nothing (docs/protocol.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gateway.ports.ledger import Reach
from gateway.trust.book import TrustBook


@dataclass(frozen=True, slots=True)
class Compromise:
    """One log key of a partner. Times are POSIX seconds: from when on it does not count, and when its owner said so."""

    partner: str
    version: int
    since: int
    said_at: int

    @property
    def recall_id(self) -> str:
        """The name of the recall that it is."""
        return f"key:{self.partner}:{self.version}:{self.since}"

    @property
    def reach(self) -> Reach:
        """The decisions that stood on records which were receipted while the key no longer counted."""
        return Reach(partner=self.partner, receipted_from=self.since, receipted_until=self.said_at)


def compromises(book: TrustBook) -> Iterator[Compromise]:
    """Give the compromises that the partners of a node have announced, by partner and version."""
    for partner in book.partners:
        for before, after in pairwise(book.versions[partner]):
            ended = {dated.key: dated.valid_until for dated in before.log_keys}
            since = [
                dated.valid_until
                for dated in after.log_keys
                if dated.valid_until < min(ended.get(dated.key, 0), after.issued)
            ]
            if since:
                yield Compromise(partner, after.version, min(since), after.issued)
