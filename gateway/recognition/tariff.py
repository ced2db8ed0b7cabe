"""HS codes of different editions, compared by chapter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.records.codes import Code


class Editions:
    """Brings codes to the edition of the list that an operator has loaded: ``same_as`` says where a code went."""

    def __init__(self, codes: Mapping[str, Code]) -> None:
        self._moved = {code: each.same_as for code, each in codes.items() if each.same_as}

    def chapters(self, codes: Iterable[str]) -> frozenset[str]:
        """Give the chapters of codes; a code that the list does not know keeps its own."""
        return frozenset(self._moved.get(code[:6], code)[:2] for code in codes)
