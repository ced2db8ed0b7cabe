"""The node itself, by its own word where it runs: what it is worried about, and how each link stands."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc

from gateway.cli.client import CALL_SECONDS, operations
from gateway.cli.doctor.finding import Finding, bad, good, look
from gateway.exchange.reasons import Afterwards, afterwards
from gateway.rpc.status import reason_in
from mutualrecognition.operations.v1 import links_service_pb2 as pb

_SLOW_SECONDS = 60
_CLOCK_LOOK, _CLOCK_BAD = 10, 300


def look_at_node(home: Path, partners: Sequence[str]) -> Iterator[Finding]:
    """Ask the node for itself and for the links with ``partners``; says so when it does not answer."""
    try:
        with operations(home) as (links, _):
            node = links.GetNode(pb.GetNodeRequest(), timeout=CALL_SECONDS)
            rows = links.ListLinks(pb.ListLinksRequest(), timeout=CALL_SECONDS).links
    except grpc.RpcError as error:
        _, sentence = reason_in(error)
        yield bad(
            "node", f"It has its store open and does not answer: {sentence}. This node's operator: look at its log."
        )
        return
    yield good("node", f"{node.administration} runs, version {node.version}, since {node.started_at.ToJsonString()}")
    for concern in node.concerns:
        yield (bad if concern.urgent else look)("soon", concern.sentence)
    for link in rows:
        if link.partner in partners:
            yield from look_at_link(link, now=int(time.time()))


def look_at_link(link: pb.Link, *, now: int) -> Iterator[Finding]:
    """Say how a link stands, by what the node tells of it."""
    partner = link.partner
    yield _state(link)
    if link.agreements_differing:
        yield bad(f"{partner} agreements", link.agreements_differing)
    elif link.state == pb.LINK_STATE_OPEN:
        yield good(f"{partner} agreements", "both sides hold the same")
    if link.state == pb.LINK_STATE_OPEN:
        yield _clock(partner, link.clock_offset_seconds)
    yield _positions(link, now)


def _state(link: pb.Link) -> Finding:
    area, partner = f"{link.partner} link", link.partner
    if link.state == pb.LINK_STATE_OPEN:
        return good(area, "open")
    why = f"{link.last_reason}: {link.last_detail}" if link.last_reason else "no session yet"
    if link.state == pb.LINK_STATE_SUSPENDED:
        return bad(area, f"suspended here, {why}. Settle it with {partner}, then: gateway links --resume {partner}")
    if link.last_reason and afterwards(link.last_reason) is Afterwards.BACK_OFF_UNTIL_MENDED:
        return bad(area, f"closed, {why}")
    return look(area, f"not open now, {why}")


def _clock(partner: str, offset: int) -> Finding:
    area = f"{partner} clock"
    ahead = f"{partner}'s clock is {abs(offset)} s {'ahead of' if offset > 0 else 'behind'} ours"
    if abs(offset) >= _CLOCK_BAD:
        return bad(area, f"{ahead}. Both operators must check their clocks.")
    if abs(offset) >= _CLOCK_LOOK:
        return look(area, f"{ahead}. Both operators should check their clocks.")
    return good(area, f"{ahead}" if offset else "the same as ours")


def _positions(link: pb.Link, now: int) -> Finding:
    area = f"{link.partner} logs"
    issued, held = link.issued, link.held
    said = f"ours {issued.size}, receipted {issued.receipted}, waiting {link.waiting}; theirs {held.size}"
    waited = now - link.oldest_unreceipted.seconds if link.HasField("oldest_unreceipted") else 0
    if waited > _SLOW_SECONDS:
        return look(area, f"{said}; the oldest without a receipt has waited {waited} s")
    return good(area, said)
