"""Rules of an operator's standing: DOMAIN knowledge of AEO programmes, nothing of one country's."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds, Rule, calendar_day, in_order
from mutualrecognition.records.v1.aeo_status_pb2 import (
    AEO_STATE_REVOKED,
    AEO_STATE_SUSPENDED,
    AeoStatus,
    Consent,
)

_TOMBSTONE = frozenset({"tin", "consent"})
_NEEDS_REASON = frozenset({AEO_STATE_SUSPENDED, AEO_STATE_REVOKED})


def consent_withdrawn(status: AeoStatus) -> bool:
    """Tell whether this is the tombstone that ends the exchange of an operator's data."""
    return status.consent.HasField("withdrawn_at")


def nothing_beside_tombstone(status: AeoStatus) -> bool:
    """Once consent is withdrawn, nothing but the number and the withdrawal may leave the administration."""
    return not consent_withdrawn(status) or all(field.name in _TOMBSTONE for field, _ in status.ListFields())


def standing_complete(status: AeoStatus) -> bool:
    """A standing is worth nothing without state, scope, programme and the moment from which it holds."""
    if status.status and status.scope and status.programme and status.HasField("effective_at"):
        return True
    return consent_withdrawn(status)


def reason_stated(status: AeoStatus) -> bool:
    """Whoever takes a standing away says why, if only UNDER_INVESTIGATION."""
    return status.status not in _NEEDS_REASON or bool(status.status_reason)


def validity_order(status: AeoStatus) -> bool:
    """A certificate does not run out before the validation it rests on. ISO 8601 days compare as text."""
    return not status.validated_on or not status.valid_until or status.validated_on <= status.valid_until


def consent_order(consent: Consent) -> bool:
    """Consent is withdrawn after it was given."""
    if not (consent.HasField("given_at") and consent.HasField("withdrawn_at")):
        return True
    return in_order(consent.given_at, consent.withdrawn_at)


def days_exist(status: AeoStatus) -> bool:
    """Both days are days of the calendar."""
    return calendar_day(status.validated_on) and calendar_day(status.valid_until)


SAID: Mapping[str, Holds] = {
    "aeo_status.tombstone_only": nothing_beside_tombstone,
    "aeo_status.standing_incomplete": standing_complete,
    "aeo_status.reason_missing": reason_stated,
    "aeo_status.validity_order": validity_order,
    "consent.order": consent_order,
}

NAMED: Mapping[str, tuple[Rule, ...]] = {
    AeoStatus.DESCRIPTOR.full_name: (
        Rule("aeo_status.no_such_day", "validated_on and valid_until must be days of the calendar.", days_exist),
    ),
}
