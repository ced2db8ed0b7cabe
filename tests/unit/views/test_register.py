"""The register's digest over records as an index gives them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from gateway.ports.records import StoredRecord
from gateway.views.keys import keys_of_bytes
from gateway.views.register import OperatorRegister, RegisterDigest
from tests.unit.views.making import DAY, START, linked, standing, stored, withdrawal


class Index:
    """An index of a list."""

    def __init__(self, records: Sequence[StoredRecord]) -> None:
        self._records = records

    async def records_under(self, keys: Collection[str], *, after: int = 0, limit: int = 1000) -> list[StoredRecord]:
        found = [each for each in self._records if each.sequence > after]
        return [each for each in found if not set(keys).isdisjoint(keys_of_bytes(each.record))][:limit]


async def digest(*records: Any) -> RegisterDigest:
    index: Any = Index(linked(stored(each) for each in records))
    nothing: Any = None
    register = OperatorRegister(administration="NL", index=index, logs=nothing, clock=nothing)
    return await register.digest("CN", "NL", START + 10 * DAY)


async def test_a_standing_that_was_withdrawn_does_not_count() -> None:
    first, second = standing(1), standing(2, effective=1, issued=1)
    assert (await digest(first, second)).count == 1
    assert await digest(first, second, withdrawal(3, day=2, supersedes=2)) == await digest(first)
    assert (await digest(first, withdrawal(2, day=1, supersedes=1))).count == 0
