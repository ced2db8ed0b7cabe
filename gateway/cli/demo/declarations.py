"""Import declarations that were inspected, from a CSV, as records: what was declared, and what the inspection found.

A row says less than a record can. What the row does not say stays out, unless the record would say nothing without it;
then it is made up, and the record itself says so: in ``shipping_marks`` of the goods, and in the name of the place of
the control. Made up are containers (of what came by sea), the time of day, the method of the control and, where the
inspection found something, the class of what it found.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import IO, Annotated, Any, Final, Self
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gateway.cli.submission_files import Placed
from gateway.errors import Malformed
from gateway.records.identifiers import check_digit
from mutualrecognition.national.v1.records_service_pb2 import Submission
from mutualrecognition.records.v1 import consignment_ref_pb2 as refs
from mutualrecognition.records.v1 import inspection_outcome_pb2 as outcomes
from mutualrecognition.records.v1 import method_pb2 as methods
from mutualrecognition.records.v1.record_pb2 import PURPOSE_SECURITY_RISK, Record

HS_EDITION: Final = "2017"
CURRENCY: Final = "KRW"
_CONTAINER_PREFIX: Final = "MADU"
_NOON: Final = time(12, tzinfo=UTC)
_SEA: Final = "10"
_MODES: Final = {
    _SEA: refs.TRANSPORT_MODE_SEA,
    "20": refs.TRANSPORT_MODE_RAIL,
    "30": refs.TRANSPORT_MODE_ROAD,
    "40": refs.TRANSPORT_MODE_AIR,
    "50": refs.TRANSPORT_MODE_POST,
    "80": refs.TRANSPORT_MODE_INLAND_WATERWAY,
    "90": refs.TRANSPORT_MODE_UNSPECIFIED,
}
_CONCLUSIONS: Final = (
    outcomes.CONCLUSION_NO_DISCREPANCY,
    outcomes.CONCLUSION_DISCREPANCY,
    outcomes.CONCLUSION_SEIZED_DETAINED,
)
_FOUND: Final = (
    outcomes.DISCREPANCY_CLASS_UNSPECIFIED,
    outcomes.DISCREPANCY_CLASS_DESCRIPTION,
    outcomes.DISCREPANCY_CLASS_PROHIBITED,
)
_CENT: Final = Decimal("0.01")

_Number = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,17}$")]
_NumberOrNone = Annotated[str, StringConstraints(pattern=r"^[!-~]{0,17}$")]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Amount = Annotated[Decimal, Field(ge=0, lt=10**14)]


class Row(BaseModel):
    """What is read of one row; other columns are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    declaration: Annotated[_Number, Field(alias="Declaration ID")]
    day: Annotated[date, Field(alias="Date", ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
    office: Annotated[_Number, Field(alias="Office ID")]
    mode: Annotated[str, Field(alias="Mode of Transport", pattern=f"^({'|'.join(_MODES)})$")]
    declarant: Annotated[_Number, Field(alias="Declarant ID")]
    importer: Annotated[_Number, Field(alias="Importer ID")]
    seller: Annotated[_NumberOrNone, Field(alias="Seller ID")]
    courier: Annotated[_NumberOrNone, Field(alias="Courier ID")]
    hs: Annotated[str, Field(alias="HS6 Code", pattern=r"^[0-9]{6}$")]
    departure: Annotated[_Country, Field(alias="Country of Departure")]
    origin: Annotated[_Country, Field(alias="Country of Origin")]
    net_mass: Annotated[_Amount, Field(alias="Net Mass")]
    price: Annotated[_Amount, Field(alias="Item Price")]
    fraud: Annotated[int, Field(alias="Fraud", ge=0, le=1)]
    critical: Annotated[int, Field(alias="Critical Fraud", ge=0, le=2)]

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if bool(self.fraud) != bool(self.critical):
            raise ValueError("Fraud and Critical Fraud contradict each other")
        return self


COLUMNS: Final = tuple(str(field.alias) for field in Row.model_fields.values())


@dataclass(frozen=True, slots=True)
class Declaration:
    """A row that can be used, and the line it stands in."""

    line: int
    row: Row


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that cannot be used: its line, the column at fault (empty for the row as a whole), and why."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        """Give it as one line for people."""
        column = f", column {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.reason}"


def read_declarations(source: IO[str]) -> Iterator[Declaration | RowRefused]:
    """Read rows as they come; every fault of a row is told, and no row stops those after it.

    Raises:
        Malformed: there is no header line with the columns, or the text is not UTF-8.
    """
    rows = csv.DictReader(source, strict=True)
    first_lines: dict[str, int] = {}
    try:
        _require_columns(rows.fieldnames or ())
        while True:
            try:
                values = next(rows, None)
            except csv.Error as error:
                yield RowRefused(rows.line_num, "", f"{error}")
                continue
            if values is None:
                return
            yield from _read(rows.line_num, values, first_lines)
    except UnicodeDecodeError:
        raise Malformed(f"After line {rows.line_num}: the text is not UTF-8.") from None


def require_columns(source: IO[str]) -> None:
    """Read the first line alone.

    Raises:
        Malformed: as ``read_declarations``.
    """
    next(read_declarations(source), None)


def submissions_of(declaration: Declaration) -> tuple[Placed, Placed]:
    """Make what was declared, and what the inspection found: two records about one consignment.

    Request ids follow from the declaration, so that the same file twice changes nothing at a node.
    """
    row, place = declaration.row, f"line {declaration.line}"
    return (
        Placed(place, Submission(request_id=f"declaration-{row.declaration}", record=_declared(row))),
        Placed(place, Submission(request_id=f"inspection-{row.declaration}", record=_inspected(row))),
    )


def _require_columns(names: Any) -> None:  # noqa: ANN401  a sequence of texts
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise Malformed(f"The first line lacks the columns {', '.join(missing)}.")


def _read(
    line: int, values: dict[str | Any, str | Any], first_lines: dict[str, int]
) -> Iterator[Declaration | RowRefused]:
    if None in values or None in values.values():
        yield RowRefused(line, "", "it has not as many columns as the first line")
        return
    try:
        row = Row.model_validate(values)
    except ValidationError as error:
        yield from (_refused(line, each["loc"], each["type"], each["msg"], each["input"]) for each in error.errors())
        return
    first = first_lines.setdefault(row.declaration, line)
    if first != line:
        yield RowRefused(line, "Declaration ID", f"{row.declaration} stands in line {first} already")
    else:
        yield Declaration(line, row)


def _refused(line: int, location: tuple[int | str, ...], rule: str, message: str, value: object) -> RowRefused:
    if not location:
        return RowRefused(line, "Critical Fraud", message.removeprefix("Value error, "))
    shown = repr(value)[:60]
    if rule == "string_pattern_mismatch":
        form = message.partition("'")[2].rstrip("'")
        return RowRefused(line, str(location[0]), f"{shown} does not have the form {form}")
    return RowRefused(line, str(location[0]), f"{shown}: {message[:1].lower()}{message[1:]}")


def _declared(row: Row) -> Record:
    record = _about(row)
    data = record.consignment_data
    data.level = refs.DOCUMENT_LEVEL_HOUSE
    _name_goods(row, data.consignment)
    data.consignee.id, data.declarant.id = row.importer, row.declarant
    if row.seller:
        data.seller.id = row.seller
    if row.courier:
        data.carrier.id = row.courier
    data.routing.add(sequence=1, country=row.departure)
    marks = "Read from a declaration; made up: the level, and containers if any."
    data.goods.add(
        sequence=1,
        description=f"Goods of HS {row.hs}, origin {row.origin}, net mass {row.net_mass} kg",
        hs_code=row.hs,
        shipping_marks=marks,
        container_numbers=data.consignment.container_numbers,
    )
    data.hs_edition = HS_EDITION
    data.invoice_amount, data.invoice_currency = str(row.price.quantize(_CENT)), CURRENCY
    if row.mode == _SEA:
        data.containerized = True
    return record


def _inspected(row: Row) -> Record:
    record = _about(row)
    outcome = record.inspection_outcome
    outcome.control_id = f"{row.office}-{row.declaration}"
    _name_goods(row, outcome.consignment)
    outcome.location.name = f"Office {row.office}; made up: container, time, method, finding"
    outcome.ended_at.seconds = int(datetime.combine(row.day, _NOON).timestamp())
    outcome.reason = outcomes.CONTROL_REASON_OWN_SELECTION
    outcome.methods.add(kind=methods.METHOD_KIND_PHYS_PARTIAL)
    outcome.conclusion = _CONCLUSIONS[row.critical]
    if row.critical:
        outcome.discrepancies.add(discrepancy_class=_FOUND[row.critical], item=1, declared=f"HS {row.hs}")
    return record


def _about(row: Row) -> Record:
    record = Record()
    record.header.purpose = PURPOSE_SECURITY_RISK
    record.header.issuing_office = row.office
    _name_goods(row, record.header.subject.consignment)
    record.header.subject.consignment.ClearField("voyage")
    return record


def _name_goods(row: Row, reference: refs.ConsignmentRef) -> None:
    reference.mrn = row.declaration
    reference.voyage.mode = _MODES[row.mode]
    if row.mode == _SEA:
        reference.container_numbers.append(_container(row.declaration))


def _container(declaration: str) -> str:
    """Make up a container number that follows from the declaration; its check digit is not the ambiguous 0."""
    serial = crc32(declaration.encode()) % 1_000_000
    while not (digit := check_digit(number := f"{_CONTAINER_PREFIX}{serial:06d}")):
        serial = (serial + 1) % 1_000_000
    return f"{number}{digit}"
