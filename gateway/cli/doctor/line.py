"""The way to one partner, step by step: its name, its port, TLS both ways, and whom it takes us for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import grpc
from grpc_health.v1 import health_pb2

from gateway.cli.doctor.finding import Finding, bad, good, look
from gateway.cli.doctor.home import own_refusal
from gateway.cli.doctor.probe import SECONDS, connect, probe_tls, resolve
from gateway.config import Config
from gateway.node_files import NodeFiles
from gateway.rpc.servers import pem_of
from gateway.rpc.status import reason_in
from gateway.trust.descriptors import Descriptor

_OPERATOR: Final = "This node's operator"


def look_at_line(config: Config, home: Path, own: Descriptor | None, partner: Descriptor) -> Iterator[Finding]:
    """Try every address of a partner, as the dialer would."""
    name = partner.administration
    if not partner.endpoints:
        yield look(f"{name} address", f"{name} has none: it dials us, and only it can look at that way.")
    for endpoint in partner.endpoints:
        yield from _endpoint(config, home, own, partner, endpoint)


def _endpoint(
    config: Config, home: Path, own: Descriptor | None, partner: Descriptor, endpoint: str
) -> Iterator[Finding]:
    name = partner.administration
    host, _, port = endpoint.rpartition(":")
    try:
        addresses = resolve(host.strip("[]"), int(port))
    except OSError as error:
        told = f"{host} has no address ({error.strerror}). {_OPERATOR}: does name resolution work here? Else {name}'s"
        yield bad(f"{name} name", f"{told} operator must publish a descriptor with the right address.")
        return
    yield good(f"{name} name", f"{host} is {', '.join(addresses)}")
    try:
        line = connect(host.strip("[]"), int(port))
    except OSError as error:
        told = f"{endpoint} does not answer ({error.strerror or error}). {name}'s operator: is the node running, is the"
        yield bad(f"{name} TCP", f"{told} port open? {_OPERATOR}: does a firewall here let connections out?")
        return
    yield good(f"{name} TCP", f"{endpoint} answers")
    shown = home / config.files.tls / NodeFiles(config, home).newest_gateway_name()
    with line:
        probed = probe_tls(line, partner, shown.with_suffix(".pem"), shown.with_suffix(".key"))
    here = probed.refused_here
    if here:
        yield bad(f"{name} TLS", f"We refuse its certificate: {here} {name}'s operator must mend it.")
    if probed.refused_there:
        told = f"{name} {probed.refused_there}. {_whose_fault(config, home, own, name)}"
        yield bad(f"{name} TLS", told)
    if not here and not probed.refused_there:
        yield good(f"{name} TLS", f"{probed.version}, both certificates hold")
        yield _identity(config, home, partner, endpoint)


def _whose_fault(config: Config, home: Path, own: Descriptor | None, name: str) -> str:
    """Say why our certificate is not taken, as far as this side can know: it checks it as the partner would."""
    identity = NodeFiles(config, home).newest_gateway_identity()
    if own is not None and (refusal := own_refusal(identity, own)):
        return f"Ours does not hold: {refusal} {_OPERATOR} must put another one in its place."
    return (
        f"Ours holds against our own descriptor, so {name} has no descriptor of this node, or an older one, or its "
        f"clock is wrong. {name}'s operator must look at that."
    )


def _identity(config: Config, home: Path, partner: Descriptor, endpoint: str) -> Finding:
    """Ask the partner's health service, which answers to partners alone, and read whom it takes us for."""
    name = partner.administration
    area = f"{name} identity"
    identity = NodeFiles(config, home).newest_gateway_identity()
    credentials = grpc.ssl_channel_credentials(pem_of(partner.anchors), identity.key, identity.chain)
    options = [("grpc.ssl_target_name_override", f"gateway.{partner.domain}")]
    with grpc.secure_channel(endpoint, credentials, options=options) as channel:
        try:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
        except grpc.RpcError as error:
            return _refused(area, name, error)
    return good(area, f"{name} takes us for a partner, {config.administration}")


def _refused(area: str, name: str, error: grpc.RpcError) -> Finding:
    reason, sentence = reason_in(error)
    if reason:
        return bad(area, f"{name} says {reason}: {sentence}")
    if isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNAUTHENTICATED:
        told = f"{name} takes us for a stranger, and tells strangers nothing. Its operator: is {name}'s copy of our"
        return bad(area, f"{told} descriptor there, and the newest? Its log has the reason, UNKNOWN_PEER.")
    return bad(area, f"{name} does not answer a call: {sentence or 'no reason given'}.")
