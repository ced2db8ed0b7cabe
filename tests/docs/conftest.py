"""The project's root, and the protocol's page as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def protocol() -> str:
    return (ROOT / "docs" / "protocol.md").read_text("utf-8")
