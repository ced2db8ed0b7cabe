"""Partners that misbehave: real gateways with wrapped ports, and what they do by themselves while they run.

``parse`` reads ``NAME[:key=value,…][@FROM[-UNTIL]]``, ``dress`` gives the collaborators for ``gateway.app.open_node``,
``live`` lets behaviours act by themselves while the node runs. ``BEHAVIOURS`` has them all; what each does, and what an
honest node must do, stands in its class, and is what ``./run mock behaviours`` and docs/behaviours.md say. ``trace`` is
what was seen on the links.
"""

from mock_partners.behaviours.behaviour import Behaviour, Member, Own
from mock_partners.behaviours.dressing import dress, live
from mock_partners.behaviours.registry import BEHAVIOURS, parse
from mock_partners.behaviours.spec import SpecInvalid
from mock_partners.behaviours.trace import Event, Trace

__all__ = ["BEHAVIOURS", "Behaviour", "Event", "Member", "Own", "SpecInvalid", "Trace", "dress", "live", "parse"]
