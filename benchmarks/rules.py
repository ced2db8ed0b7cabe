"""The rules' share of a record's path, in this process: ``records.check``, which each side runs once a record."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.sample import Samples, one_of_each_kind
from gateway import records

_TIMES = 2000
_PASSES = 5


def check_us() -> float:
    """Give the microseconds for the record of 1 KiB."""
    return _microseconds(Samples().completed().SerializeToString(), _TIMES)


def check_us_by_kind() -> dict[str, float]:
    """Give the microseconds for one record of each kind."""
    return {kind: _microseconds(record, _TIMES // 4) for kind, record in one_of_each_kind().items()}


def _microseconds(record: bytes, times: int) -> float:
    """Check records that were just parsed, as on the path: the second look at one costs less than the first."""

    def one_pass() -> float:
        parsed = [records.parse(record) for _ in range(times)]
        began = time.thread_time()
        for each in parsed:
            records.check(each)
        return (time.thread_time() - began) / times * 1e6

    return median(one_pass() for _ in range(_PASSES))
