"""Waiting until everything has arrived and is signed for, or until nothing moves any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from gateway.cli.demo.ledger import Finding, Ledger
from gateway.cli.demo.observing import Views

PATIENCE_SECONDS: Final = 8.0
"""How long nothing may move before the demo calls it stuck; a link that was cut is back within 5 s."""
_LOOK_SECONDS: Final = 0.02


def settle(views: Views, ledger: Ledger, *, patience: float = PATIENCE_SECONDS) -> bool:
    """Wait until each link has delivered and receipted all that is due; on False the ledger says what is not."""
    return _wait(lambda: _progress(views), lambda: not _open(views, ledger), patience) or _give_up(views, ledger)


def _wait(progress: Callable[[], int], done: Callable[[], bool], patience: float) -> bool:
    seen, since = progress(), time.monotonic()
    while not done():
        time.sleep(_LOOK_SECONDS)
        now = progress()
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > patience:
            return False
    return True


def _progress(views: Views) -> int:
    receipts = sum(link.issued.receipted for _, link in views.rows())
    return receipts + sum(view.count for view in views.by_name.values())


def _open(views: Views, ledger: Ledger) -> list[tuple[str, str]]:
    """Name the links, by issuer and receiver, on which a receipt or a delivery is due."""
    receipted = {(own, link.partner): link.issued.receipted for own, link in views.rows()}
    unsigned = [pair for pair, due in ledger.due.items() if receipted.get(pair, 0) < due]
    undelivered = [
        (issuer, receiver)
        for (issuer, receiver) in ledger.due
        if views[receiver].count < sum(due for (_, to), due in ledger.due.items() if to == receiver)
    ]
    return [*unsigned, *undelivered]


def _give_up(views: Views, ledger: Ledger) -> bool:
    arrived = {name: view.arrivals() for name, view in views.by_name.items()}
    for own, link in views.rows():
        due = ledger.due[own, link.partner]
        came = sum(arrival[0].stored.record.header.issuer == own for arrival in arrived.get(link.partner, {}).values())
        signed = link.issued.receipted
        why = f" ({link.last_reason}: {link.last_detail})" if link.last_reason else ""
        if came > signed:
            ledger.findings.append(
                Finding(
                    "RECEIPT_WITHHELD",
                    link.partner,
                    f"{link.partner} has {came:,} records of {own} and has signed for {signed:,} only{why}",
                )
            )
        if came < due:
            ledger.findings.append(
                Finding(
                    "NOT_DELIVERED",
                    link.partner,
                    f"{came:,} of {due:,} records of {own} came out at {link.partner}, and nothing moves{why}",
                )
            )
    return False
