"""Every rule across fields, gathered from the modules of the kinds."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds, Rule
from gateway.records.rules.kinds import aeo_status, header, inspection_outcome, judgement, record, screening_result

SAID: Mapping[str, Holds] = {
    **header.SAID,
    **aeo_status.SAID,
    **screening_result.SAID,
    **inspection_outcome.SAID,
    **judgement.SAID,
}
"""The functions that stand for the CEL annotations, by their names."""

NAMED: Mapping[str, tuple[Rule, ...]] = {**record.NAMED, **aeo_status.NAMED}
"""The rules that no annotation can say, by the full name of their message."""
