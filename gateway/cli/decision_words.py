"""What the parts of a decision are called on the screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from gateway.cli.screen import printable
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1.consignment_ref_pb2 import ConsignmentRef
from mutualrecognition.records.v1.threat_pb2 import Threat

COLOURS: Final = {
    pb.OUTCOME_RELY: "green",
    pb.OUTCOME_RELY_SUBJECT_TO: "green",
    pb.OUTCOME_RELY_IN_PART: "yellow",
    pb.OUTCOME_DO_NOT_RELY: "red",
    pb.OUTCOME_VERIFY: "yellow",
    pb.OUTCOME_PENDING: "cyan",
}
"""In which colour an outcome stands."""


def outcome_word(outcome: Any) -> str:  # noqa: ANN401  an enum's value
    """Give an outcome as it is spoken."""
    return pb.Outcome.Name(outcome).removeprefix("OUTCOME_").replace("_", " ")


def threat_name(threat: Any) -> str:  # noqa: ANN401  an enum's value
    """Give a threat as options and files name it."""
    return Threat.Name(threat).removeprefix("THREAT_") if threat in Threat.values() else "unknown"


def goods_named(goods: ConsignmentRef) -> str:
    """Give the first number by which goods are known: container, transport document, UCR or MRN."""
    named = [*goods.container_numbers, *(each.number for each in goods.transport_documents), goods.ucr, goods.mrn]
    return printable(next(filter(None, named), ""))


def awaited(pending: pb.Pending) -> str:
    """Say until when something is awaited, and what."""
    what = ", ".join(f"{each.reference} of {each.partner}" for each in pending.on)
    return f"Until {when(pending.until.seconds)}, on {printable(what)}"


def when(seconds: int) -> str:
    """Give a time to the minute, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M") if seconds else "—"
