"""Which agreements both sides hold, and where they differ: which one, which versions and digests, and who must act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.exchange.session_trust import AgreementRef, SessionTrust
from gateway.trust.documents import write_digest

_TOLD_AT_MOST: Final = 4
_ID_AT_MOST: Final = 64


def common(shown: Iterable[AgreementRef], trust: SessionTrust) -> tuple[AgreementRef, ...]:
    """Give the agreements that both hold with one digest."""
    theirs = frozenset(shown)
    return tuple(each for each in trust.agreements if each in theirs)


def differing(shown: Iterable[AgreementRef], trust: SessionTrust) -> str:
    """Say where the two sides differ, a sentence for each agreement; empty when they do not.

    Both operators read the same facts: sides are named by their administration, not as here and there.
    """
    own, peer = trust.own.administration, trust.peer.administration
    sides = ((own, _by_id(trust.agreements)), (peer, _by_id(shown)))
    (first, ones), (second, others) = sorted(sides, key=lambda side: side[0])
    if not ones and not others:
        return f"Neither {first} nor {second} has an agreement in force between the two that both have signed."
    told = list(_told(first, ones, second, others))
    more = f" {len(told) - _TOLD_AT_MOST} more differ." if len(told) > _TOLD_AT_MOST else ""
    return " ".join(told[:_TOLD_AT_MOST]) + more


def _told(first: str, ones: dict[str, AgreementRef], second: str, others: dict[str, AgreementRef]) -> Iterator[str]:
    for identity in sorted({*ones, *others}):
        one, other = ones.get(identity), others.get(identity)
        if one == other:
            continue
        if one is None or other is None:
            has, lacks, held = (first, second, one) if one is not None else (second, first, other)
            assert held is not None
            act = f"{lacks}'s operator must add it, or has suspended it."
            yield f"{_named(held)} counts at {has} and not at {lacks}: {act}"
        elif one.version != other.version:
            behind = first if one.version < other.version else second
            yield (
                f"Of {identity[:_ID_AT_MOST]}, {first} has {_version(one)} in force and {second} {_version(other)}: "
                f"{behind}'s operator must add the newer one."
            )
        else:
            yield (
                f"Of {identity[:_ID_AT_MOST]} version {one.version} there are two texts, {write_digest(one.digest)} at "
                f"{first} and {write_digest(other.digest)} at {second}: both operators must find out which one both "
                "have signed."
            )


def _by_id(refs: Iterable[AgreementRef]) -> dict[str, AgreementRef]:
    return {each.id: each for each in refs}


def _named(ref: AgreementRef) -> str:
    return f"{ref.id[:_ID_AT_MOST]} version {ref.version} (digest {write_digest(ref.digest)})"


def _version(ref: AgreementRef) -> str:
    return f"version {ref.version} (digest {write_digest(ref.digest)})"
