"""What is said of a network afterwards, for reports: what was expected, and what came."""

from __future__ import annotations

from mock_partners.behaviours import BEHAVIOURS, Trace
from mock_partners.behaviours.spec import read_spec
from mock_partners.network.crew import Seen
from mock_partners.network.plan import Plan
from mock_partners.network.running import Verdict
from mock_partners.staging.report import Line, Report


def account_of(plan: Plan, seen: Seen, verdict: Verdict, *, trace: Trace, seconds: float) -> Report:
    """Put a network's end into a report: one line for each thing that was expected, one for each behaviour."""
    return Report(
        name="network",
        title=f"{len(plan.members)} members, {len(plan.pairs)} links",
        why="A federation carries everything that its members state, whatever one of them does.",
        seconds=seconds,
        lines=[_arrival(verdict), _decisions(seen), *_behaviours(plan, seen)],
        behaviours=tuple(spec for specs in plan.behaviours.values() for spec in specs),
        trace=trace,
    )


def _arrival(verdict: Verdict) -> Line:
    return Line(
        "what honest members state",
        "it arrives, and is signed for",
        f"{verdict.stated:,} records stated, {verdict.lost:,} lost",
        tuple(str(each) for each in verdict.missing) or (() if verdict.holds else ("less has arrived than was told",)),
        "A record that nobody has is a control that is carried out twice, or not at all.",
    )


def _decisions(seen: Seen) -> Line:
    late = seen.tally.done["vessels decided late"]
    return Line(
        "decisions on vessels",
        "every box before its vessel arrives",
        f"{seen.tally.outcomes.total():,} decisions, {late:,} vessels late",
        (f"{late:,} vessels had arrived before their boxes were decided on",) if late else (),
        "Who decides after the arrival lets goods wait, or pass unseen.",
    )


def _behaviours(plan: Plan, seen: Seen) -> list[Line]:
    """Say what honest nodes do about each behaviour, and which links are suspended; a scenario judges that."""
    found = []
    for member, specs in plan.behaviours.items():
        suspended = [each for each in seen.suspended if member in each.replace(":", " ").split()]
        happened = "; ".join(suspended) or "no link with it is suspended"
        found += [Line(f"{member}: {spec}", BEHAVIOURS[read_spec(spec).name].honest, happened) for spec in specs]
    return found
