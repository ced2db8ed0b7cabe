"""What ends soon of all that a node's trust stands on, seen from any moment: who must do what, and how near it is.

Of things that follow one another, such as the keys of one role or the versions of one agreement, only the last end
counts: whatever has a successor may end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from cryptography import x509

from gateway.linklog.keys import DatedKey
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor

DAY_SECONDS: Final = 24 * 3600
THRESHOLDS_DAYS: Final = (30, 14, 7, 1, 0)
"""At each of these somebody is warned once; 0 is the end itself."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One thing that ends at ``ends`` (POSIX seconds), whose it is, and what its owner must do."""

    what: str
    owner: str
    ends: int
    act: str

    def threshold(self, now: int) -> int | None:
        """Give the lowest threshold that is reached, in days; None while it is further away than all of them."""
        left = self.ends - now
        return min((days for days in THRESHOLDS_DAYS if left <= days * DAY_SECONDS), default=None)

    def sentence(self, now: int) -> str:
        """Say it in words."""
        left = self.ends - now
        if left <= 0:
            return f"{self.owner}'s {self.what} has ended. {self.act}"
        days = left // DAY_SECONDS
        time = f"{days} days" if days > 1 else "1 day" if days == 1 else f"{left // 3600} hours"
        return f"{self.owner}'s {self.what} ends in {time}. {self.act}"


def endings(book: TrustBook, certificates: Iterable[tuple[str, bytes]]) -> tuple[Ending, ...]:
    """Give everything that has an end, the nearest first; ``certificates`` are this node's own, PEM, by their names."""
    own = book.own
    found = [
        *(_certificate(name, own, pem) for name, pem in certificates),
        *(each for party in (own, *book.partners) for each in _descriptor(book.descriptor_of(party), own)),
        *_agreements(book),
    ]
    return tuple(sorted(found, key=lambda each: (each.ends, each.owner, each.what)))


def _certificate(name: str, own: str, pem: bytes) -> Ending:
    ends = min(_end_of(each) for each in x509.load_pem_x509_certificates(pem))
    act = "This node's operator must put a renewed one in its place; it is used at once."
    roll = " For the gateway's, 'gateway keys csr' and 'gateway keys roll tls-leaf' help." if "gateway" in name else ""
    return Ending(name, own, ends, f"{act}{roll}")


def _descriptor(descriptor: Descriptor, own: str) -> Iterator[Ending]:
    owner = descriptor.administration
    mine = owner == own
    roles = (("log key", descriptor.log_keys), ("receipt key", descriptor.receipt_keys))
    for role, keys in roles:
        for type_ in sorted({dated.key.type for dated in keys}):
            ends = max(dated.valid_until for dated in keys if dated.key.type is type_)
            yield Ending(f"last {role}{_algorithm(keys, type_)}", owner, ends, _key_act(owner, mine=mine))
    ends = max(_end_of(x509.load_der_x509_certificate(der)) for der in descriptor.anchors)
    act = "This node's operator must publish" if mine else f"{owner}'s operator must publish"
    yield Ending("last anchor", owner, ends, f"{act} a descriptor with a newer one.")


def _algorithm(keys: Iterable[DatedKey], type_: int) -> str:
    """Name the algorithm where a role has several."""
    types = {dated.key.type for dated in keys}
    return f" ({type_:#04x})" if len(types) > 1 else ""


def _key_act(owner: str, *, mine: bool) -> str:
    if mine:
        return "This node's operator must roll it ('gateway keys roll'), or nothing can be exchanged."
    return f"{owner}'s operator must roll it, or nothing can be exchanged."


def _agreements(book: TrustBook) -> Iterator[Ending]:
    last: dict[str, int] = {}
    for each in book.agreements:
        last[each.terms.id] = max(last.get(each.terms.id, 0), each.terms.valid_until)
    for identity, ends in last.items():
        parties = next(each.terms.parties for each in book.agreements if each.terms.id == identity)
        others = " and ".join(party for party in parties if party != book.own)
        act = f"Records under it stop then: sign a newer version with {others}, or let it end."
        yield Ending(f"agreement {identity}", book.own, ends, act)


def _end_of(certificate: x509.Certificate) -> int:
    return int(certificate.not_valid_after_utc.astimezone(UTC).timestamp())
