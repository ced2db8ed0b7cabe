"""How answers are told: one as an officer reads it, a vessel's boxes line by line, to programs as JSON.

Each tells a refusal where its answer would stand, since every question has its place there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Final, Protocol

import click

from gateway.cli.decision_words import COLOURS, awaited, goods_named, outcome_word, threat_name
from gateway.cli.describing import readable
from gateway.cli.screen import CROSS, TICK, printable
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.national.v1.recognition_service_pb2 import DecideResult
from mutualrecognition.national.v1.records_service_pb2 import Refusal

_REFUSED: Final = "refused"
_SIGNS: Final = {pb.OUTCOME_RELY: TICK, pb.OUTCOME_RELY_SUBJECT_TO: "○", pb.OUTCOME_PENDING: "…"}
_WORD: Final = max(len(outcome_word(each)) for each in COLOURS)
_BETWEEN: Final = " · "
_GOODS: Final = 11
"""A container number; what is longer moves the rest of its line."""


class Teller(Protocol):
    """Tells answers in the order of their questions."""

    def tell(self, result: DecideResult, question: pb.Question) -> None:
        """Tell one."""
        ...

    def finish(self) -> None:
        """Tell what is to be said of all of them."""
        ...


def teller(*, many: bool, explain: bool, as_json: bool) -> Teller:
    """Choose one: many answers are told whole only where they are to be explained."""
    if as_json:
        return _Json()
    return _Lines() if many and not explain else _Whole(explain=explain)


class _Json:
    def tell(self, result: DecideResult, question: pb.Question) -> None:  # noqa: ARG002
        click.echo(json.dumps(readable(result.decision if result.HasField("decision") else result)))

    def finish(self) -> None:
        """Nothing more is told."""


class _Whole:
    def __init__(self, *, explain: bool) -> None:
        self._explain = explain

    def tell(self, result: DecideResult, question: pb.Question) -> None:
        from gateway.cli.decision_table import print_decision  # noqa: PLC0415  only where there is a table to draw
        from gateway.cli.screen import out  # noqa: PLC0415

        if result.HasField("decision"):
            print_decision(out(), result.decision, explain=self._explain)
        else:
            click.echo(_line(_REFUSED, question, _why(result.refusal)))

    def finish(self) -> None:
        """Nothing more is told."""


class _Lines:
    """A line for each, with what an officer does; at the end how many there are of which, and what that means."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._meanings = {_REFUSED: "Not decided: its line says why."}

    def tell(self, result: DecideResult, question: pb.Question) -> None:
        if result.HasField("refusal"):
            self._counts[_REFUSED] += 1
            click.echo(_line(_REFUSED, question, _why(result.refusal)))
            return
        decision = result.decision
        word = outcome_word(decision.outcome)
        self._counts[word] += 1
        self._meanings[word] = decision.summary
        sign, colour = _SIGNS.get(decision.outcome, CROSS), COLOURS.get(decision.outcome, "white")
        click.echo(_line(word, question, _BETWEEN.join(_to_do(decision)), sign=sign, colour=colour))

    def finish(self) -> None:
        click.echo(f"\n{self._counts.total():,} questions")
        for word, count in self._counts.most_common():
            click.echo(f"{count:>9,}  {word:{_WORD}}  {self._meanings[word]}")


def _line(word: str, question: pb.Question, said: str, *, sign: str = CROSS, colour: str = "red") -> str:
    answer = click.style(f"{sign} {word:{_WORD}}", fg=colour)
    return f"{answer}  {goods_named(question.consignment):{_GOODS}}  {printable(said)}".rstrip()


def _to_do(decision: pb.Decision) -> Iterator[str]:
    """Say what an officer does: heed what refuses everything, see to conditions, check what is left, wait."""
    yield from (f"{each.text} ({each.reason})" for each in decision.general.objections)
    yield from (each.text for each in decision.conditions)
    if decision.outcome == pb.OUTCOME_VERIFY:
        required = [each.required for each in decision.checks]
        yield "Check all the same: " + ", ".join(f"{threat_name(each.threat)} by {each.check}" for each in required)
    if decision.remaining:
        yield "Left to check: " + ", ".join(map(_left, decision.remaining))
    if decision.HasField("pending"):
        yield awaited(decision.pending)


def _left(remaining: pb.Remaining) -> str:
    why = f" ({', '.join(remaining.reasons)})" if remaining.reasons else ""
    return f"{threat_name(remaining.threat)} by {', '.join(remaining.checks)}{why}"


def _why(refusal: Refusal) -> str:
    fields = [f"{each.path}: {each.message}" for each in refusal.violations]
    return _BETWEEN.join([f"{refusal.reason}: {refusal.message}", *fields])
