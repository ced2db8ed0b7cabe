"""The figures of one side's reliance on the other, added up from tallies of the ledger (SAFE, pillar 1, standard 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from gateway.ports.ledger import BasisTally, DecisionTally, Finding
from gateway.ports.ledger import Source as LedgerSource
from gateway.reliance.shares import Share

LOOKED_AT: Final = frozenset({Finding.CONFIRMED, Finding.CONTRADICTED})
"""Findings that say something of the partner's control."""

SAMPLED: Final = "VERIFY"
RELIED: Final = frozenset({"RELY", "RELY_SUBJECT_TO", "RELY_IN_PART"})


@dataclass(frozen=True, slots=True)
class Source:
    """One office, device or method: how many decisions stood on it, and how many of those looked at it contradicted."""

    name: str
    decisions: int
    contradictions: Share


@dataclass(frozen=True, slots=True)
class RelianceFigures:
    """How far one side relied on the other, and what arrival showed of it.

    ``outcomes`` and ``avoided`` are counts by name; ``findings`` are of decisions that relied, ``sample`` of those that
    would have and were drawn for verification. Sources come the worst first: the most
    contradictions, and of as many the surest.
    """

    outcomes: dict[str, int]
    overridden: int
    avoided: dict[str, int]
    findings: dict[Finding, int]
    sample: dict[Finding, int]
    offices: tuple[Source, ...]
    devices: tuple[Source, ...]
    methods: tuple[Source, ...]


def reliance_figures(decisions: Iterable[DecisionTally], bases: Iterable[BasisTally]) -> RelianceFigures:
    """Add tallies of one partner up."""
    decided, stood_on = tuple(decisions), tuple(bases)
    return RelianceFigures(
        outcomes=_counted((each.outcome, each.count) for each in decided),
        overridden=sum(each.count for each in decided if each.overridden),
        avoided=_counted(
            (one.method, each.count) for each in stood_on if each.outcome in RELIED for one in each.sources
        ),
        findings=_findings(each for each in decided if each.outcome in RELIED),
        sample=_findings(each for each in decided if each.outcome == SAMPLED),
        offices=_sources(stood_on, attrgetter("office")),
        devices=_sources(stood_on, attrgetter("device")),
        methods=_sources(stood_on, attrgetter("method")),
    )


def contradictions(findings: dict[Finding, int]) -> Share:
    """Give the share of contradictions among what was looked at with a clear result."""
    return Share(findings.get(Finding.CONTRADICTED, 0), sum(findings.get(each, 0) for each in LOOKED_AT))


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for name, count in pairs:
        counted[name] += count
    return dict(sorted(counted.items()))


def _findings(decided: Iterable[DecisionTally]) -> dict[Finding, int]:
    counted: Counter[Finding] = Counter()
    for each in decided:
        counted[each.finding] += each.count
    return dict(counted)


def _sources(bases: Iterable[BasisTally], name_of: Callable[[LedgerSource], str]) -> tuple[Source, ...]:
    """Group by name; what has no name is unknown, and no source can be blamed for it.

    A decision counts once for each name, however many of its checks stood on it: two checks are not two cases.
    """
    total: Counter[str] = Counter()
    looked_at: Counter[str] = Counter()
    contradicted: Counter[str] = Counter()
    for each in bases:
        for name in {name_of(one) for one in each.sources} - {""}:
            total[name] += each.count
            looked_at[name] += each.count if each.finding in LOOKED_AT else 0
            contradicted[name] += each.count if each.finding is Finding.CONTRADICTED else 0
    found = (Source(name, total[name], Share(contradicted[name], looked_at[name])) for name in total)
    return tuple(sorted(found, key=_worst_first))


def _worst_first(source: Source) -> tuple[int, float, str]:
    """Order by contradictions, then by the lower end of the interval: one of one looks bad and proves little."""
    low, _ = source.contradictions.interval
    return -source.contradictions.cases, -low, source.name
