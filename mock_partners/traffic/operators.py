"""Made-up authorized operators: a small register for each administration, nearly all certified."""

from __future__ import annotations

from random import Random

from mock_partners.traffic import numbers
from mock_partners.traffic.consignments import FIRST_DAY, Json, moment

REGISTER_SIZE = 40
_PROGRAMMES = {"CN": "AEO Advanced Certified Enterprise", "NL": "AEO F", "US": "Supply chain security programme"}
_CITIES = {"CN": "Shenzhen", "NL": "Rotterdam", "US": "Long Beach"}
_STATES = (
    ("AEO_STATE_CERTIFIED", None, 955),
    ("AEO_STATE_SUSPENDED", "AEO_REASON_UNDER_INVESTIGATION", 25),
    ("AEO_STATE_SUSPENDED", "AEO_REASON_SECURITY_BREACH", 8),
    ("AEO_STATE_REVOKED", "AEO_REASON_NOT_MEETING_CRITERIA", 6),
    ("AEO_STATE_EXPIRED", None, 6),
)
_ROLES = ("AEO_ROLE_EXPORTER", "AEO_ROLE_MANUFACTURER", "AEO_ROLE_FORWARDER", "AEO_ROLE_IMPORTER", "AEO_ROLE_CARRIER")


def make_register(chance: Random, issuer: str) -> tuple[str, ...]:
    """Make the numbers of an administration's operators."""
    return tuple(numbers.tin(chance, issuer) for _ in range(REGISTER_SIZE))


def aeo_status(chance: Random, issuer: str, trader: str) -> Json:
    """Make the standing of one operator."""
    state, reason, _ = chance.choices(_STATES, weights=[weight for *_, weight in _STATES])[0]
    year = chance.randrange(2023, 2026)
    status: Json = {
        "tin": trader,
        "certificate_number": f"{issuer}AEO{trader[-6:]}",
        "legal_name": f"Example Trading {numbers.reference(chance, 4)} (made up)",
        "address": {
            "street": f"Example road {chance.randrange(1, 400)}",
            "city": _CITIES.get(issuer, "Port town (made up)"),
            "country": issuer,
        },
        "roles": chance.sample(_ROLES, chance.randrange(1, 3)),
        "programme": _PROGRAMMES.get(issuer, "AEO (made up)"),
        "scope": chance.choices(("AEO_SCOPE_FULL", "AEO_SCOPE_SECURITY", "AEO_SCOPE_COMPLIANCE"), weights=(6, 3, 1))[0],
        "validation_mode": chance.choices(("VALIDATION_MODE_ON_SITE", "VALIDATION_MODE_REMOTE"), weights=(8, 2))[0],
        "validated_on": f"{year}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
        "valid_until": f"{year + 4}-12-31",
        "status": state,
        "effective_at": moment(FIRST_DAY - chance.randrange(90 * 86_400)),
    }
    if reason:
        status["status_reason"] = reason
    return status
