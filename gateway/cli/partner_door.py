"""What an operator decides about partners, at the running node; where they stand, whether it runs or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.cli.called_node import ask_node
from gateway.cli.client import CALL_SECONDS, operations, operations_channel
from mutualrecognition.operations.v1 import links_service_pb2 as links_pb
from mutualrecognition.operations.v1 import partners_service_pb2 as pb
from mutualrecognition.operations.v1.partners_service_pb2_grpc import PartnersServiceStub


def states(home: Path) -> dict[str, tuple[str, str]]:
    """Give each partner's state and the reason for it."""

    def stopped() -> dict[str, tuple[str, str]]:
        from gateway.cli.stopped_node import partner_states  # noqa: PLC0415  all of a node, where none runs

        return partner_states(home)

    def running() -> dict[str, tuple[str, str]]:
        with _partners(home) as service:
            listed = service.ListPartners(pb.ListPartnersRequest(), timeout=CALL_SECONDS).partners
        names = {each.administration: pb.PartnerState.Name(each.state) for each in listed}
        return {
            each.administration: (names[each.administration].removeprefix("PARTNER_STATE_").lower(), each.reason)
            for each in listed
        }

    return ask_node(home, running=running, stopped=stopped)


def suspend(home: Path, administration: str, reason: str) -> None:
    """Stop the link with a partner until it is resumed."""
    with _partners(home) as service:
        request = pb.SuspendPartnerRequest(administration=administration, reason=reason)
        service.SuspendPartner(request, timeout=CALL_SECONDS)


def revoke(home: Path, administration: str, reason: str) -> None:
    """End trust in a partner."""
    with _partners(home) as service:
        request = pb.RevokePartnerRequest(administration=administration, reason=reason)
        service.RevokePartner(request, timeout=CALL_SECONDS)


def resume(home: Path, administration: str, reason: str) -> None:
    """Let a suspended link dial again."""
    with operations(home) as (links, _):
        links.ResumeLink(links_pb.ResumeLinkRequest(partner=administration, reason=reason), timeout=CALL_SECONDS)


@contextmanager
def _partners(home: Path) -> Iterator[PartnersServiceStub]:
    with operations_channel(home) as channel:
        yield PartnersServiceStub(channel)
