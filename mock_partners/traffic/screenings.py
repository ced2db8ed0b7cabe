"""Made-up results of risk assessments: nearly all without a sign of anything."""

from __future__ import annotations

from random import Random

from mock_partners.traffic.consignments import Consignment, Json, moment

_SETS_OF_THREATS = (
    ("THREAT_EXPLOSIVES_IED", "THREAT_RADIOLOGICAL_NUCLEAR"),
    ("THREAT_EXPLOSIVES_IED", "THREAT_RADIOLOGICAL_NUCLEAR", "THREAT_NARCOTICS"),
    ("THREAT_EXPLOSIVES_IED", "THREAT_WEAPONS", "THREAT_DUAL_USE", "THREAT_NARCOTICS"),
)
_RANK = ("THREAT_LEVEL_NONE", "THREAT_LEVEL_LOW", "THREAT_LEVEL_MEDIUM", "THREAT_LEVEL_HIGH")
_ADVICE = (
    "RECOMMENDATION_NO_ACTION",
    "RECOMMENDATION_DOC_CHECK",
    "RECOMMENDATION_NII",
    "RECOMMENDATION_PHYSICAL",
)


def screening_result(chance: Random, goods: Consignment) -> Json:
    """Make the result of one assessment of these goods, done before loading."""
    levels = {
        threat: chance.choices(range(4), weights=(905, 70, 20, 5))[0] for threat in chance.choice(_SETS_OF_THREATS)
    }
    complete = chance.random() < 0.94
    result: Json = {
        "consignment": goods.reference,
        "performed_at": moment(goods.at),
        "stage": chance.choices(("SCREENING_STAGE_PRE_LOAD", "SCREENING_STAGE_EXPORT"), weights=(88, 12))[0],
        "data_completeness": "DATA_COMPLETENESS_COMPLETE" if complete else "DATA_COMPLETENESS_PARTIAL",
        "assessments": [{"threat": threat, "level": _RANK[level]} for threat, level in levels.items()],
        "recommendation": _ADVICE[max(levels.values())],
        "rule_set_version": f"{goods.issuer}-2026-{goods.at // 604_800 % 53:02d}",
    }
    if not complete:
        result["missing_elements"] = [chance.choice(("R014", "137", "145", "L010"))]
    return result
