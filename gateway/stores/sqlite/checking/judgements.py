"""What receivers said about entries: kept ranges against the records that say so, and the latest word against both."""

from __future__ import annotations

import apsw

from gateway import records
from gateway.errors import GatewayError
from gateway.stores.sqlite.checking.findings import Repair, Tell
from mutualrecognition.records.v1.judgement_pb2 import Verdict

_PREFIX = "VERDICT_"


def check_judgements(connection: apsw.Connection, tell: Tell) -> None:
    """Derive the latest words anew, log by log."""
    logs = connection.execute("SELECT id, origin FROM log ORDER BY id").fetchall()
    for log, origin in logs:
        latest = _Latest()
        for first, last, sequence, record in connection.execute(
            "SELECT j.first, j.last, j.sequence, r.record FROM judgement j LEFT JOIN record r USING (sequence)"
            " WHERE j.log = ? ORDER BY j.sequence, j.first",
            (log,),
        ):
            said = _said(record, str(origin), first, last)
            if said:
                latest.say(first, last, said)
            else:
                tell(f"{origin} entries {first} to {last}", f"The record {sequence} does not say this.", Repair.PEOPLE)
        stored = connection.execute("SELECT first, last, verdict FROM verdict WHERE log = ? ORDER BY first", (log,))
        if _joined([(int(first), int(last), str(word)) for first, last, word in stored]) != _joined(latest.ranges):
            tell(str(origin), "The latest words kept about its entries are not what the judgements say.", Repair.PEOPLE)


class _Latest:
    """Ranges that do not overlap, each with the latest word about it, in order."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int, str]] = []

    def say(self, first: int, last: int, word: str) -> None:
        kept: list[tuple[int, int, str]] = []
        for begin, end, earlier in self.ranges:
            if begin < first:
                kept.append((begin, min(end, first - 1), earlier))
            if end > last:
                kept.append((max(begin, last + 1), end, earlier))
        self.ranges = sorted([*kept, (first, last, word)])


def _said(record: bytes | None, origin: str, first: int, last: int) -> str:
    """Give the verdict if the record says one about this range of this log."""
    if not record:
        return ""
    try:
        judgement = records.parse(record).judgement
    except GatewayError:
        return ""
    covers = any(each.first == first and each.last >= last for each in judgement.ranges)
    return Verdict.Name(judgement.verdict).removeprefix(_PREFIX) if covers and judgement.origin == origin else ""


def _joined(ranges: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join neighbours that say the same."""
    joined: list[tuple[int, int, str]] = []
    for first, last, word in ranges:
        if joined and joined[-1][1] == first - 1 and joined[-1][2] == word:
            joined[-1] = (joined[-1][0], last, word)
        else:
            joined.append((first, last, word))
    return joined
