"""Every rule across fields, gathered from the modules of the kinds."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds, Rule
from gateway.records.rules.kinds import (
    aeo_status,
    alert,
    consignment_data,
    header,
    inspection_outcome,
    judgement,
    movement_event,
    record,
    registers,
    reliance,
    requests,
    screening_result,
    seal_event,
)

SAID: Mapping[str, Holds] = {
    **header.SAID,
    **aeo_status.SAID,
    **screening_result.SAID,
    **inspection_outcome.SAID,
    **judgement.SAID,
    **seal_event.SAID,
    **requests.SAID,
    **consignment_data.SAID,
    **reliance.SAID,
    **alert.SAID,
    **movement_event.SAID,
    **registers.SAID,
}
"""The functions that stand for the CEL annotations, by their names."""

NAMED: Mapping[str, tuple[Rule, ...]] = {
    **record.NAMED,
    **aeo_status.NAMED,
    **inspection_outcome.NAMED,
    **seal_event.NAMED,
    **registers.NAMED,
}
"""The rules that no annotation can say, by the full name of their message."""
