"""Every behaviour by its name, and the way from a spec to one."""

from __future__ import annotations

from typing import Final

from mock_partners.behaviours import clocks, histories, keys, lines, loads, records, schemas, words
from mock_partners.behaviours.behaviour import Behaviour
from mock_partners.behaviours.spec import SpecInvalid, read_spec

_ALL: Final[tuple[type[Behaviour], ...]] = (
    lines.Late,
    lines.Slow,
    lines.Flapping,
    lines.Duplicating,
    lines.Reordering,
    lines.Replaying,
    histories.StaleLists,
    clocks.DriftingClock,
    keys.ExpiredKeys,
    keys.RolledKeys,
    schemas.OlderSchema,
    schemas.NewerSchema,
    loads.Flood,
    loads.Oversize,
    histories.Fork,
    histories.Rollback,
    histories.LyingReceipts,
    histories.WithholdReceipts,
    records.CorruptRecord,
    records.LeakField,
    records.NeverAnswers,
    words.Contradicts,
    words.WithdrawsADay,
)

BEHAVIOURS: Final[dict[str, type[Behaviour]]] = {each.name: each for each in _ALL}
"""All that there are, those of the line first."""


def parse(spec: str) -> Behaviour:
    """Read ``NAME[:key=value,…][@FROM[-UNTIL]]``, as in ``late:by=5s@10s-1m``.

    Raises:
        SpecInvalid: there is no such behaviour, or it does not have that value.
    """
    read = read_spec(spec)
    kind = BEHAVIOURS.get(read.name)
    if kind is None:
        raise SpecInvalid(f"There is no behaviour {read.name!r}: './run mock behaviours' lists them.")
    return kind(read.given, read.schedule)
