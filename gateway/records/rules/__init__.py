"""The rules of the records: read once at import, the same at the issuer and at the receiver."""

from __future__ import annotations

from itertools import islice
from typing import Final

from gateway.errors import Violation
from gateway.records.rules.annotations import AnnotationReader, MessageRules
from gateway.records.rules.explain import explain
from gateway.records.rules.kinds import NAMED, SAID
from gateway.records.rules.screen import ScreenBuilder
from mutualrecognition.records.v1.record_pb2 import Record

MOST_TOLD: Final = 64
"""As many as a judgement has room for. A record may break a hundred thousand, and others wait while they are told."""

RECORD_RULES: MessageRules = AnnotationReader(SAID, NAMED).read(Record.DESCRIPTOR)
_keeps_all = ScreenBuilder().build(RECORD_RULES)


def check(record: Record) -> tuple[Violation, ...]:
    """Tell the rules that ``record`` breaks, the first ``MOST_TOLD`` of them; empty when it keeps all.

    Looks at the record alone: no clock (:func:`gateway.records.timing.check_time`), no earlier record
    (:func:`gateway.records.succession.check_succession`), no agreement. Codes that no list here knows are no
    violation but a warning (:func:`gateway.records.warnings`).
    """
    return () if _keeps_all(record) else tuple(islice(explain(RECORD_RULES, record), MOST_TOLD))
