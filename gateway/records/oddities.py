"""What is odd about a record but no ground to refuse it: codes that no list knows, check digits that do not hold.

A shipper's own box need not follow ISO 6346, a code list may be older than the code, a place has aliases. The record
is stored as it came, and people are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from google.protobuf.message import Message

from gateway.errors import IdentifierInvalid, Violation
from gateway.records.codes import CodeList, shipped
from gateway.records.identifiers import parse_container, parse_hs, parse_imo
from gateway.records.identifiers.containers import Conformity
from gateway.records.rules.constraints import YEAR_2000, YEAR_2100
from mutualrecognition.records.v1.record_pb2 import Record

_PACKAGE = "mutualrecognition.records.v1."

LISTS_OF_FIELDS: Mapping[str, str] = {
    "Address.country": "country",
    "RoutingCountry.country": "country",
    "ConsignmentData.means_nationality": "country",
    "ConsignmentData.invoice_currency": "currency",
    "Location.locode": "locode",
    "Packages.type": "package_type",
}
"""Which code list a field's values come from. HS codes are looked up under their record's own edition."""

LISTS_LOOKED_UP = frozenset({"hs", *LISTS_OF_FIELDS.values()})
"""The lists whose codes give warnings, and which an operator may therefore load."""

_CONTAINERS = frozenset(
    {
        "ConsignmentRef.container_numbers",
        "SealEvent.container_number",
        "Seal.container_number",
        "GoodsItem.container_numbers",
        "TransportEquipment.number",
        "Alert.container_numbers",
        "MovementEvent.from_container",
        "MovementEvent.to_container",
    },
)

Lists = Mapping[str, CodeList]

_YEAR = re.compile("[0-9]{4}")


def warnings(record: Record, lists: Lists | None = None) -> tuple[Violation, ...]:
    """Tell what is odd about ``record``; ``lists`` by name take the place of those that come with the program.

    The day that counts for a code's dates is that of the record's ``issued_at``. Not for the path of a batch: this
    walks the whole record. A record that breaks its rules is looked at as far as it can be read.
    """
    day = _day(record.header.issued_at.seconds)
    kind = record.WhichOneof("body")
    if kind is None:
        return ()
    return tuple(_walk(getattr(record, kind), kind, lists or shipped(), day)) + tuple(
        _goods(record, lists or shipped())
    )


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(min(max(seconds, YEAR_2000), YEAR_2100 - 1), tz=UTC).date()


def _walk(message: Message, path: str, lists: Lists, day: date) -> Iterator[Violation]:
    for field, value in message.ListFields():
        here = f"{path}.{field.name}"
        look = _look_at(field.full_name.removeprefix(_PACKAGE), lists, day)
        each = [(f"{here}[{index}]", one) for index, one in enumerate(value)] if field.is_repeated else [(here, value)]
        for at, one in each:
            if field.message_type is not None:
                yield from _walk(one, at, lists, day)
            elif look is not None:
                yield from look(one, at)


def _look_at(name: str, lists: Lists, day: date) -> Callable[[Any, str], Iterator[Violation]] | None:
    """Choose how the values of a field are looked at; None where nothing can be odd."""
    if name in LISTS_OF_FIELDS:
        return lambda code, path: _code(lists[LISTS_OF_FIELDS[name]], code, path, day)
    if name in _CONTAINERS:
        return _container
    if name == "Voyage.imo":
        return _imo
    return None


def _code(known: CodeList, code: str, path: str, day: date) -> Iterator[Violation]:
    found = known.codes.get(code)
    listed = f"the list {known.name} ({known.edition}{'' if known.complete else ', not complete'})"
    if found is None:
        yield Violation(path, "code.unknown", f"{code} is not in {listed}.")
    elif found.same_as:
        yield Violation(path, "code.alias", f"{code} is another name for {found.same_as} in {listed}.")
    elif not found.holds_on(day):
        yield Violation(path, "code.out_of_date", f"{code} was not in use on {day}, by {listed}.")


def _container(number: str, path: str) -> Iterator[Violation]:
    try:
        container = parse_container(number)
    except IdentifierInvalid as invalid:
        yield Violation(path, "container.check_digit", invalid.sentence)
        return
    if container.conformity is Conformity.AMBIGUOUS_ZERO:
        sentence = f"The check digit 0 of {number} stands for a remainder of 10: it detects fewer errors than others."
        yield Violation(path, "container.ambiguous_zero", sentence)


def _imo(number: str, path: str) -> Iterator[Violation]:
    try:
        parse_imo(number)
    except IdentifierInvalid as invalid:
        yield Violation(path, "imo.check_digit", invalid.sentence)


def _goods(record: Record, lists: Lists) -> Iterator[Violation]:
    """Look up HS codes under the edition that the record states."""
    data = record.consignment_data
    known = lists["hs"]
    for index, item in enumerate(data.goods):
        path = f"consignment_data.goods[{index}].hs_code"
        if not item.hs_code or not _YEAR.fullmatch(data.hs_edition):
            continue
        try:
            code = parse_hs(item.hs_code, int(data.hs_edition))
        except IdentifierInvalid as invalid:
            yield Violation(path, "hs.impossible", invalid.sentence)
            continue
        if data.hs_edition == known.edition and code.subheading not in known.codes:
            complete = "" if known.complete else ", which is not complete"
            sentence = f"{code.subheading} is not in the list of edition {known.edition}{complete}."
            yield Violation(path, "code.unknown", sentence)
