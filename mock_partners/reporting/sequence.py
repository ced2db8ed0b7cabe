"""Makes a sequence of a trace: who said what to whom, step by step; long runs of the same are folded into one row.

Heartbeats are left out: they fill a page, and say that there is nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from mock_partners.behaviours.trace import Event, Way

_SHOWN: Final = 5
"""So many rows of a run are shown in full; of a longer one the first two and the last."""

_USUAL: Final = frozenset({"Batch", "Receipt"})
_PLURAL: Final = {"Batch": "batches", "Unknown frame": "unknown frames"}


class Look(StrEnum):
    """How a row is drawn."""

    STEP = "step"
    MESSAGE = "message"
    NOTE = "note"
    END = "end"
    FOLD = "fold"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a diagram. ``behaviour`` marks what was not honest; ``sender`` alone has a note."""

    look: Look
    at: float
    sender: str
    receiver: str
    kind: str
    facts: str = ""
    behaviour: str = ""

    @property
    def ends(self) -> frozenset[str]:
        """Both sides, whichever spoke."""
        return frozenset((self.sender, self.receiver))


def rows_of(events: Sequence[Event], steps: Sequence[str] = ()) -> list[Row]:
    """Give what is to be drawn; ``steps`` are the steps' names, by the numbers that are in the trace."""
    return list(_folded(_rows(events, steps)))


def lifelines(rows: Iterable[Row]) -> list[str]:
    """Name everybody who has a line, in the order in which the lines stand."""
    return sorted({name for row in rows if row.look is not Look.STEP for name in row.ends if name})


def _rows(events: Sequence[Event], steps: Sequence[str]) -> Iterator[Row]:
    traced = {each.seen_by for each in events}
    for each in events:
        match each.way:
            case Way.STEP:
                name = steps[int(each.kind)] if int(each.kind) < len(steps) else ""
                yield Row(Look.STEP, each.at, "", "", name)
            case Way.OUT:
                yield _message(each, each.seen_by, each.partner)
            case Way.IN if each.kind == "Answer":
                facts = f"answered {each.facts}"
                yield Row(Look.MESSAGE, each.at, each.seen_by, each.partner, "Call", facts, each.behaviour)
            case Way.IN if each.partner not in traced:
                yield _message(each, each.partner, each.seen_by)
            case Way.DEED:
                yield Row(Look.NOTE, each.at, each.seen_by, each.partner, each.kind, behaviour=each.behaviour)
            case Way.END if each.seen_by > each.partner or each.partner not in traced:
                yield Row(Look.END, each.at, each.seen_by, each.partner, "the session ends")


def _message(event: Event, sender: str, receiver: str) -> Row:
    return Row(Look.MESSAGE, event.at, sender, receiver, event.kind, event.facts, event.behaviour)


def _folded(rows: Iterable[Row]) -> Iterator[Row]:
    for _, group in groupby((row for row in rows if not _is_idle(row)), key=_run):
        run = list(group)
        if len(run) <= _SHOWN or run[0].look is not Look.MESSAGE:
            yield from run
            continue
        yield from run[:2]
        left_out = run[2:-1]
        first = run[0]
        yield Row(Look.FOLD, left_out[0].at, first.sender, first.receiver, _counted(left_out), "", first.behaviour)
        yield run[-1]


def _is_idle(row: Row) -> bool:
    """Say whether it is a Heartbeat: it says that there is nothing to say."""
    return row.kind == "Heartbeat" and not row.behaviour


def _run(row: Row) -> tuple[object, ...]:
    """Say which rows follow each other as one run: the usual traffic of a link, or one message again and again."""
    if row.look is Look.MESSAGE and row.kind in _USUAL and not row.behaviour:
        return (row.look, row.ends)
    if row.look is Look.MESSAGE:
        return (row.look, row.sender, row.receiver, row.kind, row.behaviour)
    return (row.look, row.at)


def _counted(rows: Iterable[Row]) -> str:
    """Say how many of what, as in 212 batches, 211 receipts."""
    counted = Counter(f"{row.kind} {row.facts}" if row.kind == "Call" else row.kind for row in rows)
    return ", ".join(f"{count} {_plural(kind) if count > 1 else kind.lower()}" for kind, count in counted.most_common())


def _plural(kind: str) -> str:
    if kind.startswith("Call "):
        return f"calls {kind.removeprefix('Call ')}"
    return _PLURAL.get(kind, f"{kind.lower()}s")
