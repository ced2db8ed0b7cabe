"""One gateway, its honest partner and the rogues run in this process for all tests of a file, quietly."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog

from mock_partners.rogue.identity import NAMES
from mock_partners.trials.ground import Ground, open_ground
from mock_partners.trials.trial import Trial


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )
    yield
    structlog.configure(**before)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(_quiet: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path_factory.mktemp("ground"), NAMES) as opened:
        yield opened


@pytest.fixture(scope="module")
def trial(ground: Ground) -> Trial:
    return Trial(ground)
