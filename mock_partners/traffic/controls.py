"""Made-up outcomes of controls: mostly an x-ray that finds nothing."""

from __future__ import annotations

from base64 import b64encode
from random import Random
from typing import TypeVar

from mock_partners.traffic import numbers
from mock_partners.traffic.consignments import Consignment, Json, moment

Choice = TypeVar("Choice")

_METHODS = (
    (("xray",), 46),
    (("xray", "portal"), 34),
    (("portal",), 8),
    (("dog", "tailgate"), 5),
    (("xray", "partial"), 4),
    (("devan",), 3),
)
_CONCLUSIONS = (
    ("CONCLUSION_NO_DISCREPANCY", 930),
    ("CONCLUSION_MINOR_CORRECTED", 35),
    ("CONCLUSION_DISCREPANCY", 22),
    ("CONCLUSION_INCONCLUSIVE", 8),
    ("CONCLUSION_SEIZED_DETAINED", 5),
)
_DISCREPANCIES = (
    ("DISCREPANCY_CLASS_WEIGHT", "18240 kg", "18910 kg"),
    ("DISCREPANCY_CLASS_QUANTITY", "640 cartons", "652 cartons"),
    ("DISCREPANCY_CLASS_DESCRIPTION", "parts of lamps", "lamps, complete"),
    ("DISCREPANCY_CLASS_UNDECLARED_GOODS", "nothing", "40 cartons of footwear"),
)


def inspection_outcome(chance: Random, goods: Consignment, serial: int) -> Json:
    """Make the outcome of one control of these goods; ``serial`` makes its control_id unique."""
    began = goods.at
    methods = [_method(chance, goods, name) for name in _pick(chance, _METHODS)]
    conclusion = _pick(chance, _CONCLUSIONS)
    outcome: Json = {
        "control_id": f"{goods.corridor.origin}-2026-{serial:06d}",
        "consignment": goods.reference,
        "location": goods.terminal,
        "started_at": moment(began),
        "ended_at": moment(began + chance.randrange(180, 5400)),
        "reason": chance.choices(
            ("CONTROL_REASON_OWN_SELECTION", "CONTROL_REASON_RANDOM", "CONTROL_REASON_OTHER_AGENCY"),
            weights=(80, 14, 6),
        )[0],
        "methods": methods,
        "conclusion": conclusion,
        "seals_after": [_seal(chance, goods, container) for container in goods.containers],
        "officer_ref": f"officer-{chance.randrange(1000, 9999)}",
        "coverage": _coverage(methods),
    }
    if any("xray" in method for method in methods):
        outcome["evidence"] = [_image(chance)]
    if conclusion in ("CONCLUSION_MINOR_CORRECTED", "CONCLUSION_DISCREPANCY"):
        sort, declared, found = chance.choice(_DISCREPANCIES)
        outcome["discrepancies"] = [{"discrepancy_class": sort, "declared": declared, "found": found}]
    return outcome


def _method(chance: Random, goods: Consignment, name: str) -> Json:
    match name:
        case "xray":
            return {
                "kind": "METHOD_KIND_NII_XRAY",
                "standard": "IEC 62523",
                "equipment_id": f"{goods.corridor.origin}-XRAY-{chance.randrange(1, 5)}",
                "xray": {
                    "energy_mev": chance.choice((4.0, 6.0, 9.0)),
                    "energy_mode": "ENERGY_MODE_DUAL",
                    "penetration_mm_steel": chance.choice((280, 320, 400)),
                    "image_format": "UFF 2.0",
                },
            }
        case "portal":
            alarm = chance.choices(("RADIATION_ALARM_NONE", "RADIATION_ALARM_INNOCENT"), weights=(97, 3))[0]
            return {
                "kind": "METHOD_KIND_RAD_RPM",
                "standard": "IEC 62244",
                "equipment_id": f"{goods.corridor.origin}-RPM-{chance.randrange(1, 9)}",
                "radiation": {"alarm": alarm},
            }
        case "dog":
            return {"kind": "METHOD_KIND_K9", "dog_category": "narcotics"}
        case "tailgate":
            return {"kind": "METHOD_KIND_PHYS_TAILGATE"}
        case "partial":
            return {"kind": "METHOD_KIND_PHYS_PARTIAL", "percent": chance.choice((5, 10, 25))}
        case _:
            return {"kind": "METHOD_KIND_PHYS_FULL_DEVAN"}


def _image(chance: Random) -> Json:
    return {
        "sha256": b64encode(chance.randbytes(32)).decode(),
        "media_type": "application/octet-stream",
        "format": "UFF 2.0",
        "size": str(chance.randrange(2_000_000, 9_000_000)),
    }


def _coverage(methods: list[Json]) -> Json:
    percents = [method["percent"] for method in methods if "percent" in method]
    if percents and len(methods) == 1:
        return {"extent": "COVERAGE_EXTENT_PARTIAL", "percent": percents[0]}
    return {"extent": "COVERAGE_EXTENT_WHOLE_CONTAINER"}


def _seal(chance: Random, goods: Consignment, container: str) -> Json:
    return {
        "number": numbers.seal(chance, goods.issuer),
        "seal_class": "SEAL_CLASS_HIGH_SECURITY",
        "kind": "SEAL_KIND_MECHANICAL",
        "sealer": "SEALER_CUSTOMS",
        "container_number": container,
    }


def _pick(chance: Random, weighted: tuple[tuple[Choice, int], ...]) -> Choice:
    return chance.choices([each for each, _ in weighted], weights=[weight for _, weight in weighted])[0]
