"""Links as rows, for the command and for the demo."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Final

from rich.table import Table
from rich.text import Text

from gateway.cli.screen import printable
from mutualrecognition.operations.v1 import links_service_pb2 as pb

_STATES: Final = {
    pb.LINK_STATE_CLOSED: ("closed", "yellow"),
    pb.LINK_STATE_GREETING: ("greeting", "yellow"),
    pb.LINK_STATE_OPEN: ("✓ open", "green"),
    pb.LINK_STATE_DRAINING: ("draining", "yellow"),
    pb.LINK_STATE_SUSPENDED: ("✗ suspended", "red"),
}


def link_table(own: str, links: Iterable[pb.Link]) -> Table:
    """Make a table of a node's links."""
    return table_of((own, link) for link in links)


def table_of(rows: Iterable[tuple[str, pb.Link]]) -> Table:
    """Make a table of links of one node or of several; what each issues, and how far it is receipted."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("link")
    table.add_column("state")
    for name in ("position", "delivered", "receipted", "waiting", "lag", "received"):
        table.add_column(name, justify="right")
    table.add_column("last")
    for own, link in rows:
        state, style = _STATES.get(link.state, ("not known", "yellow"))
        issued, held = link.issued, link.held
        numbers = (issued.size, issued.delivered, issued.receipted, link.waiting)
        last = "" if link.state == pb.LINK_STATE_OPEN else link.last_reason
        table.add_row(
            f"{own} → {link.partner}",
            Text(state, style),
            *(f"{number:,}" for number in numbers),
            lag_of(link),
            f"{held.size:,}",
            Text(printable(last), "dim"),
        )
    return table


def remarks_on(links: Iterable[pb.Link]) -> Iterator[str]:
    """Say of each link that is not open why, and who must act: too long for a column."""
    for link in links:
        if link.state != pb.LINK_STATE_OPEN and link.last_detail:
            yield printable(f"! {link.partner}: {link.last_reason}: {link.last_detail}")


def lag_of(link: pb.Link) -> str:
    """Say how long the oldest record without receipt has waited; 0 s when all have theirs."""
    if not link.HasField("oldest_unreceipted"):
        return "0 s"
    return f"{max(0, int(time.time()) - link.oldest_unreceipted.seconds):,} s"
