"""What holds for every test: TLS 1.3 alone, no deadlines in properties, and who of two processes runs which tests."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

import gateway.rpc  # noqa: F401  before gRPC, as in every node: it tells gRPC which TLS there is

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("house")

ROOMS_THAT_SHARE = ("tests/faults", "tests/network", "tests/rogue")
"""Their files share nodes and networks that are dear to make."""

ROOMS_OF_LONG_TESTS = ("tests/planted", "tests/simulation")
"""Their tests share nothing, and each takes so long that a file would keep one worker busy to the end."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Give a whole file to one worker of pytest-xdist, or a whole room: what its tests share is then made once."""
    return FilesAndRooms(config, log)


class FilesAndRooms(LoadScopeScheduling):
    """Files in their order: rooms with nodes come before the many small tests, which fill what time is left."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        room = "/".join(file.split("/")[:2])
        if room in ROOMS_OF_LONG_TESTS:
            return nodeid
        return room if room in ROOMS_THAT_SHARE else file
