"""Addresses for nodes that are yet to be started: nobody else is given them meanwhile, the system's own calls neither."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli import addresses
from gateway.cli.addresses import BLOCK, Addresses, blocks_of_ports, free_addresses

TAKE_ONE = """
import sys
from gateway.cli.addresses import Addresses
print(*Addresses([range(int(sys.argv[1]), int(sys.argv[2]))]).take(1))
"""


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def block_of(address: str) -> range:
    return next(block for block in blocks_of_ports() if port_of(address) in block)


def in_another_process(block: range) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", TAKE_ONE, str(block.start), str(block.stop)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_no_process_is_given_what_another_has() -> None:
    with closing(Addresses()) as own:
        (address,) = own.take(1)
        other = in_another_process(block_of(address))
        assert other.stdout == ""
        assert "other demos or tests hold them all" in other.stderr


def test_others_may_have_them_afterwards() -> None:
    def given_again() -> bool:
        with closing(Addresses()) as own:
            (address,) = own.take(1)
        return in_another_process(block_of(address)).returncode == 0  # unless a third one was quicker

    assert any(given_again() for _ in range(5))


def test_each_is_given_once_and_a_port_with_a_listener_never() -> None:
    with closing(Addresses()) as own:
        (first,) = own.take(1)
        block = block_of(first)
        with socket.create_server(("127.0.0.1", port_of(first) + 1)):
            (third,) = own.take(1)
        assert port_of(third) == port_of(first) + 2
        rest = own.take(BLOCK)
        assert len({first, third, *rest}) == BLOCK + 2
        assert {port_of(each) for each in rest} - set(block)


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("32768\t60999\n", 27_000, 65_535),
        ("49152 65535", 27_000, 49_151),
        ("1024 65000", 65_001, 65_535),
        (None, 27_000, 32_767),
    ],
)
def test_what_the_system_gives_away_is_left_alone(
    told: str | None, least: int, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "range"
    if told is not None:
        file.write_text(told, "ascii")
    monkeypatch.setattr(addresses, "_SYSTEM", file)
    ports = {port for block in blocks_of_ports() for port in block}
    assert least <= min(ports) < least + BLOCK
    assert most - BLOCK < max(ports) <= most
    low, high = (int(each) for each in (told or "32768 65535").split())
    assert not ports & set(range(low, high + 1))


def test_a_system_that_leaves_nothing_alone_is_lived_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "range"
    file.write_text("1024 65535", "ascii")
    monkeypatch.setattr(addresses, "_SYSTEM", file)
    assert blocks_of_ports()[0].start == 27_000


def test_a_process_has_its_own_until_it_ends() -> None:
    one, other = free_addresses(2)
    assert one != other
    assert in_another_process(block_of(one)).returncode != 0
