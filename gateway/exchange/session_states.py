"""The states of a link session (docs/protocol.md, The session).

====================  =========================================  ==================================================
state                 event                                      then
====================  =========================================  ==================================================
``CONNECTED``         ``started``: the certificate is good       the higher id reads its positions and says Hello;
                                                                 ``GREETING``
``GREETING``          Hello passes (the lower id answers)        ``OPEN``
``GREETING``          Hello fails, or none in time               Goodbye, ``CLOSED``
``OPEN``              trust data changes                         Goodbye ``RENEW``, ``DRAINING``
``OPEN``              stop planned                               Goodbye ``SHUTDOWN``, ``DRAINING``
``OPEN``              Goodbye received                           the same Goodbye back, ``DRAINING``
``OPEN, DRAINING``    breach                                     receipts for what was committed, Goodbye, ``CLOSED``
``OPEN``              silence                                    ``CLOSED``
``DRAINING``          all receipted on both sides, or time over  ``CLOSED``
any                   the stream ends, a newer session opens     ``CLOSED``
====================  =========================================  ==================================================

A Goodbye says: no more batches from here. Receipts may still follow it; the end of the stream ends the session.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a session is in its life."""

    CONNECTED = "CONNECTED"
    GREETING = "GREETING"
    OPEN = "OPEN"
    DRAINING = "DRAINING"
    CLOSED = "CLOSED"
