"""Nodes of tests that misbehave."""

from __future__ import annotations

from gateway import config
from gateway.app import Collaborators
from gateway.clocks.system import SystemClock
from mock_partners.behaviours import Own, dress, parse
from tests.nodes import Home


def leaking(home: Home) -> Collaborators:
    """Give the collaborators of a node that releases whole bodies."""
    return dress([parse("leak-field")], Own(config.load(home.path), home.path, clock=SystemClock()))
