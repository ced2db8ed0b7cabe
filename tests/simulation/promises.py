"""The promises of RELIABILITY and docs/guarantees.md, as checks of a whole simulated world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.linklog.tree import CompactRange
from gateway.ports.links import Direction, Entry, LinkPositions, Standing
from gateway.ports.records import RecordQuery, StoredRecord
from mutualrecognition.records.v1.record_pb2 import Record
from tests.simulation.history import Violation
from tests.simulation.node import Node

if TYPE_CHECKING:
    from tests.simulation.clients import Client
    from tests.simulation.world import World

MUCH = 10**9
ALERT_SECONDS = 30.0
"""Noticing a dead line takes 14 s, dialling up to 5 s more for each end, and all may happen twice over a slow line."""


class Promises:
    """Checks one world, after it has healed."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def outstanding(self) -> str:
        """Say what is still missing before both sides of every link agree; empty when nothing is."""
        nodes = self._world.nodes
        for node in nodes.values():
            waiting = {each.partner: each.waiting for each in await node.store.logs.statuses()}
            for partner in nodes:
                if partner == node.name:
                    continue
                issued = (await self._world.positions(node, partner)).issued
                held = (await self._world.positions(nodes[partner], node.name)).held
                if waiting.get(partner, 0) > len(_overdue(node, nodes[partner])):
                    return f"{waiting[partner]} records of {node.name} wait for {partner}."
                if issued.receipted != issued.tree.size:
                    return f"{node.name} has receipts of {partner} to {issued.receipted} of {issued.tree.size}."
                if (issued.tree, issued.note, issued.receipt_time) != (held.tree, held.note, held.receipt_time):
                    return f"{node.name} and {partner} do not hold the same log of {node.name}."
        return ""

    async def check(self) -> None:
        for client in self._world.clients:
            node = client.node
            records = {each.record_id: each for each in await _records(node) if each.direction is Direction.ISSUED}
            for promise in client.ledger.promises.values():
                if promise.record_id not in records:
                    raise Violation(f"{node.name} promised {promise.request_id} and does not have it.")
            for partner in self._world.names:
                if partner != node.name:
                    await self._check_log(node, self._world.nodes[partner], records, client)
            await self._check_registers(node)
            await _check_index(node)

    async def _check_log(self, issuer: Node, holder: Node, records: dict[str, StoredRecord], client: Client) -> None:
        """One log: what was promised is in it, once, in order, within the agreements, and the partner has it so."""
        way = f"{issuer.name} to {holder.name}"
        entries = await _entries(issuer, holder.name)
        read = [Record.FromString(each.record) for each in entries]
        ids = [each.header.record_id for each in read]
        if len(set(ids)) != len(ids):
            raise Violation(f"{way}: a record is in the log twice.")
        overdue = _overdue(issuer, holder)
        promised = [
            each
            for each in client.ledger.promises.values()
            if holder.name in each.partners and each.record_id not in overdue
        ]
        lost = [each.request_id for each in promised if each.record_id not in set(ids)]
        if lost:
            raise Violation(f"{way}: {lost[0]} was promised and is not in the log.")
        self._check_order(way, read, records)
        self._check_haste(way, issuer.name, holder.name, ids, client)
        self._check_terms(issuer.name, holder.name, read)
        held = [each for each in await _records(holder) if each.direction is Direction.RECEIVED]
        mine = [each for each in held if any(d.partner == issuer.name for d in each.deliveries)]
        if [each.record for each in mine] != [each.record for each in entries]:
            raise Violation(f"{way}: the partner does not have the same records in the same order.")
        for each in mine:
            if each.standing is not Standing.ACCEPTED and not _may_be_quarantined(each, issuer, holder):
                raise Violation(f"{way}: {each.record_id} is quarantined: {each.violations}")
        self._check_signed(way, (await self._world.positions(issuer, holder.name)), entries)

    def _check_order(self, way: str, read: list[Record], records: dict[str, StoredRecord]) -> None:
        """Records about one subject never overtake each other under one agreement."""
        last: dict[tuple[bytes, str], int] = {}
        for each in read:
            if each.header.record_id not in records:
                continue
            key = (each.header.subject.SerializeToString(), each.header.agreement_id)
            sequence = records[each.header.record_id].sequence
            if sequence < last.get(key, 0):
                raise Violation(f"{way}: {each.header.record_id} was overtaken by a later one about the same subject.")
            last[key] = sequence

    def _check_haste(self, way: str, issuer: str, holder: str, ids: list[str], client: Client) -> None:
        """Alerts are there soon after they were promised, or after the healing; no bulk left before them meanwhile."""
        if self._world.operators.is_changing(issuer, holder):
            return
        watcher, healed = self._world.watcher, self._world.healed_at
        index = {record_id: place for place, record_id in enumerate(ids)}
        promised = [each for each in client.ledger.promises.values() if holder in each.partners]
        hasty = {each.subject for each in promised if not each.is_bulk}
        bulk = [index[each.record_id] for each in promised if each.is_bulk and each.subject not in hasty]
        for each in promised:
            if each.kind == "alert":
                place, since = index[each.record_id], max(each.at, healed)
                arrived = watcher.receipted_at(holder, issuer, place)
                if arrived > since + ALERT_SECONDS:
                    raise Violation(f"{way}: alert {each.request_id} took {arrived - since:.0f} s.")
                if any(other < place and watcher.formed_at(issuer, holder, other) > each.at for other in bulk):
                    raise Violation(f"{way}: bulk left before alert {each.request_id}, which waited.")

    def _check_terms(self, issuer: str, holder: str, read: list[Record]) -> None:
        for each in read:
            kind, header = str(each.WhichOneof("body")), each.header
            if kind == "judgement":
                continue
            named = self._world.treaty(header.agreement_id, header.agreement_version)
            fields = named.covers(issuer, holder, kind, header.issued_at.seconds) if named else None
            if fields is None:
                raise Violation(f"{issuer} to {holder}: {kind} {header.record_id} is covered by no agreement.")
            body = getattr(each, kind)
            leaked = [field.name for field, _ in body.ListFields() if field.name not in fields]
            if fields != ("*",) and leaked:
                raise Violation(f"{issuer} to {holder}: {kind} {header.record_id} has {leaked[0]}, which is withheld.")

    def _check_signed(self, way: str, positions: LinkPositions, entries: list[Entry]) -> None:
        """Every head that was ever signed is one of this very log."""
        from gateway.linklog.hashing import commitment, leaf_hash  # noqa: PLC0415

        signed = self._world.watcher.roots[positions.issued.origin]
        tree = CompactRange()
        at = 0
        for size in sorted(signed):
            if size > len(entries):
                raise Violation(f"{way}: a checkpoint of {size} was signed; the log has {len(entries)}.")
            tree, _ = tree.append_all([leaf_hash(commitment(e.salt, e.record)) for e in entries[at:size]])
            at = size
            if tree.root() != signed[size]:
                raise Violation(f"{way}: the checkpoint signed at {size} is not one of this log.")

    async def _check_registers(self, node: Node) -> None:
        now = node.clock.now() + 1000
        for partner in self._world.names:
            if partner != node.name:
                ours = await node.register.digest(node.name, partner, now)
                theirs = await self._world.nodes[partner].register.digest(node.name, partner, now)
                if ours != theirs:
                    raise Violation(f"{node.name} and {partner} do not have the same register of {node.name}.")


