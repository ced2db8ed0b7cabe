"""A partner of another version: it leaves out what came later, or says what nobody here knows yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import ClassVar, Final

from gateway.exchange.release import Release
from mock_partners.behaviours.sessions import InSessions, Session
from mock_partners.behaviours.spec import Value, one_of
from mutualrecognition.federation.v1.link_pb2 import LinkFrame
from mutualrecognition.records.v1.record_pb2 import Record

_UNKNOWN_FIELD: Final = b"\xba\x3e\x05later"
"""Field 999, a text: whatever message it is added to has a field that this version does not know."""

_UNKNOWN_BODY: Final = b"\xc2\x3e\x02\x08\x01"
"""Field 1000, a message: the body of a record of a kind that this version does not know."""

_UNKNOWN_VALUE: Final = 99


class OlderSchema(InSessions):
    """Knows less."""

    name = "older-schema"
    does = (
        "Its Hello says no limits, its records leave out what came with a later version, such as a device's strength."
    )
    honest = (
        "They link with it, one record at a time, and take what is missing for unknown: a device of which nobody says "
        "how strong it is was not strong enough."
    )

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:  # noqa: ARG002
        """Say Hello without limits."""
        if frame.HasField("hello"):
            older = LinkFrame()
            older.CopyFrom(frame)
            older.hello.ClearField("limits")
            frame = self.marked(older)
        yield frame

    def stated(self, record: Record) -> Record:
        """Leave out how strong the device was that a control was done with."""
        if not (self.on and record.HasField("inspection_outcome")):
            return record
        older = Record()
        older.CopyFrom(record)
        for method in older.inspection_outcome.methods:
            method.ClearField("xray")
        return older


class NewerSchema(InSessions):
    """Knows more."""

    name = "newer-schema"
    does = (
        "It sends frames of an unknown kind, and unknown fields in every frame; in its records an unknown field, "
        "value or kind."
    )
    honest = (
        "They ignore frames and fields that they do not know, keep a record's exact bytes with them, and never "
        "take an unknown value or kind for a harmless one."
    )
    values: ClassVar = {"records": Value(one_of("field", "value", "kind"), "field", "what is unknown in its records")}

    async def going_out(self, session: Session, frame: LinkFrame) -> AsyncIterator[LinkFrame]:
        """Put an unknown frame before each, and an unknown field into it."""
        if session.open:
            yield self.marked(LinkFrame.FromString(_UNKNOWN_FIELD))
        newer = LinkFrame.FromString(frame.SerializeToString())
        kind = newer.WhichOneof("frame")
        if kind is not None:
            getattr(newer, kind).MergeFromString(_UNKNOWN_FIELD)
        yield self.marked(newer)

    def released(self, releases: tuple[Release, ...]) -> tuple[Release, ...]:
        """Put what nobody knows into the bytes that are signed."""
        return tuple(replace(each, record=self._newer(each.record)) for each in releases) if self.on else releases

    def _newer(self, record: bytes) -> bytes:
        if self.given["records"] == "field":
            return record + _UNKNOWN_FIELD
        changed = Record.FromString(record)
        if self.given["records"] == "kind":
            changed.ClearField("body")
            return changed.SerializeToString() + _UNKNOWN_BODY
        if changed.HasField("inspection_outcome"):
            changed.inspection_outcome.conclusion = _UNKNOWN_VALUE  # type: ignore[assignment]
        return changed.SerializeToString()
