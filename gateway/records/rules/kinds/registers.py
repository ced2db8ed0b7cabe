"""Rules of what an administration keeps in registers: its equipment, and its operators' numbers elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds, Rule, calendar_day
from gateway.records.rules.kinds.inspection_outcome import NO_CONTROL_OF_GOODS
from mutualrecognition.records.v1.equipment_pb2 import Equipment
from mutualrecognition.records.v1.identifier_mapping_pb2 import IdentifierMapping
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_NII_XRAY


def controls_with_it(equipment: Equipment) -> bool:
    """Nobody needs equipment to do nothing."""
    return not equipment.method or equipment.method not in NO_CONTROL_OF_GOODS


def xray_fits(equipment: Equipment) -> bool:
    """Only x-ray equipment has x-ray parameters."""
    return not equipment.HasField("xray") or equipment.method == METHOD_KIND_NII_XRAY


def calibration_day_exists(equipment: Equipment) -> bool:
    """Calibration ends on a day of the calendar."""
    return calendar_day(equipment.calibrated_until)


def schemes_once(mapping: IdentifierMapping) -> bool:
    """An operator has one number in one scheme."""
    return len({local.scheme for local in mapping.local_ids}) == len(mapping.local_ids)


SAID: Mapping[str, Holds] = {
    "equipment.method": controls_with_it,
    "equipment.xray": xray_fits,
    "identifier_mapping.twice": schemes_once,
}

NAMED: Mapping[str, tuple[Rule, ...]] = {
    Equipment.DESCRIPTOR.full_name: (
        Rule(
            "equipment.no_such_day",
            "calibrated_until must be a day of the calendar.",
            calibration_day_exists,
            path="calibrated_until",
        ),
    ),
}
