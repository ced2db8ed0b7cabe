"""What gRPC is told of a server's certificate: something new, or that nothing is, but never the same again.

Each configuration that it is given replaces the former one, which another handshake may be using: the process ends
then, now and then (grpc/grpc issue 36693).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from certs.authority import Authority
from gateway.rpc.servers import TlsIdentity, server_credentials

AUTHORITY = Authority.create("customs.nl.example")
OTHER = Authority.create("customs.cn.example")


def identity() -> TlsIdentity:
    credential = AUTHORITY.issue_gateway()
    return TlsIdentity(credential.key_pem, credential.chain_pem)


@pytest.fixture
def fetchers(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    found: list[Callable[[], Any]] = []
    made = grpc.dynamic_ssl_server_credentials

    def make(first: Any, fetch: Callable[[], Any], **options: Any) -> Any:
        found.append(fetch)
        return made(first, fetch, **options)

    monkeypatch.setattr(grpc, "dynamic_ssl_server_credentials", make)
    return found


def test_as_long_as_nothing_changes_grpc_is_given_nothing(fetchers: list[Callable[[], Any]]) -> None:
    shown, anchors = identity(), [OTHER.anchor_der]
    server_credentials(lambda: shown, lambda: anchors)
    assert [fetchers[0]() for _ in range(3)] == [None, None, None]


@pytest.mark.parametrize("change", ["certificate", "anchors"])
def test_what_has_changed_is_given_once(change: str, fetchers: list[Callable[[], Any]]) -> None:
    shown, anchors = [identity()], [OTHER.anchor_der]
    server_credentials(lambda: shown[0], lambda: anchors)
    if change == "certificate":
        shown[0] = identity()
    else:
        anchors.append(AUTHORITY.anchor_der)
    assert fetchers[0]() is not None
    assert fetchers[0]() is None


def test_what_cannot_be_read_leaves_the_former_one_until_it_can(fetchers: list[Callable[[], Any]]) -> None:
    shown: list[TlsIdentity] = [identity()]
    server_credentials(lambda: shown[0], None)
    del shown[0]
    assert fetchers[0]() is None
    shown.append(identity())
    assert fetchers[0]() is not None
