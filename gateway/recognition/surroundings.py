"""What is the same for every question: partners, suspensions of reliance, agreements, as they stood at a time.

A federation has up to two hundred partners, and a decision is about the goods of one or two. So this is laid out once,
when something has changed, and kept once for all decisions that were made in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from gateway.ports.decisions import SharedFacts
from gateway.ports.facts import PartnerLink
from gateway.ports.suspensions import Suspension
from gateway.recognition.in_force import InForce, Policies
from gateway.recognition.scopes import scope_message
from gateway.trust.agreements import Agreement
from gateway.trust.book import TrustBook
from gateway.values import once, remembers
from mutualrecognition.national.v1.decision_facts_pb2 import DecisionFacts, SuspendedReliance
from mutualrecognition.national.v1.decision_pb2 import AgreementUsed


@remembers
class Surroundings:
    """The shared part of a decision's facts. ``told`` has it; whatever else is in there is not looked at."""

    def __init__(self, told: DecisionFacts, book: TrustBook) -> None:
        self.own: str = told.own
        self.partners: Mapping[str, str] = {each.partner: each.suspended for each in told.partners}
        """Every partner, with why its link is suspended; empty when it is not."""
        self.names: tuple[str, ...] = tuple(sorted(self.partners))
        self.suspended_partners = frozenset([name for name, why in self.partners.items() if why])
        self.suspended: Sequence[SuspendedReliance] = told.suspended
        self.used: Mapping[str, AgreementUsed] = {
            f"{each.agreement_id} version {each.version}": each for each in told.agreements
        }
        """Every version of every agreement, by the name that results have for it."""
        digests = {each.digest for each in told.agreements}
        self.agreements: Sequence[Agreement] = [each for each in book.agreements if each.digest in digests]
        self._told = told
        self._in_force: InForce | None = None

    def in_force(self, at: int, policies: Policies) -> InForce:
        """Give what counts of the agreements at a time."""
        found = self._in_force
        if found is None or not found.since <= at < found.until:
            found = self._in_force = policies.at(at, own=self.own, agreements=self.agreements)
        return found

    @once
    def shared(self) -> SharedFacts:
        """What of it is kept with decisions."""
        facts = self._told.SerializeToString(deterministic=True)
        return SharedFacts(sha256(facts).digest(), facts)


def surroundings_of(
    links: Iterable[PartnerLink], suspensions: Iterable[Suspension], book: TrustBook, at: int
) -> Surroundings:
    """Lay out partners, suspensions and agreements as they stand at a time."""
    kept = DecisionFacts(own=book.own)
    for link in links:
        suspended = link.suspended or _paused_with(link.partner, book, at)
        kept.partners.add(partner=link.partner, suspended=suspended)
    for suspension in suspensions:
        kept.suspended.add(suspension_id=suspension.suspension_id, scope=scope_message(suspension.scope))
    for agreement in book.agreements:
        if book.own in agreement.terms.parties and not book.is_paused(agreement.terms.id, at):
            kept.agreements.add(
                agreement_id=agreement.terms.id, version=agreement.terms.version, digest=agreement.digest
            )
    return Surroundings(kept, book)


def _paused_with(partner: str, book: TrustBook, at: int) -> str:
    """Say that every agreement in force with a partner is suspended by this side; empty when one counts, or none is."""
    if not book.pauses and partner not in book.revoked:
        return ""
    in_force = any(each.is_between(book.own, partner) and each.in_force(at) for each in book.agreements)
    return "AGREEMENT_SUSPENDED" if in_force and not book.agreements_with(partner, at) else ""
