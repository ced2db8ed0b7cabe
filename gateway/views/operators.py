"""What administrations say of an operator: a fold of its ``aeo_status`` records (SAFE Framework, pillar 2).

One rule tells which statement is in force at a moment: of those that take effect by then and were not corrected,
withdrawn or ended by a later standing in force, the one that took effect last. A statement that supersedes one with
the same status and certificate *corrects* it: the earlier one never held. One with another status *follows* it: the
earlier one held until then. Nothing depends on the order in which the statements arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Final

from gateway.ports.links import Direction
from gateway.ports.records import StoredRecord
from gateway.views.consent import PERSONAL
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record

FOR_SECURITY: Final = frozenset({aeo.AEO_SCOPE_SECURITY, aeo.AEO_SCOPE_FULL})
_READ: Final = frozenset({"aeo_status", "withdrawal"})
_NOTHING: Final[Mapping[tuple[str, str, str], int]] = {}
_BENEFITS_END: Final = frozenset(
    {
        aeo.AEO_STATE_SUSPENDED,
        aeo.AEO_STATE_REVOKED,
        aeo.AEO_STATE_WITHDRAWN_BY_OPERATOR,
        aeo.AEO_STATE_EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One record about an operator: a standing, a tombstone, or the withdrawal of either.

    Times are POSIX seconds. ``known_at`` is when this node had it; for an own statement, when it was issued.
    ``withdraws`` tells a withdrawal, which says nothing but ``supersedes``. ``consent_withdrawn_at`` tells a tombstone.
    """

    record_id: str
    issuer: str
    tin: str
    supersedes: str
    issued_at: int
    known_at: int
    received: bool
    withdraws: bool
    status: int
    reason: int
    scope: int
    certificate: str
    valid_until: str
    effective_at: int
    effective_to: int | None
    consent_given_at: int | None
    consent_withdrawn_at: int | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One standing and until when it held. ``until`` None: it still holds, or never did (``fate`` says which)."""

    statement: Statement
    until: int | None
    fate: str
    """``IN_FORCE``, ``ENDED``, ``TO_COME``, ``CORRECTED`` or ``WITHDRAWN``."""
    by: str
    """The record_id that corrected, withdrew or ended it."""


@dataclass(frozen=True, slots=True)
class LateNotice:
    """A standing that ends benefits took effect before this side heard of it: what was decided between is reviewed."""

    record_id: str
    status: int
    effective_at: int
    known_at: int


@dataclass(frozen=True, slots=True)
class OperatorView:
    """What one administration says of one operator at a moment.

    With ``consent_withdrawn_at``, nothing but ``issuer``, ``tin`` and the tombstone is there; ``purged`` counts the
    statements that are no longer shown, then and after consent was given again; ``erased`` the records of the issuer on
    this operator, standings and mappings, whose content this node no longer has.
    """

    issuer: str
    tin: str
    at: int
    current: Statement | None
    good: bool
    why: str
    history: tuple[HistoryLine, ...]
    late: tuple[LateNotice, ...]
    consent_withdrawn_at: int | None
    purged: int
    erased: int


def read_statements(records: Iterable[StoredRecord]) -> list[Statement]:
    """Read the statements about operators among records, each once; a withdrawal counts for what it supersedes."""
    statements: dict[tuple[str, str], Statement] = {}
    for stored in records:
        if stored.kind in _READ and not stored.erased:
            said = _read(stored)
            statements.setdefault((said.issuer, said.record_id), said)
    return list(statements.values())


def operator_views(
    statements: Iterable[Statement], at: int, erased: Mapping[tuple[str, str, str], int] = _NOTHING
) -> tuple[OperatorView, ...]:
    """Tell what each issuer says of each operator at ``at``, in the order of issuer and TIN.

    ``erased`` counts records without content by issuer, TIN and kind.
    """
    standings: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    withdrawals: dict[tuple[str, str], Statement] = {}
    for each in sorted(statements, key=_issued):
        if each.withdraws:
            withdrawals[each.issuer, each.supersedes] = each
        else:
            standings[each.issuer, each.tin].append(each)
    views = (_view(standings[key], withdrawals, at) for key in sorted(standings))
    return tuple(_with_erased(view, erased) if erased else view for view in views)


def _with_erased(view: OperatorView, erased: Mapping[tuple[str, str, str], int]) -> OperatorView:
    standings, mappings = (erased.get((view.issuer, view.tin, kind), 0) for kind in sorted(PERSONAL))
    return replace(view, purged=view.purged + standings, erased=standings + mappings)


def _view(statements: list[Statement], withdrawals: dict[tuple[str, str], Statement], at: int) -> OperatorView:
    """Fold the statements of one issuer on one operator; they come in the order of their issue."""
    issuer, tin = statements[0].issuer, statements[0].tin
    stone = _last_tombstone(statements)
    since = [each for each in statements if each.consent_withdrawn_at is None and _consents(each, stone)]
    purged = sum(each.consent_withdrawn_at is None for each in statements) - len(since)
    if stone is not None and not since:
        why = "The operator withdrew its consent: no benefits, and nothing else of it is shown."
        return OperatorView(issuer, tin, at, stone, False, why, (), (), stone.consent_withdrawn_at, purged, 0)
    history = _history(since, withdrawals, at)
    current = next((line.statement for line in history if line.fate == "IN_FORCE"), None)
    good, why = _worth(current, at)
    return OperatorView(issuer, tin, at, current, good, why, history, _late(history), None, purged, 0)


def _last_tombstone(statements: Sequence[Statement]) -> Statement | None:
    """Give the tombstone that counts; nobody can withdraw one, since what was erased for it does not come back."""
    stones = [each for each in statements if each.consent_withdrawn_at is not None]
    return max(stones, key=lambda each: (each.consent_withdrawn_at, _issued(each)), default=None)


def _consents(statement: Statement, stone: Statement | None) -> bool:
    """Tell whether a statement may be shown: only consent that was given again undoes a tombstone, for what follows."""
    if stone is None:
        return True
    return (statement.consent_given_at or 0) > (stone.consent_withdrawn_at or 0)


def _history(
    statements: Sequence[Statement], withdrawals: dict[tuple[str, str], Statement], at: int
) -> tuple[HistoryLine, ...]:
    standing = [each for each in statements if (each.issuer, each.record_id) not in withdrawals]
    corrected = _corrections(standing)
    lines = _spans([each for each in standing if each.record_id not in corrected], at)
    for each in statements:
        withdrawn = withdrawals.get((each.issuer, each.record_id))
        if withdrawn is not None:
            lines.append(HistoryLine(each, None, "WITHDRAWN", withdrawn.record_id))
        elif each.record_id in corrected:
            lines.append(HistoryLine(each, None, "CORRECTED", corrected[each.record_id]))
    return tuple(sorted(lines, key=lambda line: _effect(line.statement)))


def _corrections(statements: Sequence[Statement]) -> dict[str, str]:
    """Give the statements that never held, with what took their place.

    That is one that says the same otherwise, or one that supersedes it, over however many steps, and took effect
    before it did.
    """
    by_id = {each.record_id: each for each in statements}
    corrected: dict[str, str] = {}
    for later in statements:
        earlier = by_id.get(later.supersedes)
        if earlier and (later.status, later.certificate) == (earlier.status, earlier.certificate):
            corrected[earlier.record_id] = later.record_id
        seen = {later.record_id}
        while earlier and earlier.record_id not in seen:
            if _effect(later) < _effect(earlier):
                corrected.setdefault(earlier.record_id, later.record_id)
            seen.add(earlier.record_id)
            earlier = by_id.get(earlier.supersedes)
    return corrected


def _spans(holding: Sequence[Statement], at: int) -> list[HistoryLine]:
    """Tell from when to when each statement holds: until the next one takes effect, or its own end."""
    in_order = sorted(holding, key=_effect)
    lines = []
    for each, following in zip_longest(in_order, in_order[1:]):
        until, by = (following.effective_at, following.record_id) if following else (None, "")
        if each.effective_to is not None and (until is None or each.effective_to <= until):
            until, by = each.effective_to, each.record_id
        lines.append(HistoryLine(each, until, _fate(each.effective_at, until, at), by))
    return lines


def _fate(begin: int, end: int | None, at: int) -> str:
    if begin > at:
        return "TO_COME"
    return "IN_FORCE" if end is None or at < end else "ENDED"


def _worth(current: Statement | None, at: int) -> tuple[bool, str]:
    """Say whether benefits for security may rest on a standing, and why."""
    if current is None:
        return False, "No standing is in force."
    state = aeo.AeoState.Name(current.status).removeprefix("AEO_STATE_")  # type: ignore[arg-type]
    if current.status != aeo.AEO_STATE_CERTIFIED:
        return False, f"The standing is {state}."
    if current.scope not in FOR_SECURITY:
        return False, "The certificate does not cover security."
    if current.valid_until and datetime.fromtimestamp(at, UTC).date().isoformat() > current.valid_until:
        return False, f"The certificate was valid until {current.valid_until}."
    return True, "Certified, and the certificate covers security."


def _late(history: Iterable[HistoryLine]) -> tuple[LateNotice, ...]:
    return tuple(
        LateNotice(
            line.statement.record_id, line.statement.status, line.statement.effective_at, line.statement.known_at
        )
        for line in history
        if line.fate in ("IN_FORCE", "ENDED")
        and line.statement.received
        and line.statement.status in _BENEFITS_END
        and line.statement.effective_at < line.statement.known_at
    )


def _issued(statement: Statement) -> tuple[int, str]:
    return statement.issued_at, statement.record_id


def _effect(statement: Statement) -> tuple[int, int, str]:
    return statement.effective_at, statement.issued_at, statement.record_id


def _read(stored: StoredRecord) -> Statement:
    record = Record.FromString(stored.record)
    header, body, consent = record.header, record.aeo_status, record.aeo_status.consent
    received = stored.direction is Direction.RECEIVED
    return Statement(
        record_id=header.record_id,
        issuer=header.issuer,
        tin=body.tin,
        supersedes=header.supersedes,
        issued_at=header.issued_at.seconds,
        known_at=stored.stored_at if received else header.issued_at.seconds,
        received=received,
        withdraws=stored.kind == "withdrawal",
        status=body.status,
        reason=body.status_reason,
        scope=body.scope,
        certificate=body.certificate_number,
        valid_until=body.valid_until,
        effective_at=body.effective_at.seconds if body.HasField("effective_at") else header.issued_at.seconds,
        effective_to=header.effective_to.seconds if header.HasField("effective_to") else None,
        consent_given_at=consent.given_at.seconds if consent.HasField("given_at") else None,
        consent_withdrawn_at=consent.withdrawn_at.seconds if consent.HasField("withdrawn_at") else None,
    )
