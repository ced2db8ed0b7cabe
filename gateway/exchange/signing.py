"""Which of a node's keys signs: of each algorithm the newest one that counts now.

A descriptor names every key that there ever was, each with its period; while one follows another, both count. A
session is open only while the partner holds the very descriptor that is in its trust data, so every key in it is one
that the partner knows (docs/protocol.md, R-DSC-05). The time is asked at every signature: a key may end in the middle
of a session.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.errors import KeyNotValid
from gateway.linklog.keys import DatedKey, KeyType, Signer


def signers_at(signers: Iterable[Signer], keys: Iterable[DatedKey], time: int) -> Sequence[Signer]:
    """Choose among ``signers`` by the periods in ``keys``; one of each algorithm at most, by algorithm.

    Of several that count, the one that began last signs, then the one that ends last.

    Raises:
        KeyNotValid: none of these counts at ``time``.
    """
    periods = {(dated.key.type, dated.key.public): dated for dated in keys}
    chosen: dict[KeyType, tuple[tuple[int, int], Signer]] = {}
    for signer in signers:
        dated = periods.get((signer.key.type, signer.key.public))
        if dated is None or not dated.counts_at(time):
            continue
        newness = (dated.valid_from, dated.valid_until)
        present = chosen.get(signer.key.type)
        if present is None or newness > present[0]:
            chosen[signer.key.type] = (newness, signer)
    if not chosen:
        raise KeyNotValid("None of the keys with which this node could sign counts now: its descriptor must name one.")
    return [chosen[key_type][1] for key_type in sorted(chosen)]
