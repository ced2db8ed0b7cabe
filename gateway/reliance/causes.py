"""Why decisions must be looked at again, found in the records themselves, whoever says it or not.

A record that is withdrawn or corrected no longer says what was relied on. A standing that does not count for security
from a moment in the past takes the decisions made since with it. What came before in the same succession is reached
too: a decision may have stood on an earlier form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.ports.ledger import Reach
from gateway.views.keys import GROUNDS
from gateway.views.operators import FOR_SECURITY
from gateway.views.steps import Saying
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.recall_pb2 import (
    RECALL_CAUSE_OPERATOR_SUSPENDED,
    RECALL_CAUSE_RECORD_CORRECTED,
    RECALL_CAUSE_RECORD_WITHDRAWN,
    RecallCause,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason, said by a record, and which decisions it reaches.

    ``went_to`` has the partners to whom each record went that it reaches.
    """

    said_by: Saying
    cause: RecallCause.ValueType
    reach: Reach
    went_to: Mapping[str, frozenset[str]]


def bears_on_reliance(saying: Saying) -> bool:
    """Tell whether a record can be a cause at all, before anything else is read."""
    if saying.stored.kind == "aeo_status":
        return not counts_for_security(saying.record.aeo_status)
    return bool(saying.record.header.supersedes) and saying.stored.kind in GROUNDS


def cause_of(saying: Saying, earlier: Sequence[Saying]) -> Cause | None:
    """Give the cause that a record is, if it is one.

    ``earlier`` are the statements that it takes the place of, over however many steps; for a standing, every one of the
    same issuer on the same operator.
    """
    went_to = {each.record_id: frozenset(to.partner for to in each.stored.deliveries) for each in earlier}
    went_to.pop(saying.record_id, None)
    if not went_to or not bears_on_reliance(saying):
        return None
    cause, decided_from = RECALL_CAUSE_RECORD_CORRECTED, 0
    if saying.stored.kind == "withdrawal":
        cause = RECALL_CAUSE_RECORD_WITHDRAWN
    elif saying.stored.kind == "aeo_status":
        cause, decided_from = RECALL_CAUSE_OPERATOR_SUSPENDED, effective_at(saying)
    reach = Reach(records=frozenset(went_to), issuer=saying.stored.whose, decided_from=decided_from)
    return Cause(saying, cause, reach, went_to)


def counts_for_security(status: aeo.AeoStatus) -> bool:
    """Tell whether a standing could carry a decision: certified, for security, with consent."""
    return (
        status.status == aeo.AEO_STATE_CERTIFIED
        and status.scope in FOR_SECURITY
        and not status.consent.HasField("withdrawn_at")
    )


def effective_at(saying: Saying) -> int:
    """Give from when a standing holds; a tombstone from when consent was withdrawn."""
    status = saying.record.aeo_status
    if status.consent.HasField("withdrawn_at"):
        return status.consent.withdrawn_at.seconds
    return status.effective_at.seconds if status.HasField("effective_at") else saying.at


def operators_in(sayings: Iterable[Saying]) -> frozenset[str]:
    """Give the operators of which standings speak."""
    return frozenset(each.record.aeo_status.tin for each in sayings if each.stored.kind == "aeo_status")
