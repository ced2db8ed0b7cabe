"""The operators of a question, with what administrations say of each: by TIN or signed mapping, never by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.recognition.question import DeclaredOperator, Question
from gateway.recognition.stated import Stated, Succession
from gateway.values import value
from gateway.views.operators import OperatorView, Statement, operator_views


@value(eq=False)
class Standing:
    """What one issuer says of one declared operator, now and when these goods were first heard of.

    ``issuer`` is empty when nobody says anything that can be matched to it. ``stated`` is the statement in force now,
    or the tombstone; ``mapping`` the signed mapping by which a national number was matched.
    """

    operator: DeclaredOperator
    issuer: str
    tin: str
    now: OperatorView | None
    then: OperatorView | None
    stated: Stated | None
    mapping: Stated | None


def standings(
    question: Question,
    by_kind: Mapping[str, Sequence[Stated]],
    succession: Succession,
    *,
    own: str,
    now: int,
    then: int,
) -> tuple[Standing, ...]:
    """Give the standings of every declared operator, in the order of the declaration."""
    said = [*by_kind.get("aeo_status", ()), *by_kind.get("withdrawal", ())]
    statements = [_statement(each) for each in said if each.issuer != own]
    at_now = operator_views(statements, now)
    at_then = {(view.issuer, view.tin): view for view in operator_views(statements, then)}
    by_id = {(each.issuer, each.record_id): each for each in by_kind.get("aeo_status", ())}
    mappings = _in_force(by_kind.get("identifier_mapping", ()), succession, now)
    found: list[Standing] = []
    for operator in question.operators:
        matched = list(_tins(operator, mappings))
        mine = [
            Standing(
                operator,
                view.issuer,
                view.tin,
                view,
                at_then.get((view.issuer, view.tin)),
                by_id.get((view.issuer, view.current.record_id)) if view.current else None,
                mapping,
            )
            for tin, mapping in matched
            for view in at_now
            if view.tin == tin and (mapping is None or mapping.issuer == view.issuer)
        ]
        found += mine or [Standing(operator, "", operator.tin, None, None, None, None)]
    return tuple(found)


def _tins(operator: DeclaredOperator, mappings: Iterable[Stated]) -> Iterator[tuple[str, Stated | None]]:
    if operator.tin:
        yield operator.tin, None
        return
    for each in mappings:
        if any((one.scheme, one.value) == (operator.scheme, operator.value) for one in each.body.local_ids):
            yield each.body.tin, each


def _in_force(mappings: Iterable[Stated], succession: Succession, now: int) -> list[Stated]:
    """Give the latest mapping of each issuer for each operator that holds now and was not ended."""
    latest: dict[tuple[str, str], Stated] = {}
    for each in mappings:  # in the order in which they take effect
        if each.partner and each.at <= now and succession.of(each) is None:
            latest[each.issuer, each.body.tin] = each
    return [each for _, each in sorted(latest.items()) if not each.body.ended]


def _statement(stated: Stated) -> Statement:
    if stated.kind == "withdrawal":
        return Statement(
            record_id=stated.record_id,
            issuer=stated.issuer,
            tin="",
            supersedes=stated.supersedes,
            issued_at=stated.issued_at,
            known_at=stated.receipted_at or stated.issued_at,
            received=bool(stated.partner),
            withdraws=True,
            status=0,
            reason=0,
            scope=0,
            certificate="",
            valid_until="",
            effective_at=stated.issued_at,
            effective_to=None,
            consent_given_at=None,
            consent_withdrawn_at=None,
        )
    body, consent = stated.body, stated.body.consent
    return Statement(
        record_id=stated.record_id,
        issuer=stated.issuer,
        tin=body.tin,
        supersedes=stated.supersedes,
        issued_at=stated.issued_at,
        known_at=stated.receipted_at or stated.issued_at,
        received=bool(stated.partner),
        withdraws=False,
        status=body.status,
        reason=body.status_reason,
        scope=body.scope,
        certificate=body.certificate_number,
        valid_until=body.valid_until,
        effective_at=stated.at if body.HasField("effective_at") else stated.issued_at,
        effective_to=stated.holds_until,
        consent_given_at=consent.given_at.seconds if consent.HasField("given_at") else None,
        consent_withdrawn_at=consent.withdrawn_at.seconds if consent.HasField("withdrawn_at") else None,
    )
