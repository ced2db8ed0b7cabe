"""The process that hosts mock networks: what it is asked in vain it says, and who no longer waits confuses nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_partners.hosting.network import Host, MockNetworkFailed, MockNetworks

pytestmark = pytest.mark.long


def test_a_network_that_cannot_be_is_refused_in_words_and_the_next_one_opens(tmp_path: Path) -> None:
    with Host(tmp_path / "log") as host:
        networks = MockNetworks(host, tmp_path / "networks")
        with pytest.raises(MockNetworkFailed, match="A network has two members at least"), networks.open(["NL"]):
            pass
        with networks.open(["NL", "CN"]) as one, networks.open(["NL", "CN"]) as other:
            assert one["NL"].address != other["NL"].address
            with pytest.raises(MockNetworkFailed, match=r"A bug of the mock network"):
                one.cut("NL", "US")
            one.quiet()


class Interrupted:
    def readline(self) -> str:
        raise KeyboardInterrupt


def test_whoever_is_interrupted_while_waiting_leaves_no_answer_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Host(tmp_path / "log") as host:
        with pytest.raises(MockNetworkFailed, match="KeyError"):
            host.ask("quiet", network=1)
        with monkeypatch.context() as waiting:
            waiting.setattr(host._process, "stdout", Interrupted())
            with pytest.raises(KeyboardInterrupt):
                host.ask("quiet", network=1)
        with pytest.raises(MockNetworkFailed, match="process has ended"):
            host.ask("quiet", network=1)
