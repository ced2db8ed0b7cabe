"""A whole node in this process, and its national API."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import config
from gateway.app import open_node
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from tests import nodes


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> nodes.Home:
    return nodes.pair(tmp_path_factory.mktemp("founded"))[0]


@pytest.fixture
async def cn(founded: nodes.Home, tmp_path: Path) -> AsyncIterator[nodes.Home]:
    """CN, whose partner NL does not run; a fresh copy for each test."""
    home = replace(founded, path=Path(shutil.copytree(founded.path, tmp_path / "cn")))
    async with open_node(config.load(home.path), home.path):
        yield home


@pytest.fixture
async def records(cn: nodes.Home) -> AsyncIterator[RecordsServiceStub]:
    async with nodes.records_of(cn) as stub:
        yield stub
