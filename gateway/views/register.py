"""The register of operators: looking up, listing, and telling silence from "no change".

Operators are matched by exact TIN or by a mapping that their own administration signed, never by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.errors import Absent
from gateway.ports.links import LinkLogs
from gateway.ports.records import StoredRecord
from gateway.ports.views import ViewIndex
from gateway.ports.world import Clock
from gateway.views.consent import count_erased, personal, withdrawn
from gateway.views.gathering import Gathered, gather
from gateway.views.keys import register_key
from gateway.views.operators import OperatorView, Statement, operator_views, read_statements
from gateway.views.steps import read_each_once
from mutualrecognition.records.v1.record_pb2 import Record

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to when this node has heard a partner (``LinkStatus.complete_as_of``).

    It moves on while the partner is there and has nothing to say, and stands still when it is away. POSIX seconds, 0
    when it never was heard; ``entries`` is the size of the partner's log.
    """

    partner: str
    complete_as_of: int
    entries: int


@dataclass(frozen=True, slots=True)
class RegisterDigest:
    """A day's standings of one issuer as one partner knows them: both sides compute it, and it must be equal."""

    issuer: str
    partner: str
    midnight: int
    count: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """Operators with the records that say it, by issuer and record_id, for showing them whole.

    ``touched`` has for a late notice (by issuer and record_id too) the records stored between its effect and its
    arrival in which the operator takes part in a supply chain. ``mapped_by`` are the mappings by which a national
    number was found.
    """

    views: tuple[OperatorView, ...]
    records: dict[tuple[str, str], StoredRecord]
    touched: dict[tuple[str, str], tuple[StoredRecord, ...]]
    mapped_by: tuple[str, ...] = ()


