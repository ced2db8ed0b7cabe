"""The ledger, recalls and suspensions as tables, for officers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from rich.table import Table
from rich.text import Text

from gateway.cli.decision_words import outcome_word
from gateway.cli.describing import when
from gateway.cli.enum_words import short
from gateway.cli.screen import printable
from mutualrecognition.national.v1 import recalls_service_pb2 as recalls
from mutualrecognition.national.v1 import reliance_pb2 as pb
from mutualrecognition.national.v1 import reliances_service_pb2 as service
from mutualrecognition.records.v1 import recall_answer_pb2 as answers

_FINDINGS: Final = {
    pb.FINDING_CONFIRMED: ("✓ confirmed", "green"),
    pb.FINDING_CONTRADICTED: ("✗ contradicted", "red"),
    pb.FINDING_NOT_CHECKED: ("not checked", ""),
    pb.FINDING_UNDECIDED: ("undecided", "yellow"),
}
_STATES: Final = {
    recalls.RECALL_STATE_OPEN: ("open", "yellow"),
    recalls.RECALL_STATE_ACKNOWLEDGED: ("acknowledged", "yellow"),
    recalls.RECALL_STATE_SETTLED: ("✓ settled", "green"),
    recalls.RECALL_STATE_ESCALATED: ("✗ escalated", "red"),
}
_ORIGINS: Final = {
    recalls.RECALL_ORIGIN_DECLARED: "by us",
    recalls.RECALL_ORIGIN_RECEIVED: "by partner",
    recalls.RECALL_ORIGIN_FOUND: "found here",
}
_GOODS: Final = {
    answers.GOODS_STATE_RELEASED: ("released", ""),
    answers.GOODS_STATE_HELD: ("held", "green"),
    answers.GOODS_STATE_NOT_ARRIVED: ("not arrived", "green"),
}


def reliance_table(reliances: Iterable[pb.Reliance]) -> Table:
    """Make a table with a line for each decision."""
    table = _table("decided (UTC)", "goods", "outcome", "on", "where", "arrival showed", "decision")
    for each in reliances:
        table.add_row(
            _short_time(each.decided_at.seconds),
            printable(_goods_named(each)),
            outcome_word(each.outcome),
            " ".join(each.partners),
            Text(*_GOODS.get(each.goods_state, ("not known", "yellow"))),
            Text(*_FINDINGS.get(each.finding, ("nothing yet", "dim"))),
            each.decision_id,
        )
    return table


def recall_table(found: Iterable[recalls.Recall]) -> Table:
    """Make a table with a line for each recall."""
    table = _table("since (UTC)", "recall", "who", "why", "state", "decisions", "not released", "answer by")
    for each in found:
        due = _short_time(each.ack_required_by.seconds) if each.HasField("ack_required_by") else ""
        table.add_row(
            _short_time(each.at.seconds) if each.HasField("at") else "",
            printable(each.recall_id),
            _by(each),
            short(each, "cause"),
            Text(*_STATES.get(each.state, ("would be", "dim"))),
            *_reached(each),
            due,
        )
    return table


def _by(recall: recalls.Recall) -> str:
    """Say how this node came to a recall, and whose word it is where it is a partner's."""
    partner = "" if recall.origin == recalls.RECALL_ORIGIN_DECLARED else recall.issuer
    return printable(f"{_ORIGINS.get(recall.origin, '')} {partner}".rstrip())


def _reached(recall: recalls.Recall) -> tuple[str, Text]:
    """Say how many decisions a recall reaches; those on one of our own are the partners', and they know of them."""
    if recall.origin == recalls.RECALL_ORIGIN_DECLARED:
        return "partners'", Text("")
    return f"{recall.decisions:,}", Text(f"{recall.not_released:,}", "red" if recall.not_released else "")


def party_table(parties: Iterable[recalls.RecallParty]) -> Table:
    """Make a table with a line for each partner of a recall."""
    table = _table("partner", "answered (UTC)", "complete", "findings")
    for each in parties:
        answered = _short_time(each.answered_at.seconds) if each.HasField("answered_at") else "not yet"
        if each.unreachable:
            answered = "no agreement lets recalls go there: tell it by another way"
        goods = Counter(_GOODS.get(found.goods_state, ("not known", ""))[0] for found in each.findings)
        found = ", ".join(f"{count:,} {where}" for where, count in sorted(goods.items()))
        table.add_row(each.partner, answered, "✓" if each.complete else "", found)
    return table


def suspension_table(suspensions: Iterable[service.Suspension]) -> Table:
    """Make a table with a line for each suspension of reliance."""
    table = _table("from (UTC)", "until", "of", "why", "by", "suspension")
    for each in suspensions:
        until = _short_time(each.until.seconds) if each.HasField("until") else "until lifted"
        if each.HasField("lifted_at"):
            until = f"lifted {_short_time(each.lifted_at.seconds)}"
        table.add_row(
            _short_time(getattr(each, "from").seconds),
            until,
            printable(_scope_words(each.scope)),
            printable(each.reason),
            printable(each.by),
            each.suspension_id,
            style="dim" if each.HasField("lifted_at") else "",
        )
    return table


def _scope_words(scope: pb.SuspensionScope) -> str:
    parts = (
        ("", scope.partner),
        ("office ", scope.office),
        ("device ", scope.equipment_id),
        ("", scope.kind.replace("_", " ")),
        ("for ", short(scope, "threat")),
        ("loaded at ", scope.loaded_at),
        ("discharged at ", scope.discharged_at),
        ("done from ", when(scope.done_from.seconds) if scope.HasField("done_from") else ""),
        ("done before ", when(scope.done_until.seconds) if scope.HasField("done_until") else ""),
    )
    return ", ".join(f"{word}{value}" for word, value in parts if value)


def _goods_named(reliance: pb.Reliance) -> str:
    goods = reliance.consignment
    documents = (document.number for document in goods.transport_documents)
    return " ".join(goods.container_numbers) or " ".join(documents) or goods.ucr or goods.mrn


def _short_time(seconds: int) -> str:
    return when(seconds).removesuffix(" UTC")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
