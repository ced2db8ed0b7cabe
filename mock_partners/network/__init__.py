"""Networks of mock partners: real nodes of several administrations, their agreements, and traffic between them.

The order of a network: ``topology`` says who has an agreement with whom, ``staging.homes`` lays out each member,
``lines`` stand between every two that can be cut from each other, ``staging.nodes`` opens the nodes, ``member`` is one
of them as its own systems see it, ``quiet`` waits until nothing is under way, and ``network`` puts them together.
"""

from mock_partners.network.member import Credentials, Member
from mock_partners.network.network import MockNetwork
from mock_partners.network.quiet import Unsettled
from mock_partners.network.topology import NetworkInvalid
from mock_partners.staging.nodes import NothingCame

__all__ = ["Credentials", "Member", "MockNetwork", "NetworkInvalid", "NothingCame", "Unsettled"]
