"""What only the running process knows of a link."""

from __future__ import annotations

from dataclasses import dataclass

from mutualrecognition.operations.v1 import links_service_pb2 as pb


@dataclass(slots=True)
class LinkRuntime:
    """The present or last session of a link.

    ``sent`` is the size of the issued log that went out in it; ``differing`` says which agreements the two sides do not
    share, empty when there are none; ``clock_offset`` by how many seconds the partner's clock was ahead.
    """

    state: pb.LinkState.ValueType = pb.LINK_STATE_CLOSED
    session: str = ""
    sent: int = 0
    last_heard: int = 0
    last_reason: str = ""
    last_detail: str = ""
    differing: str = ""
    clock_offset: int = 0
