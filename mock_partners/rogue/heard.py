"""What the rogue heard, and what it should have heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STATUSES: Final = {
    "SUPERSEDED": "UNAVAILABLE",
    "OVERLOADED": "RESOURCE_EXHAUSTED",
    "OUT_OF_ORDER": "UNAVAILABLE",
    "IDENTITY_MISMATCH": "PERMISSION_DENIED",
    "VERSION_UNSUPPORTED": "FAILED_PRECONDITION",
    "CLOCK_SKEW": "FAILED_PRECONDITION",
    "AGREEMENT_MISMATCH": "FAILED_PRECONDITION",
    "LINK_SUSPENDED": "PERMISSION_DENIED",
    "DESCRIPTOR_STALE": "FAILED_PRECONDITION",
    "KEY_NOT_VALID": "FAILED_PRECONDITION",
    "LOG_RENEWED": "DATA_LOSS",
    "MALFORMED": "INVALID_ARGUMENT",
    "LIMIT_EXCEEDED": "RESOURCE_EXHAUSTED",
    "SIGNATURE_INVALID": "FAILED_PRECONDITION",
    "ROOT_MISMATCH": "DATA_LOSS",
    "LOG_FORK": "DATA_LOSS",
    "LOG_ROLLBACK": "DATA_LOSS",
    "DESCRIPTOR_FORK": "FAILED_PRECONDITION",
    "TIMEOUT": "UNAVAILABLE",
    "DOCUMENT_INVALID": "FAILED_PRECONDITION",
    "KEY_REFUSED": "FAILED_PRECONDITION",
    "NOT_FOUND": "NOT_FOUND",
}
"""Reasons and the status of a call that ends with them: the tables of sections 10 and 15."""

SUSPENDING: Final = frozenset({"SIGNATURE_INVALID", "ROOT_MISMATCH", "LOG_FORK", "LOG_ROLLBACK", "DESCRIPTOR_FORK"})
"""Reasons that suspend the link at once: the same table."""

_NO_FAULTS: Final = frozenset({"SUPERSEDED", "RENEW", "SHUTDOWN"})
"""Reasons after which the call may end with OK (R-END-02)."""

_NOBODY: Final = frozenset({"UNAUTHENTICATED", "UNAVAILABLE"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: a Goodbye, the status of the call, a receipt, a judgement. ``went_on``: all was as before.

    ``detail`` is the sentence of the other side; ``told`` what a stranger was told of it in a status, if anything.
    """

    goodbye: str = ""
    status: str = ""
    status_reason: str = ""
    detail: str = ""
    went_on: bool = False
    verdict: str = ""
    rules: frozenset[str] = frozenset()
    told: str = ""

    def __str__(self) -> str:
        if self.verdict:
            return f"{self.verdict}: {', '.join(sorted(self.rules))}"
        if self.went_on:
            return "taken; the session went on"
        reason = self.goodbye or self.status_reason
        return f"{reason} ({self.status})" if reason else self.status or "nothing"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an honest gateway must answer. ``faults`` says in which way it did not."""

    words: str
    reason: str = ""
    by_goodbye: bool = True
    verdict: str = ""
    rule: str = ""
    stranger: bool = False
    statuses: frozenset[str] = frozenset()
    suspending: bool = False

    @property
    def suspends(self) -> bool:
        """Whether the link is suspended afterwards."""
        return self.suspending or (self.by_goodbye and self.reason in SUSPENDING)

    def faults(self, heard: Heard) -> list[str]:
        """Compare; empty when all is as it should be."""
        if self.verdict:
            fits = heard.verdict == self.verdict and self.rule in heard.rules
            return [] if fits else [f"{self.verdict} by {self.rule} should have come, not {heard}."]
        if self.stranger:
            return self._stranger_faults(heard)
        if self.statuses:
            fits = heard.status in self.statuses and not heard.status_reason
            return [] if fits else [f"{self.words} should have come, not {heard}."]
        if not self.reason:
            return [] if heard.went_on else [f"The session should have gone on; {heard} came."]
        status = STATUSES[self.reason]
        faults = []
        if self.by_goodbye and heard.goodbye != self.reason:
            faults.append(f"Goodbye should have said {self.reason}, not {heard}.")
        if self.by_goodbye and not heard.detail:
            faults.append("Goodbye should have said in a sentence who must act.")
        if self.reason in _NO_FAULTS and heard.status == "OK":
            return faults
        if (heard.status, heard.status_reason) != (status, self.reason):
            faults.append(f"The status should have been {status} with {self.reason}, not {heard}.")
        return faults

    def _stranger_faults(self, heard: Heard) -> list[str]:
        if heard.went_on or heard.status not in _NOBODY or heard.goodbye:
            return [f"A stranger should have been turned away, and {heard} came."]
        if heard.status == "UNAUTHENTICATED" and heard.told:
            return [f"A stranger was told: {heard.told}"]
        return []


def ends(reason: str) -> Answer:
    """The session ends with this reason; of some it suspends the link."""
    after = "; the link is suspended" if reason in SUSPENDING else ""
    return Answer(f"Goodbye `{reason}`, status {STATUSES[reason]}{after}", reason)


def refuses(reason: str) -> Answer:
    """The call is refused by its status alone."""
    return Answer(f"status {STATUSES[reason]} with `{reason}`", reason, by_goodbye=False)


def refuses_with(*statuses: str) -> Answer:
    """The transport refuses, by one of these statuses."""
    return Answer(f"status {' or '.join(statuses)}", statuses=frozenset(statuses))


def quarantines(rule: str) -> Answer:
    """The record is stored and receipted, used by nobody, and judged so."""
    return Answer(f"receipt, then a judgement QUARANTINED by `{rule}`", verdict="QUARANTINED", rule=rule)


def goes_on() -> Answer:
    """Nothing comes of it, and the session goes on."""
    return Answer("nothing comes of it; the session goes on")


def turns_away() -> Answer:
    """A stranger is turned away without a word: by the handshake, or by UNAUTHENTICATED alone."""
    return Answer("no handshake, or UNAUTHENTICATED without a word", stranger=True)
