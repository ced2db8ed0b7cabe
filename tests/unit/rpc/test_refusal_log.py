"""Refused callers in the audit log: each kind at once, and its crowd as a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.errors import AuditFailed, CallerNotPermitted, ClientUnknown, Malformed, ShareSpent
from gateway.evidence.audit import AuditEntry
from gateway.linklog.tree import CompactRange
from gateway.rpc.refusal_log import KINDS_AT_MOST, RefusalLog

METHOD = "/a.Service/Method"


@dataclass
class Written:
    """The port ``AuditLog``, as a list."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)
    fails: bool = False

    async def note(self, *, actor: str, action: str, detail: str) -> None:
        if self.fails:
            raise AuditFailed("shut")
        self.lines.append((actor, action, detail))

    async def entries(self, *, first: int, limit: int) -> Sequence[AuditEntry]:
        raise NotImplementedError

    async def head(self) -> CompactRange:
        raise NotImplementedError

    async def keep_checkpoint(self, *, size: int, time: int, note: bytes) -> None:
        raise NotImplementedError

    async def newest_checkpoint(self) -> bytes:
        raise NotImplementedError


@dataclass
class Clock:
    time: int = 1000

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return self.time


def made() -> tuple[Written, Clock, RefusalLog]:
    written, clock = Written(), Clock()
    return written, clock, RefusalLog(log=written, clock=clock)


async def test_the_first_at_once_the_others_as_a_number() -> None:
    written, clock, refusals = made()
    error = CallerNotPermitted("tv may not call /a.Service/Method: it takes the role operate.")
    for _ in range(5):
        await refusals.note(error, method=METHOD, caller="tv", address="ipv4:10.0.0.1:999")
    assert written.lines == [("tv", "refuse", f"CALLER_NOT_PERMITTED, {error.sentence}")]
    clock.time += 60
    await refusals.note(error, method=METHOD, caller="tv", address="ipv4:10.0.0.1:1000")
    assert written.lines[1:] == [("tv", "refuse", f"CALLER_NOT_PERMITTED, {error.sentence} (4 more before this one)")]


async def test_what_nobody_follows_is_settled() -> None:
    written, clock, refusals = made()
    for port in range(3):
        await refusals.note(ClientUnknown("Nobody's."), method=METHOD, caller="", address=f"ipv4:10.0.0.1:{port}")
    await refusals.settle()
    assert written.lines == [("stranger at ipv4:10.0.0.1", "refuse", f"CLIENT_UNKNOWN, {METHOD}: Nobody's.")]
    clock.time += 60
    await refusals.settle()
    assert written.lines[1:] == [("stranger at ipv4:10.0.0.1", "refuse", f"CLIENT_UNKNOWN, {METHOD}: 2 more")]
    await refusals.settle()
    assert len(written.lines) == 2


async def test_a_crowd_of_strangers_does_not_fill_it() -> None:
    written, clock, refusals = made()
    for number in range(KINDS_AT_MOST + 1000):
        await refusals.note(ClientUnknown("Nobody's."), method=METHOD, caller="", address=f"ipv4:{number}:1")
    assert len(written.lines) == KINDS_AT_MOST + 1
    clock.time += 60
    await refusals.settle()
    assert written.lines[-1] == ("others", "refuse", "refused, any method: 999 more")


async def test_what_is_no_refusal_of_a_caller_is_not_written() -> None:
    written, _, refusals = made()
    await refusals.note(Malformed("Not this."), method=METHOD, caller="tv", address="ipv4:1:1")
    assert not written.lines


async def test_that_it_cannot_be_written_lets_nobody_in() -> None:
    """The caller of ``note`` refuses all the same: it raises nothing."""
    written, _, refusals = made()
    written.fails = True
    await refusals.note(ClientUnknown("Nobody's."), method=METHOD, caller="", address="ipv4:1:1")


async def test_a_partner_that_floods_the_door_stands_there_once_a_minute_with_its_number() -> None:
    written, clock, refusals = made()
    for _ in range(1000):
        spent = ShareSpent("CN makes more than 10 calls a second.")
        await refusals.note(spent, method=METHOD, caller="CN", address="ipv4:10.0.0.1:1")
    clock.time += 60
    await refusals.settle()
    assert [line[0] for line in written.lines] == ["CN", "CN"]
    assert "999 more" in written.lines[1][2]
