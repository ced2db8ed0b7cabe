"""A foreign national result code enters only through a mapping, and "considered satisfactory" is never a control.

The mapping is the code list ``control_result``: scheme and code on the left, one of four readings on the right. A2 of
the transit procedure covers documentary control or no control at all, so it reads NO_PHYSICAL_CONTROL; A3 is a
simplified procedure without control.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import IdentifierInvalid
from gateway.records.codes import shipped
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1.inspection_outcome_pb2 import InspectionOutcome, NationalCode
from mutualrecognition.records.v1.method_pb2 import METHOD_KIND_DOC, METHOD_KIND_NO_PHYSICAL_CONTROL

_NO_CONTROL_OF_GOODS = frozenset({METHOD_KIND_DOC, METHOD_KIND_NO_PHYSICAL_CONTROL})
_ADVERSE = frozenset({outcomes.CONCLUSION_DISCREPANCY, outcomes.CONCLUSION_SEIZED_DETAINED})


class Reading(StrEnum):
    """What a national code says in the terms that partners share."""

    PHYSICAL_CONTROL = "PHYSICAL_CONTROL"
    NO_PHYSICAL_CONTROL = "NO_PHYSICAL_CONTROL"
    NOT_PERFORMED = "NOT_PERFORMED"
    DISCREPANCY = "DISCREPANCY"


def read_national_code(code: NationalCode) -> Reading:
    """Read a national code by the mapping; :class:`IdentifierInvalid` for one that it does not have."""
    known = shipped()["control_result"].codes.get(f"{code.scheme}:{code.code}")
    if known is None:
        raise IdentifierInvalid(f"The code {code.code} of {code.scheme} has no mapping, so it says nothing here.")
    return Reading(known.meaning)


def code_is_mapped(outcome: InspectionOutcome) -> bool:
    """Tell whether the outcome's national code, if it has one, can be read."""
    if not outcome.HasField("national_code"):
        return True
    try:
        read_national_code(outcome.national_code)
    except IdentifierInvalid:
        return False
    return True


def code_says_no_less(outcome: InspectionOutcome) -> bool:
    """Tell whether methods and conclusion claim no more than the national code that they were made from."""
    if not outcome.HasField("national_code") or not code_is_mapped(outcome):
        return True
    match read_national_code(outcome.national_code):
        case Reading.PHYSICAL_CONTROL:
            return outcome.conclusion != outcomes.CONCLUSION_NOT_PERFORMED
        case Reading.NO_PHYSICAL_CONTROL:
            return all(method.kind in _NO_CONTROL_OF_GOODS for method in outcome.methods)
        case Reading.NOT_PERFORMED:
            return outcome.conclusion == outcomes.CONCLUSION_NOT_PERFORMED
        case Reading.DISCREPANCY:
            return outcome.conclusion in _ADVERSE
