"""Scenarios start nodes in the test's own process, quietly, with keys that are made once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
import structlog

from mock_partners.staging.homes import Homes


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with closing(Homes(tmp_path_factory.mktemp("homes"))) as made:
        yield made


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )
    yield
    structlog.configure(**before)