def _overdue(issuer: Node, holder: Node) -> set[str]:
    """Records that wait for ever: while a clock was wrong their agreement ended, and never counted on both sides at once.

    tests/README.md has it among what is found and not mended.
    """
    if not (issuer.clock.was_wrong or holder.clock.was_wrong):
        return set()
    rows = issuer.store._connection.execute(
        "SELECT r.record_id FROM outbox o JOIN record r USING (sequence) JOIN link l ON l.id = o.link "
        "JOIN released_under u ON u.id = o.agreement WHERE l.partner = ? AND u.agreement LIKE '%-passing'",
        (holder.name,),
    )
    return {record_id for (record_id,) in rows}


def _may_be_quarantined(stored: StoredRecord, issuer: Node, holder: Node) -> bool:
    """Whether it is honest to quarantine a record of an honest node.

    One of the clocks was far out at some time. Or the agreement ended before the partner's operator had added it.
    """
    rules = {each.rule for each in stored.violations}
    if rules == {"header.issued_in_future"}:
        return issuer.clock.was_wild or holder.clock.was_wild
    return rules == {"agreement.covers"} and "-passing'" in stored.violations[0].message


async def _check_index(node: Node) -> None:
    """What the views stand on is what a rebuild from the records gives."""
    kept = await node.store.views.digest()
    await node.store.views.rebuild(lambda _: None)
    if await node.store.views.digest() != kept:
        raise Violation(f"{node.name}: the index of its views is not that of its records.")


async def _records(node: Node) -> list[StoredRecord]:
    found: list[StoredRecord] = []
    sequence, newest = 0, await node.store.records.newest()
    while sequence < newest:
        page, sequence = await node.store.records.after(
            sequence, limit=1000, query=RecordQuery(include_quarantined=True)
        )
        found += page
    return found


async def _entries(node: Node, partner: str) -> list[Entry]:
    found: list[Entry] = []
    while batch := await node.store.logs.formed_batch(partner, first=len(found), records=1000, size_bytes=MUCH):
        found += batch.entries
    return found
