"""The agreements of a decision as they count at its time, laid out once for all decisions that look the same up.

What counts changes only when an agreement begins or ends, or another set of agreements is looked at. So ``Policies``
keeps what it has laid out, with the time for which it is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from gateway.recognition.policy import Policy, Together, combinations_of, policy_of
from gateway.trust.agreements import Agreement

_KEPT: Final = 64
"""Layouts that are remembered; replays of old decisions need old ones."""

Use = tuple[str, str]
"""A check and a threat, by the names that agreements use."""
Combinations = Mapping[Use, Mapping[bytes, Sequence[Together]]]
"""By the use, then by the digest of the agreement that lets them count."""


class InForce:
    """What counts between ``own`` and its partners, from ``since`` until before ``until``, POSIX seconds.

    Only what is found is remembered: names that no agreement knows may be any number.
    """

    def __init__(self, agreements: Sequence[Agreement], own: str, at: int) -> None:
        bounds = sorted(chain.from_iterable((each.terms.valid_from, each.terms.valid_until) for each in agreements))
        self.since = max((each for each in bounds if each <= at), default=-(2**63))
        self.until = min((each for each in bounds if each > at), default=2**63)
        self._all = agreements
        self._own = own
        self._valid = [each for each in agreements if each.in_force(at)]
        self._policies: dict[tuple[str, str], Policy] = {}
        self._with: dict[str, tuple[Policy, ...]] = {}
        self._terms: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {}
        self._combinations: tuple[tuple[str, ...], Combinations] = ((), {})

    def policy(self, agreement_id: str, issuer: str) -> Policy | None:
        """Give what the newest version of an agreement says of an issuer; None: no version is in force."""
        found = self._policies.get((agreement_id, issuer))
        if found is None and (newest := self._newest(agreement_id, issuer)) is not None:
            found = self._policies[agreement_id, issuer] = policy_of(newest, issuer=issuer, own=self._own)
        return found

    def policies_with(self, issuer: str) -> Sequence[Policy]:
        """Give the policies for what ``issuer`` states, by agreement id."""
        found = self._with.get(issuer, ())
        if not found:
            ids = sorted({each.terms.id for each in self._valid if each.is_between(self._own, issuer)})
            found = tuple([policy for each in ids if (policy := self.policy(each, issuer)) is not None])
            if found:
                self._with[issuer] = found
        return found

    def was_in_force(self, agreement_id: str, issuer: str, at: int) -> bool:
        """Say whether some version of the agreement was in force at that other time."""
        terms = self._terms.get((agreement_id, issuer), ())
        if not terms:
            terms = tuple(
                [
                    (each.terms.valid_from, each.terms.valid_until)
                    for each in self._all
                    if each.terms.id == agreement_id and each.is_between(self._own, issuer)
                ]
            )
            if terms:
                self._terms[agreement_id, issuer] = terms
        for begins, ends in terms:  # noqa: SIM110  asked for every basis: a generator takes three times as long
            if begins <= at < ends:
                return True
        return False

    def combinations(self, partners: Iterable[str]) -> Combinations:
        """Give the combinations that agreements with these partners let count, by their use."""
        asked = tuple(partners)
        known, found = self._combinations
        if known != asked:
            found = self._find_combinations(asked)
            self._combinations = asked, found
        return found

    def _find_combinations(self, partners: Iterable[str]) -> Combinations:
        newest = {policy.terms.id: policy.agreement for partner in partners for policy in self.policies_with(partner)}
        found: dict[Use, dict[bytes, list[Together]]] = defaultdict(dict)
        for agreement in newest.values():
            for each in combinations_of(agreement, self._own):
                for threat in dict.fromkeys(each.terms.threats):
                    found[each.terms.counts_as, threat].setdefault(agreement.digest, []).append(each)
        return dict(found)

    def _newest(self, agreement_id: str, issuer: str) -> Agreement | None:
        found: Agreement | None = None
        for each in self._valid:
            if each.terms.id == agreement_id and each.is_between(self._own, issuer):
                found = each if found is None or found.terms.version < each.terms.version else found
        return found


class Policies:
    """Lays agreements out, each set of them once: an agreement's text never changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[bytes, ...]], InForce] = {}

    def at(self, at: int, *, own: str, agreements: Sequence[Agreement]) -> InForce:
        """Give what counts at a time."""
        key = (own, tuple([each.digest for each in agreements]))
        found = self._known.get(key)
        if found is None or not found.since <= at < found.until:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[key] = InForce(agreements, own, at)
        return found
