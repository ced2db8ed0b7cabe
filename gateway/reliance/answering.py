"""What is told of the goods that a recall reaches: what somebody says now, else what the ledger knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.errors import Absent, StepNotPossible
from gateway.ports.ledger import Goods, LedgerLine
from mutualrecognition.national.v1.reliance_pb2 import ArrivalReport
from mutualrecognition.records.v1 import recall_answer_pb2 as pb

GOODS_STATES: Final = {
    Goods.UNKNOWN: pb.GOODS_STATE_UNSPECIFIED,
    Goods.NOT_ARRIVED: pb.GOODS_STATE_NOT_ARRIVED,
    Goods.HELD: pb.GOODS_STATE_HELD,
    Goods.RELEASED: pb.GOODS_STATE_RELEASED,
}


def findings_known(
    reached: Iterable[LedgerLine], said: Iterable[pb.RecallFinding], *, complete: bool
) -> Sequence[pb.RecallFinding]:
    """Give a finding for each decision that a recall reaches and of which something is known, in the order given.

    Raises:
        Absent: something is said of a decision that the recall does not reach.
        StepNotPossible: the answer is to be the last one, and of some goods nobody has said where they are.
    """
    by_decision = {each.decision_id: each for each in said}
    found: list[pb.RecallFinding] = []
    missing: list[str] = []
    for line in reached:
        given = by_decision.pop(line.decision_id, None)
        if given is not None:
            found.append(given)
        elif line.goods is not Goods.UNKNOWN:
            found.append(_known(line))
        else:
            missing.append(line.decision_id)
    if by_decision:
        raise Absent(f"The recall reaches no decision {min(by_decision)}: leave it out.")
    if complete and missing:
        raise StepNotPossible(
            f"Nobody has said where the goods of {len(missing)} decisions are, {missing[0]} the first of them: "
            "note it, or say it in the answer, or leave the answer incomplete."
        )
    return found


def _known(line: LedgerLine) -> pb.RecallFinding:
    report = ArrivalReport.FromString(line.report)
    return pb.RecallFinding(
        decision_id=line.decision_id,
        goods_state=GOODS_STATES[line.goods],
        checks_done=report.checks_done,
        conclusion=report.conclusion,
    )
