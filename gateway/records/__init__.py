"""What is said: the kinds of record, how they are read, and the rules that they keep.

Everything here is pure: no clock, no store, no network. The same functions run when a record is submitted and when it
arrives, so an issuer learns at once what its partner would object to.
"""

from __future__ import annotations

from gateway.records.kinds import KINDS, kind_of, subject_key
from gateway.records.oddities import warnings
from gateway.records.parsing import MAX_RECORD_BYTES, parse
from gateway.records.rules import check
from gateway.records.selection import EVERYTHING, FieldSelection, select_fields
from gateway.records.succession import check_succession
from gateway.records.timing import check_time

__all__ = [
    "EVERYTHING",
    "KINDS",
    "MAX_RECORD_BYTES",
    "FieldSelection",
    "check",
    "check_succession",
    "check_time",
    "kind_of",
    "parse",
    "select_fields",
    "subject_key",
    "warnings",
]
