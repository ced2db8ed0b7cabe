"""Named steps at which a node can be made to die, so that a test sees what is left: ``GATEWAY_FAIL_POINT=NAME:N``.

At the N-th time (the first, if N is left out) that the process comes to the step it is killed as by kill -9. Production
refuses to start with one. A step costs a comparison while none is set.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from typing import Final

from gateway.errors import ConfigurationInvalid

VARIABLE: Final = "GATEWAY_FAIL_POINT"

POINTS: Final = {
    "before-commit": "the transaction is written, and not committed",
    "after-commit": "it is durable, and nobody was told",
    "after-write-back": "the write-ahead log is written back",
    "before-answer": "a submission is durable, and not answered",
    "after-batch-formed": "entries have their indexes, and nothing of them is signed or sent",
    "before-hello-sent": "the session is about to introduce itself",
    "after-hello-sent": "it has",
    "before-batch-sent": "a batch is signed, and not sent",
    "after-batch-sent": "it is sent, and not receipted",
    "after-commit-before-receipt": "a batch is stored, and not receipted",
    "before-receipt-sent": "its receipt is signed, and not sent",
    "after-receipt-sent": "it is sent",
    "before-receipt-kept": "a receipt is verified, and not kept",
    "after-receipt-kept": "it is kept",
}
"""Every step, with what holds there."""


class _Armed:
    """A step that waits for its turn."""

    def __init__(self, name: str, turn: int) -> None:
        self.name = name
        self._turn = turn
        self._turns = count(1)

    def reached(self) -> None:
        if next(self._turns) == self._turn:
            os.kill(os.getpid(), signal.SIGKILL)


_armed: _Armed | None = None


def arm(*, production: bool) -> None:
    """Set the step that the environment names, if it names one.

    Raises:
        ConfigurationInvalid: it names none of ``POINTS``, or this is production.
    """
    global _armed  # noqa: PLW0603  one a process, as the environment is
    text = os.environ.get(VARIABLE, "")
    if not text:
        return
    name, _, turn = text.partition(":")
    if production:
        raise ConfigurationInvalid(f"{VARIABLE} is set: production does not start with a fail point.")
    if name not in POINTS or not (turn or "1").isdigit() or int(turn or "1") < 1:
        raise ConfigurationInvalid(f"{VARIABLE} is {text!r}; the steps are {', '.join(POINTS)}.")
    _armed = _Armed(name, int(turn or "1"))


def reach(name: str) -> None:
    """Say that the step ``name`` is reached."""
    if _armed is not None and _armed.name == name:
        _armed.reached()
