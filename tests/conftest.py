"""What holds for every test: TLS 1.3 alone, no deadlines in properties, and nodes are started by one worker only."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import gateway.rpc  # noqa: F401  before gRPC, as in every node: it tells gRPC which TLS there is

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("house")

NODES = Path(__file__).parent / "processes"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that start nodes together, on one worker of pytest-xdist."""
    for item in items:
        if NODES in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("nodes"))
