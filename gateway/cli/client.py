"""Calls to a running node, with the credentials that ``gateway init`` made for the client ``local``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc

from gateway.cli.called_node import called_node
from gateway.cli.framing import calling_client
from gateway.errors import ConfigurationInvalid
from mutualrecognition.national.v1.operators_service_pb2_grpc import OperatorsServiceStub
from mutualrecognition.national.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub
from mutualrecognition.operations.v1.incidents_service_pb2_grpc import IncidentsServiceStub
from mutualrecognition.operations.v1.keys_service_pb2_grpc import KeysServiceStub
from mutualrecognition.operations.v1.links_service_pb2_grpc import LinksServiceStub, TrustServiceStub
from mutualrecognition.operations.v1.offers_service_pb2_grpc import OffersServiceStub
from mutualrecognition.operations.v1.proposals_service_pb2_grpc import ProposalsServiceStub

LOCAL_CLIENT: Final = "local"
CREDENTIAL: Final = "client"
TOKEN_FILE: Final = "token"  # noqa: S105  a file's name
CALL_SECONDS: Final = 30.0
"""How long an ordinary call may take."""

_MESSAGE_BYTES: Final = 5 * 1024 * 1024
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 15_000),
    ("grpc.keepalive_timeout_ms", 8_000),
]


@contextmanager
def national(home: Path) -> Iterator[RecordsServiceStub]:
    """Open the national port of the node at ``home``."""
    with national_channel(home) as channel:
        yield RecordsServiceStub(channel)


@contextmanager
def register(home: Path) -> Iterator[OperatorsServiceStub]:
    """Open the register of operators at the national port of the node at ``home``."""
    with national_channel(home) as channel:
        yield OperatorsServiceStub(channel)


@contextmanager
def recognition(home: Path) -> Iterator[RecognitionServiceStub]:
    """Open what is decided at the national port of the node at ``home``."""
    with national_channel(home) as channel:
        yield RecognitionServiceStub(channel)


@contextmanager
def national_channel(home: Path) -> Iterator[grpc.Channel]:
    """Open a channel to the national port of the node at ``home``."""
    node = called_node(home)
    with _channel(home, node.national, with_token=node.by_token) as channel:
        yield channel


@contextmanager
def keys(home: Path) -> Iterator[KeysServiceStub]:
    """Open the node's own keys at the operations port of the node at ``home``."""
    with operations_channel(home) as channel:
        yield KeysServiceStub(channel)


@contextmanager
def operations(home: Path) -> Iterator[tuple[LinksServiceStub, TrustServiceStub]]:
    """Open the operations port of the node at ``home``."""
    with operations_channel(home) as channel:
        yield LinksServiceStub(channel), TrustServiceStub(channel)


@contextmanager
def offers(home: Path) -> Iterator[OffersServiceStub]:
    """Open what waits for officers at the operations port of the node at ``home``."""
    with operations_channel(home) as channel:
        yield OffersServiceStub(channel)


@contextmanager
def incidents(home: Path) -> Iterator[IncidentsServiceStub]:
    """Open what links were suspended for at the operations port of the node at ``home``."""
    with operations_channel(home) as channel:
        yield IncidentsServiceStub(channel)


@contextmanager
def operations_channel(home: Path) -> Iterator[grpc.Channel]:
    """Open a channel to the operations port of the node at ``home``."""
    with _channel(home, called_node(home).operations, with_token=False) as channel:
        yield channel


@contextmanager
def proposals(home: Path) -> Iterator[ProposalsServiceStub]:
    """Open what officers propose at the operations port of the node at ``home``."""
    with operations_channel(home) as channel:
        yield ProposalsServiceStub(channel)


@contextmanager
def _channel(home: Path, listen: str, *, with_token: bool) -> Iterator[grpc.Channel]:
    client = calling_client(LOCAL_CLIENT)
    directory = home / "clients" / client
    roots = _read(directory / "ca.pem")
    if with_token:
        token = _read(directory / TOKEN_FILE).decode().strip()
        credentials = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(roots), grpc.access_token_call_credentials(token)
        )
    else:
        key, chain = _read(directory / f"{CREDENTIAL}.key"), _read(directory / f"{CREDENTIAL}.pem")
        credentials = grpc.ssl_channel_credentials(roots, key, chain)
    options = [*_OPTIONS, ("grpc.ssl_target_name_override", "localhost")]
    address = _reachable(listen)
    with grpc.secure_channel(address, credentials, options=options) as channel:
        try:
            yield channel
        except grpc.RpcError as error:
            if not _said_nothing(error):
                raise
            from gateway.cli.unanswered import why_unanswered  # noqa: PLC0415  only when it is needed

            raise why_unanswered(address, directory, by_token=with_token) from error


def _said_nothing(error: grpc.RpcError) -> bool:
    """Whether the call failed on its way, before a node had a word."""
    from gateway.rpc.status import reason_in  # noqa: PLC0415  only when it is needed

    return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNAVAILABLE and not reason_in(error)[0]


def _reachable(listen: str) -> str:
    """Turn an address to listen on into one to call from this machine."""
    host, _, port = listen.rpartition(":")
    return f"{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"  # noqa: S104  not bound here


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationInvalid(
            f"There is no {path}: the commands call a node with the credentials of a client, '{LOCAL_CLIENT}' unless "
            "--client names another. 'gateway init' makes them outside production."
        ) from None
