"""A decision as an officer reads it: the answer first, what the gate must show, what is left, and then why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.cli.decision_words import COLOURS, awaited, goods_named, outcome_word, threat_name, when
from gateway.cli.screen import CROSS, TICK, printable
from mutualrecognition.national.v1 import decision_pb2 as pb

OPEN: Final = "○"
_STANDINGS: Final = {
    pb.CHECK_STANDING_MET: (TICK, "green"),
    pb.CHECK_STANDING_MET_ON_CONDITION: (OPEN, "green"),
    pb.CHECK_STANDING_REMAINS: (CROSS, "red"),
    pb.CHECK_STANDING_AWAITED: ("…", "cyan"),
}
OF_BASES: Final = {
    1: "agreement",
    4: "authentic",
    5: "fresh",
    6: "same goods",
    7: "concluded",
    8: "equivalent",
    9: "custody",
    10: "operator",
    11: "new threat",
}
"""The rules that judge a basis, by number, as the registry names them; to load that for its names would load a node."""


def print_decision(console: Console, decision: pb.Decision, *, explain: bool) -> None:
    """Print the answer; with ``explain`` every rule's result for every basis too."""
    colour = COLOURS.get(decision.outcome, "white")
    panel = Panel(Group(*_answer(decision)), title=_title(decision, colour), title_align="left", style=colour)
    console.print(panel, soft_wrap=False)
    console.print(_checks(decision), soft_wrap=False)
    if explain:
        console.print(_rules(decision), soft_wrap=False)
        console.print(_notes(decision))


def _title(decision: pb.Decision, colour: str) -> Text:
    title = Text(f" {outcome_word(decision.outcome)} ", f"bold reverse {colour}")
    return title.append(f" {goods_named(decision.question.consignment)} ", "default")


def _answer(decision: pb.Decision) -> Iterable[RenderableType]:
    yield Text(decision.summary, "default")
    if decision.HasField("override"):
        done = outcome_word(decision.override.outcome)
        yield Text(f"An officer did otherwise: {done}, because {printable(decision.override.reason)}", "bold")
    for objection in decision.general.objections:
        yield Text(f"{CROSS} {printable(objection.text)}  ({objection.reason})", "red")
    for condition in decision.conditions:
        yield Text(f"{OPEN} At the gate: {printable(condition.text)}", "bold default")
    for remaining in decision.remaining:
        yield Text(
            f"{CROSS} Left to check: {threat_name(remaining.threat)} by {', '.join(remaining.checks)}", "bold default"
        )
    if decision.HasField("pending"):
        yield Text(f"… {awaited(decision.pending)}", "default")


def _checks(decision: pb.Decision) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "required", "by", "left out on, or why not"):
        table.add_column(heading, header_style="dim")
    for check in decision.checks:
        sign, colour = _STANDINGS.get(check.standing, ("?", "white"))
        required = check.required
        table.add_row(Text(sign, colour), threat_name(required.threat), required.check, _ground(check))
    return table


def _ground(check: pb.CheckResult) -> Text:
    """Say on what a check is left out; else why the nearest basis does not count."""
    if check.standing in (pb.CHECK_STANDING_MET, pb.CHECK_STANDING_MET_ON_CONDITION):
        basis = check.bases[check.met_by]
        return Text(f"{printable(basis.label)}, {basis.issuer}, {when(basis.at.seconds)}")
    nearest = check.bases[0].rules.objections if check.bases else check.missing
    failed = [each for each in nearest if each.verdict == pb.RULE_VERDICT_FAIL]
    lines = [f"{printable(each.text)}  ({each.reason})" for each in failed[:3]]
    more = sum(len(basis.rules.objections) for basis in check.bases) - len(failed[:3])
    return Text("\n".join([*lines, *([f"and {more} more with --explain"] if more > 0 and len(failed) > 3 else [])]))


def _rules(decision: pb.Decision) -> Table:
    """Every basis against every rule."""
    table = Table(title="Every basis against every rule", title_justify="left", title_style="dim", padding=(0, 1))
    table.add_column("required")
    table.add_column("basis")
    table.add_column("row")
    for number in OF_BASES:
        table.add_column(str(number), justify="center")
    for check in decision.checks:
        name = f"{threat_name(check.required.threat)} {check.required.check}"
        for basis in check.bases:
            table.add_row(name, printable(f"{basis.issuer} {basis.label}"), basis.equivalence, *_signs(basis.rules))
            name = ""
    table.caption = "  ".join(f"{number} {name}" for number, name in OF_BASES.items())
    return table


def _signs(rules: pb.RuleResults) -> Iterable[Text]:
    verdicts = {each.rule: each.verdict for each in reversed(rules.objections)}
    verdicts |= {each.rule: each.verdict for each in rules.objections if each.verdict == pb.RULE_VERDICT_FAIL}
    for number in OF_BASES:
        verdict = verdicts.get(number)  # type: ignore[call-overload]
        if verdict is None:
            yield Text(TICK, "green") if number in rules.passed else Text("·", "dim")
        else:
            yield Text(CROSS, "red") if verdict == pb.RULE_VERDICT_FAIL else Text(OPEN, "yellow")


def _notes(decision: pb.Decision) -> Group:
    """Each sentence once, and on what records and agreements it rests."""
    sentences = dict.fromkeys(
        (each.rule, each.reason, each.text)
        for check in decision.checks
        for basis in check.bases
        for each in basis.rules.objections
    )
    lines = [Text(f"{rule:>2}  {reason}  {printable(text)}") for rule, reason, text in sorted(sentences)]
    lines += [Text(f"Under {each.agreement_id} version {each.version}", "dim") for each in decision.agreements]
    for record in decision.records:
        mark = "stands on" if record.relied_on else "looked at"
        lines.append(Text(f"{mark} {record.record_id}  {record.kind}  {record.partner or 'own'}", "dim"))
    proof = next((each for each in decision.records if each.relied_on), None)
    if proof is not None:
        lines.append(Text(f"Its proof: gateway evidence export {proof.record_id} --issuer {proof.partner}", "dim"))
    lines.append(Text(f"Decision {decision.decision_id}, rules {decision.policy_version}", "dim"))
    return Group(*lines)


def decisions_table(decisions: Iterable[pb.Decision]) -> Table:
    """Many decisions, two lines each: what is asked for by its id must not be cut off on a narrow screen."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("decided", "goods, decision", "outcome, left to check"):
        is_last = heading.startswith("outcome")
        table.add_column(heading, header_style="dim", no_wrap=not is_last, overflow="fold" if is_last else "ignore")
    for each in decisions:
        colour = COLOURS.get(each.outcome, "white")
        left = ", ".join(threat_name(one.threat) for one in each.remaining)
        word = outcome_word(each.outcome) + (" (overridden)" if each.HasField("override") else "")
        about = Text(goods_named(each.question.consignment)).append(f"\n{each.decision_id}", "dim")
        table.add_row(
            when(each.decided_at.seconds), about, Text(word, colour).append(f"\n{left}" if left else "", "default")
        )
    return table
