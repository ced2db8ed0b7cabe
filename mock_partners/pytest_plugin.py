"""The pytest plugin ``mock_network``: partners for the tests of a national system (docs/clients.md).

It is there as soon as this package is installed, and imports nothing until a test asks for a network.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from mock_partners.hosting.network import MockNetwork, MockNetworks

MARKER: Final = "mock_network"
_GIVEN: Final = ("members", "topology", "behaviours")
_NETWORK: Final = pytest.StashKey["MockNetwork"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add where networks are kept."""
    parser.getgroup(MARKER, "mock partners").addoption(
        "--mock-network-place",
        metavar="DIR",
        type=Path,
        help="where the homes and the log of mock networks are, and stay (otherwise pytest's own temporary directory)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(members=('NL', 'CN'), topology='mesh', behaviours={{}}): the network that the fixture gives: whose"
        " gateways, who has an agreement with whom, and who misbehaves how, such as behaviours={'XA': ['fork']}",
    )


@pytest.fixture(scope="session")
def mock_networks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockNetworks]:
    """Open mock networks: ``with mock_networks.open(members=…) as network``, for fixtures of a wider scope."""
    from mock_partners.hosting.network import Host, MockNetworks  # noqa: PLC0415  light until it is needed

    place: Path = request.config.getoption("mock_network_place") or tmp_path_factory.mktemp(MARKER)
    place.mkdir(parents=True, exist_ok=True)
    with Host(place.absolute() / f"gateways-{os.getpid()}.log") as host:
        yield MockNetworks(host, place.absolute())


@pytest.fixture
def mock_network(request: pytest.FixtureRequest, mock_networks: MockNetworks) -> Iterator[MockNetwork]:
    """Give real gateways of several administrations, linked, for one test; the marker says which."""
    with mock_networks.open(**_asked(request.node.get_closest_marker(MARKER))) as network:
        request.node.stash[_NETWORK] = network
        yield network


def _asked(marker: pytest.Mark | None) -> dict[str, Any]:
    if marker is None:
        return {}
    unknown = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in _GIVEN)]
    if unknown:
        raise pytest.UsageError(f"mark {MARKER} takes {', '.join(f'{each}=…' for each in _GIVEN)}, not {unknown[0]}")
    return dict(marker.kwargs)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a test that fails what was seen on its network's links, and what its gateways have logged."""
    report = yield
    network = item.stash.get(_NETWORK, None)
    if network is not None and call.when == "call" and report.failed:
        report.sections.append(("mock network", network.told()))
    return report