class OperatorRegister:
    """Answers about operators out of the view index."""

    def __init__(
        self,
        *,
        administration: str,
        index: ViewIndex,
        logs: LinkLogs,
        clock: Clock,
        partners: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._own = administration
        self._partners = partners
        self._index = index
        self._logs = logs
        self._clock = clock

    async def lookup(self, tin: str, at: int | None = None) -> Found:
        """Tell what each administration says of an operator, at a time or now. No view when nobody said anything."""
        gathered = await gather(self._index, [f"tin:{tin}"])
        moment = self._clock.now() if at is None else at
        views = operator_views(read_statements(gathered.records), moment, count_erased(gathered.records))
        of_tin = tuple(view for view in views if view.tin == tin)
        return Found(of_tin, _by_id(gathered), await self._touched(of_tin))

    async def lookup_local(self, scheme: str, value: str, at: int | None = None) -> Found:
        """Do the same by a number of a national scheme, over signed mappings.

        Raises:
            Absent: no mapping that holds names the number.
        """
        moment = self._clock.now() if at is None else at
        gathered = await gather(self._index, [f"local:{scheme}:{value}"])
        mappings = await self._mappings_in_force(gathered.records, moment)
        named = [each for each in mappings if _names(each, scheme, value)]
        if not named:
            raise Absent(f"No signed mapping that holds names {scheme} {value}: look the operator up by its TIN.")
        found = [await self.lookup(tin, moment) for tin in sorted({each.identifier_mapping.tin for each in named})]
        views = tuple(view for each in found for view in each.views)
        records = {name: stored for each in found for name, stored in each.records.items()}
        touched = {name: some for each in found for name, some in each.touched.items()}
        return Found(views, records, touched, tuple(sorted(each.header.record_id for each in named)))

    async def listed(self, issuer: str, *, after: int, limit: int) -> tuple[Found, int]:
        """Give operators of an issuer from a sequence on, each once, and the sequence to go on from; 0 at the end.

        An operator stands where the first statement on it does, so that pages stay the same as statements arrive.
        """
        page = await self._index.records_under([register_key(issuer)], after=after, limit=limit)
        views: list[OperatorView] = []
        records: dict[tuple[str, str], StoredRecord] = {}
        for stored in page:
            found = await self.lookup(Record.FromString(stored.record).aeo_status.tin)
            first = min(each.sequence for each in found.records.values() if _states(each, issuer))
            if first == stored.sequence:
                views += [view for view in found.views if view.issuer == issuer]
                records |= found.records
        return Found(tuple(views), records, {}), page[-1].sequence if len(page) == limit else 0

    async def watermarks(self) -> Sequence[Watermark]:
        """Tell for each partner up to when its register is complete here; one that was never heard is among them."""
        heard = {
            status.partner: Watermark(status.partner, status.complete_as_of, status.held.tree.size)
            for status in await self._logs.statuses()
        }
        return [heard.get(each, Watermark(each, 0, 0)) for each in sorted({*heard, *self._partners()})]

    async def digest(self, issuer: str, partner: str, midnight: int) -> RegisterDigest:
        """Hash the standings of ``issuer`` that ``partner`` knew, as they were in force at ``midnight``.

        One of the two is this administration. Statements issued at midnight or later are left out, so the digest of a
        day stays what it was. SHA-256 over the lines "TIN record_id", sorted; a tombstone counts as a standing.

        A tombstone counts on every day, also before it was stated, as soon as the partner has it: what it ends is
        erased there, and neither side can tell of it any more.
        """
        statements: list[Statement] = []
        after = 0
        superseded: list[str] = []
        delivered: set[str] = set()
        while page := await self._index.records_under([register_key(issuer)], after=after, limit=_PAGE):
            after = page[-1].sequence
            shared = [each for each in page if self._shared(each, partner)]
            delivered |= {each.record_id for each in shared if self._has(each, partner)}
            statements += read_statements(shared)
            superseded += [each.record_id for each in shared if each.superseded_by]
        statements += await self._withdrawals_of(superseded, partner)
        return digest_of(statements, issuer=issuer, partner=partner, midnight=midnight, delivered=delivered)

    async def _touched(self, views: Iterable[OperatorView]) -> dict[tuple[str, str], tuple[StoredRecord, ...]]:
        late = [(view, notice) for view in views for notice in view.late]
        if not late:
            return {}
        gathered = await gather(self._index, {f"actor:{view.tin}" for view, _ in late})
        return {
            (view.issuer, notice.record_id): tuple(
                each
                for each in gathered.records
                if each.kind == "consignment_data" and notice.effective_at <= each.stored_at <= notice.known_at
            )
            for view, notice in late
        }

    async def _withdrawals_of(self, record_ids: Sequence[str], partner: str) -> list[Statement]:
        found: list[Statement] = []
        for start in range(0, len(record_ids), _PAGE):
            keys = [f"record:{record_id}" for record_id in record_ids[start : start + _PAGE]]
            after = 0
            while page := await self._index.records_under(keys, after=after, limit=_PAGE):
                after = page[-1].sequence
                shared = [each for each in page if each.kind == "withdrawal" and self._shared(each, partner)]
                found += read_statements(shared)
        return found

    def _shared(self, stored: StoredRecord, partner: str) -> bool:
        """Tell whether both know this record: all that was received is, what was issued is known to its recipients."""
        return partner == self._own or any(each.partner == partner for each in stored.deliveries)

    def _has(self, stored: StoredRecord, partner: str) -> bool:
        """Tell whether the partner has signed for it."""
        return partner == self._own or any(
            each.partner == partner and each.receipted_at is not None for each in stored.deliveries
        )

    async def _mappings_in_force(self, records: Iterable[StoredRecord], at: int) -> list[Record]:
        """Give the latest mapping of each issuer for each operator, out of all that it stated on that operator."""
        named = [
            Record.FromString(each.record) for each in records if each.kind == "identifier_mapping" and not each.erased
        ]
        gathered = await gather(self._index, [f"tin:{each.identifier_mapping.tin}" for each in named])
        return mappings_in_force(gathered.records, at)


def mappings_in_force(records: Iterable[StoredRecord], at: int) -> list[Record]:
    """Give the latest mapping of each issuer for each operator that holds at ``at``, not ended, not superseded.

    One that a tombstone ends is no mapping any more, erased or not.
    """
    given = list(records)
    ends = withdrawn(given)
    latest: dict[tuple[str, str], Record] = {}
    for stored in given:
        if stored.kind == "identifier_mapping" and not stored.superseded_by and not stored.erased:
            record = Record.FromString(stored.record)
            key = record.header.issuer, record.identifier_mapping.tin
            said = personal(record)
            if key in ends and said and ends[key].ends(said):
                continue
            if _from(record) <= at and (key not in latest or _order(record) > _order(latest[key])):
                latest[key] = record
    return [latest[key] for key in sorted(latest) if not latest[key].identifier_mapping.ended]


def digest_of(
    statements: Iterable[Statement], *, issuer: str, partner: str, midnight: int, delivered: Collection[str] = ()
) -> RegisterDigest:
    """Hash the standings in force at ``midnight`` among what was stated before, and the tombstones of ``delivered``."""
    known = [
        each
        for each in statements
        if each.issuer == issuer
        and (each.issued_at < midnight or (each.consent_withdrawn_at is not None and each.record_id in delivered))
    ]
    views = operator_views(known, midnight)
    lines = sorted(f"{view.tin} {view.current.record_id}\n" for view in views if view.current is not None)
    return RegisterDigest(issuer, partner, midnight, len(lines), sha256("".join(lines).encode()).digest())


def _from(record: Record) -> int:
    header = record.header
    return header.effective_from.seconds if header.HasField("effective_from") else header.issued_at.seconds


def _order(record: Record) -> tuple[int, int, str]:
    return _from(record), record.header.issued_at.seconds, record.header.record_id


def _names(mapping: Record, scheme: str, value: str) -> bool:
    return any((each.scheme, each.value) == (scheme, value) for each in mapping.identifier_mapping.local_ids)


def _states(stored: StoredRecord, issuer: str) -> bool:
    return (
        stored.kind == "aeo_status" and not stored.erased and Record.FromString(stored.record).header.issuer == issuer
    )


def _by_id(gathered: Gathered) -> dict[tuple[str, str], StoredRecord]:
    return {(each.issuer, each.record_id): each.stored for each in read_each_once(gathered.records)}
