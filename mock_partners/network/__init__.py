"""Networks of mock partners: real nodes of several administrations, their agreements, and traffic between them.

The order of a network: ``topology`` says who has an agreement with whom, ``staging.homes`` lays out each member,
``lines`` stand between every two that can be cut from each other, ``staging.nodes`` opens the nodes, ``member`` is one
of them as its own systems see it, ``quiet`` waits until nothing is under way, and ``network`` puts them together.

``./run mock up`` does the same with traffic: ``plan`` says what is wanted, a ``share`` is what one process runs of it,
each member with its ``national_system``, a ``crew`` is all processes, ``running`` opens and ends a network,
``performing`` and ``view`` tell of it. ``joining`` is one member alone against somebody's real gateway.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mock_partners.network.member import Credentials, Member
    from mock_partners.network.network import MockNetwork
    from mock_partners.network.quiet import Unsettled
    from mock_partners.network.topology import NetworkInvalid
    from mock_partners.staging.nodes import NothingCame

__all__ = ["Credentials", "Member", "MockNetwork", "NetworkInvalid", "NothingCame", "Unsettled"]

_FROM: Final = {
    "Credentials": "mock_partners.network.member",
    "Member": "mock_partners.network.member",
    "MockNetwork": "mock_partners.network.network",
    "NetworkInvalid": "mock_partners.network.topology",
    "NothingCame": "mock_partners.staging.nodes",
    "Unsettled": "mock_partners.network.quiet",
}


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for: a command's ``--help`` needs no gateway (PEP 562)."""
    if name not in _FROM:
        raise AttributeError(name)
    return getattr(import_module(_FROM[name]), name)
