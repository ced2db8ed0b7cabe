"""The root of the error tree and its ten families, by where the fault lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that breaks one rule: ``path`` as in ``inspection_outcome.methods[0].kind``."""

    path: str
    rule: str
    message: str


class GatewayError(Exception):
    """The root: every error that crosses a border of this program is one of its leaves.

    ``reason`` is the stable name, ``act`` the standing advice on who must do what, ``sentence`` this case in
    plain words. ``violations`` name fields, where fields are at fault. No secret and no record content may
    stand in a sentence: it is logged on both sides. ``caller`` is who was turned away, where that is known: nobody is a
    stranger in the audit log whose certificate holds.
    """

    reason: ClassVar[str] = "INTERNAL"
    act: ClassVar[str] = ""

    def __init__(self, sentence: str, *, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.violations = violations
        self.caller = ""

    def __str__(self) -> str:
        """Give the case, then who must act."""
        return f"{self.sentence} {self.act}".strip()


class Malformed(GatewayError):
    """The bytes or the text cannot mean anything here."""

    reason = "MALFORMED"
    act = "The sender must correct what it sends."


class Unauthenticated(GatewayError):
    """Nobody whom this node knows."""

    reason = "UNAUTHENTICATED"
    act = "The caller must present a credential that this node's operator has registered."


class NotPermitted(GatewayError):
    """Known, but not allowed to do this."""

    reason = "NOT_PERMITTED"
    act = "This node's operator decides who may do this."


class UntrustedEvidence(GatewayError):
    """A signature, a key, a root or a history that does not hold. ``notes`` are signed notes that show it, if any."""

    reason = "UNTRUSTED_EVIDENCE"
    act = "The side that signed must explain it; nothing was stored as usable."
    notes: tuple[bytes, ...] = ()


class Conflict(GatewayError):
    """Contradicts what is stored already."""

    reason = "ALREADY_EXISTS"
    act = "The caller must ask for what is there, or use a new id."


class OutOfOrder(GatewayError):
    """Well-formed, but not what comes next."""

    reason = "OUT_OF_ORDER"
    act = "The sender must go on from what this side holds."


class Absent(GatewayError):
    """There is no such thing here, or not for this caller."""

    reason = "NOT_FOUND"
    act = "The caller must check what it asks for."


class Pressure(GatewayError):
    """More than this node takes now."""

    reason = "OVERLOADED"
    act = "The caller must wait and try again."


class Passing(GatewayError):
    """Away for now; the same call may succeed later."""

    reason = "UNAVAILABLE"
    act = "The caller may try again."


class Ours(GatewayError):
    """A fault of this node."""

    reason = "INTERNAL"
    act = "This node's operator must look at its log under the correlation id."
