"""What administrations say of operators, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.cli.describing import when
from gateway.cli.enum_words import short
from gateway.cli.screen import printable
from mutualrecognition.national.v1 import operators_service_pb2 as pb


def headline(operator: pb.OperatorStanding) -> str:
    """Say in one line whether benefits may rest on an operator, and why."""
    mark = "✓" if operator.counts_for_security else "✗"
    name = f"  {operator.standing.legal_name}" if operator.standing.legal_name else ""
    return printable(f"{mark} {operator.issuer} {operator.tin}{name}: {operator.reason}")


def touched_in(notice: pb.LateNotice) -> list[tuple[str, str]]:
    """Give the records that a late notice touches, by issuer and record_id."""
    return list(zip(notice.touched_issuers, notice.touched, strict=True))


def operator_lines(operator: pb.OperatorStanding, touched: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Tell an operator's whole story; ``touched`` says in a line what a record is, by its issuer and its record_id."""
    yield headline(operator)
    for line in operator.history:
        until = f" until {when(line.until.seconds)}" if line.HasField("until") else ""
        gone = {pb.STANDING_FATE_CORRECTED: ", corrected", pb.STANDING_FATE_WITHDRAWN: ", withdrawn"}.get(line.fate, "")
        yield f"    {short(line, 'status')} from {when(line.effective_at.seconds)}{until}{gone}"
    for notice in operator.late_notices:
        yield (
            f"    ! {short(notice, 'status')} held from {when(notice.effective_at.seconds)} and was heard of "
            f"{when(notice.known_at.seconds)}: review what was decided between, of {_many(len(notice.touched))}"
        )
        for issuer, record_id in touched_in(notice):
            yield printable(f"        {record_id}  {touched.get((issuer, record_id), '')}".rstrip())
    if operator.purged or operator.erased:
        yield f"    purged, since the operator withdrew its consent: {operator.purged}; erased here: {operator.erased}"


def heard(mark: pb.Watermark) -> str:
    """Say what a partner's silence is worth."""
    if not mark.HasField("complete_as_of"):
        return f"  {mark.partner}: not heard yet"
    return f"  {mark.partner}: complete as of {when(mark.complete_as_of.seconds)}"


def _many(consignments: int) -> str:
    if not consignments:
        return "no consignment that names it."
    return f"{consignments} consignment{'s' if consignments > 1 else ''} that name{'' if consignments > 1 else 's'} it:"
