"""For each behaviour of a partner one fault that a gateway might have: under it the scenario of that behaviour fails.

A fault is planted in the code of every node of the play, while it plays. ``fails_at`` names the step in which it
must come to light (or what it does, where it has no name): a play that fails elsewhere has found something else.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.errors import DocumentInvalid, FrameMalformed, OutOfOrder
from gateway.exchange import batches, hello, judging, session
from gateway.exchange.batches import HeldLog
from gateway.exchange.effects import CommitReceipt
from gateway.exchange.idle_frames import IdleFrames
from gateway.exchange.issuing import Issuing
from gateway.exchange.judging import Judge
from gateway.exchange.reasons import _AFTERWARDS, Afterwards
from gateway.exchange.session import LinkSession
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.linklog.keys import DatedKey
from gateway.linklog.text import MAX_TIME
from gateway.ports.ledger import Finding
from gateway.ports.links import Entry
from gateway.recognition.rules import equivalent, fresh
from gateway.recognition.stated import Succession
from gateway.reliance import told
from gateway.rpc.link_pump import LinkPump
from gateway.rpc.open_calls import Shares
from gateway.views.requests import _Life

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Planted:
    """What somebody might have written, and where a play with that behaviour must fail."""

    story: str
    fails_at: str
    plant: Callable[[Patch], None]


def _late(patch: Patch) -> None:
    honest = judging.records.check_time

    def two_sided(record: Any, now: int) -> Any:
        stale = record.header.issued_at.seconds < now - 300
        return honest(record, 0) if stale else honest(record, now)

    patch.setattr(judging.records, "check_time", two_sided)


def _slow(patch: Patch) -> None:
    form, keep = LinkPump._form, LinkPump._commit_receipt
    turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
    at_turn: dict[int, Any] = {}

    async def _form(self: Any, effect: Any) -> None:
        store = id(self._logs)
        if at_turn.get(store) is not self:
            await turns[store].acquire()
        at_turn[store], before = self, self._runtime.sent
        await form(self, effect)
        if self._runtime.sent == before:
            _over(store, self)

    async def _commit_receipt(self: Any, effect: Any) -> None:
        await keep(self, effect)
        _over(id(self._logs), self)

    def _over(store: int, pump: Any) -> None:
        if at_turn.get(store) is pump:
            del at_turn[store]
            turns[store].release()

    patch.setattr(LinkPump, "_form", _form)
    patch.setattr(LinkPump, "_commit_receipt", _commit_receipt)


def _flapping(patch: Patch) -> None:
    patch.setitem(_AFTERWARDS, "UNAVAILABLE", Afterwards.SUSPEND)


def _duplicating(patch: Patch) -> None:
    honest = HeldLog._placed

    def _placed(self: Any, unverified: Any, *known: Any) -> Any:
        unverified.first = self.tree.size
        return honest(self, unverified, *known)

    patch.setattr(HeldLog, "_placed", _placed)


def _reordering(patch: Patch) -> None:
    honest = LinkSession._hear_batch

    def _hear_batch(self: Any, *heard: Any) -> None:
        try:
            honest(self, *heard)
        except OutOfOrder:
            return

    patch.setattr(LinkSession, "_hear_batch", _hear_batch)


def _replaying(patch: Patch) -> None:
    patch.setitem(_AFTERWARDS, "OUT_OF_ORDER", Afterwards.SUSPEND)


def _stale_lists(patch: Patch) -> None:
    patch.setattr(fresh, "_of_list", lambda facts, basis: iter(()))


def _drifting_clock(patch: Patch) -> None:
    for each in (hello, session):  # a heartbeat's time is looked at as well
        patch.setattr(each, "require_near", lambda stated, now, skew: None)


def _expired_keys(patch: Patch) -> None:
    honest = batches.verify_checkpoint

    def verify(note: Any, keys: Any, **known: Any) -> Any:
        return honest(note, [DatedKey(each.key, 0, MAX_TIME) for each in keys], **known)

    patch.setattr(batches, "verify_checkpoint", verify)


def _rolled_keys(patch: Patch) -> None:
    async def take(self: Any, note: bytes, *, partner: str) -> bool:
        raise DocumentInvalid("Officers decide about every document.")

    patch.setattr(TrustKeeper, "take", take)


def _older_schema(patch: Patch) -> None:
    patch.setattr(equivalent, "_equipment", lambda facts, basis: iter(()))


def _newer_schema(patch: Patch) -> None:
    honest = LinkSession._hear

    def _hear(self: Any, frame: Any, now: Any) -> None:
        if frame.WhichOneof("frame") is None:
            raise FrameMalformed("A frame of an unknown kind.")
        honest(self, frame, now)

    patch.setattr(LinkSession, "_hear", _hear)


def _flood(patch: Patch) -> None:
    patch.setattr(Shares, "_spend", lambda self, partner: None)


def _oversize(patch: Patch) -> None:
    patch.setattr(batches, "MAX_RECORD_BYTES", 2**31)


def _rollback(patch: Patch) -> None:
    patch.setitem(_AFTERWARDS, "LOG_ROLLBACK", Afterwards.BACK_OFF)


def _contradicts(patch: Patch) -> None:
    patch.setattr(told, "finding_of", lambda report: Finding.CONFIRMED)


def _withdraws_a_day(patch: Patch) -> None:
    honest = Succession.of

    def of(self: Any, stated: Any) -> Any:
        after = honest(self, stated)
        return None if after is not None and after.kind == "withdrawal" else after

    patch.setattr(Succession, "of", of)


def _fork(patch: Patch) -> None:
    honest = HeldLog._grown

    def _grown(self: Any, commitments: Any, checkpoint: Any) -> Any:
        return honest(self, commitments, checkpoint) if commitments else self.tree

    patch.setattr(HeldLog, "_grown", _grown)
    patch.setattr(HeldLog, "_refuse_fork", lambda *seen: None)
    patch.setattr(IdleFrames, "heard", lambda *seen, awaited: None)  # who forks without end is told something else


def _lying_receipts(patch: Patch) -> None:
    def _verified(self: Any, covered: Any, lines: bytes, now: Any) -> CommitReceipt:
        return CommitReceipt(covered.checkpoint.size, covered.note.serialize() + lines, now.time)

    patch.setattr(Issuing, "_verified", _verified)


def _withhold_receipts(patch: Patch) -> None:
    honest = LinkSession._send_batch

    def _send_batch(self: Any, batch: Any, now: Any) -> None:
        honest(self, batch, now)
        if batch is not None and self._issuing._under_way:
            sent = self._issuing._under_way[-1]
            self._keep(self._issuing.keep(CommitReceipt(sent.checkpoint.size, sent.note.serialize(), now.time)))

    patch.setattr(LinkSession, "_send_batch", _send_batch)


def _corrupt_record(patch: Patch) -> None:
    honest = HeldLog._entries

    def _entries(self: Any, unverified: Any) -> Any:
        entries, commitments = honest(self, unverified)
        return tuple(Entry(bytes(len(each.salt)), each.record) for each in entries), commitments

    patch.setattr(HeldLog, "_entries", _entries)


def _leak_field(patch: Patch) -> None:
    patch.setattr(Judge, "_uncovered", lambda self, record, kind: ())


def _never_answers(patch: Patch) -> None:
    patch.setattr(_Life, "_pass_time", lambda self, until: None)


PLANTED: dict[str, Planted] = {
    "late": Planted(
        "a record must be young when it arrives: the check of its time looks both ways",
        "arrived",
        _late,
    ),
    "slow": Planted(
        "one partner after the other: a batch without receipt holds up those for everybody",
        "many-at-cn",
        _slow,
    ),
    "flapping": Planted(
        "a stream that breaks without a word is a breach, and suspends the link",
        "misbehave",
        _flapping,
    ),
    "duplicating": Planted("a batch is whatever comes next: its index is not looked at", "told", _duplicating),
    "reordering": Planted("a gap is passed over in silence", "told", _reordering),
    "replaying": Planted("what is out of order is taken for an attack, and suspends the link", "third", _replaying),
    "stale-lists": Planted("a list is up to date as long as the partner is there", "meanwhile", _stale_lists),
    "drifting-clock": Planted("clocks are not compared in Hello", "told", _drifting_clock),
    "expired-keys": Planted("a key that is listed counts, whatever its dates say", "told", _expired_keys),
    "rolled-keys": Planted(
        "every document waits for an officer, a partner's own next descriptor too", "after", _rolled_keys
    ),
    "older-schema": Planted("what nobody states is as agreed", "at-the-gate", _older_schema),
    "newer-schema": Planted("a frame that is not known is a broken one", "control", _newer_schema),
    "flood": Planted("whoever calls is served, however often", "told", _flood),
    "oversize": Planted("a record is read whatever its size", "refused", _oversize),
    "rollback": Planted("a partner that has forgotten something is dialled again", "look", _rollback),
    "contradicts": Planted("feedback confirms, since it came", "counted", _contradicts),
    "withdraws-a-day": Planted("what was accepted once stands", "afterwards", _withdraws_a_day),
    "fork": Planted("a batch without entries changes nothing, so nobody looks at its root", "told", _fork),
    "lying-receipts": Planted(
        "whoever sends a receipt has the entries: its signature is not verified", "told", _lying_receipts
    ),
    "withhold-receipts": Planted("what was sent is delivered", "one-unreceipted", _withhold_receipts),
    "corrupt-record": Planted("salts are of no use once the root fits", "proven", _corrupt_record),
    "leak-field": Planted("who sends a field may send it", "whole", _leak_field),
    "never-answers": Planted(
        "a request is open until somebody answers, whatever the clock says", "look-at-life", _never_answers
    ),
}
