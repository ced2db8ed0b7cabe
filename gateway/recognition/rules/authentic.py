"""Rule 4: authentic and current: proven by a key that counted, by an issuer that is covered, the last word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.recognition.bases import Claim
from gateway.recognition.facts import Facts
from gateway.recognition.reasons import Reason
from gateway.recognition.results import Objection, fail
from gateway.recognition.stated import OF_OPERATORS, Stated
from mutualrecognition.records.v1.alert_pb2 import ALERT_TYPE_RECORD_WITHDRAWN

_USABLE: Final = frozenset({"", "ACCEPTED"})


def of_claim(facts: Facts, claim: Claim) -> Sequence[Objection]:
    """Look at the record, at the mapping that matched its operator, and at what is held about that operator."""
    objections = []
    if claim.policy is not None and not claim.policy.issues:
        objections.append(fail(Reason.ISSUER_NOT_COVERED, issuer=claim.issuer, agreement=claim.policy.reference))
    if claim.stated is not None:
        objections += _of_record(facts, claim.stated)
    if claim.standing is not None and claim.standing.mapping is not None:
        objections += _of_record(facts, claim.standing.mapping)
    if claim.standing is not None:
        objections += [
            fail(Reason.QUARANTINED, record=each.record_id, judgement="QUARANTINED")
            for each in facts.held
            if each.kind in OF_OPERATORS and each.body.tin == claim.standing.tin
        ]
    return objections


def _of_record(facts: Facts, stated: Stated) -> Iterator[Objection]:
    record = stated.record_id
    if stated.receipted_at is None or not stated.key_until:
        yield fail(Reason.NOT_PROVEN, record=record, partner=stated.partner)
    elif not stated.key_from <= stated.receipted_at < stated.key_until:
        yield fail(Reason.KEY_COMPROMISED, record=record, partner=stated.partner)
    if stated.judgement not in _USABLE:
        yield fail(Reason.QUARANTINED, record=record, judgement=stated.judgement)
    after = facts.succession.of(stated)
    if after is not None and stated.kind != "aeo_status":  # which standing holds, the fold of rule 10 says
        reason = Reason.WITHDRAWN if after.kind == "withdrawal" else Reason.SUPERSEDED
        yield fail(reason, record=record, by=after.record_id)
    for alert in facts.of("alert"):
        is_news = alert.body.type == ALERT_TYPE_RECORD_WITHDRAWN and alert.issuer == stated.issuer
        if is_news and record in alert.body.record_ids:
            yield fail(Reason.WITHDRAWN, record=record, by=alert.record_id)
