"""What requests, alerts and their answers say, in a few words each: for a line of a timeline and for a whole story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.cli.enum_words import short, short_name
from mutualrecognition.records.v1.record_pb2 import Record


def said_of_hand(record: Record) -> Iterable[str] | None:
    """Say what a record of this kind says, part by part; None for kinds that nobody has in hand."""
    kind = record.WhichOneof("body") or ""
    words = _WORDS.get(kind)
    return None if words is None else words(getattr(record, kind))


def asked_for(body: Any) -> str:  # noqa: ANN401  one of three generated classes
    """Say what a request asks: which controls against what, which threats, which elements."""
    kind = body.DESCRIPTOR.name
    if kind == "ControlRequest":
        wanted = " + ".join(_names(body, "methods_wanted"))
        against = short(body, "threat_category")
        observed = "an officer wishes to be present" if body.observe_requested else ""
        otherwise = f"otherwise {short(body, 'fallback')}" if short(body, "fallback") else ""
        return "; ".join(filter(None, (f"{wanted} for {against}", observed, otherwise)))
    if kind == "ScreeningRequest":
        return f"risk of {' + '.join(_names(body, 'threats'))}"
    return ", ".join(body.elements) + (f': "{body.question}"' if body.question else "")


def answered_with(body: Any) -> str:  # noqa: ANN401  one of three generated classes
    """Say what an answer gives besides its state: a reason, a plan, an offer, the elements. Empty when nothing."""
    fields = body.DESCRIPTOR.fields_by_name
    parts = [short(body, "decline_reason")]
    if "methods_offered" in fields and body.methods_offered:
        parts.append(f"instead {' + '.join(_names(body, 'methods_offered'))}")
    if "control_id" in fields and body.control_id:
        parts.append(f"control {body.control_id}")
    if "elements" in fields:
        parts += [f"{each.element} = {each.value or 'unknown'}" for each in body.elements]
    return ", ".join(filter(None, parts))


def _request(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"{body.request_id}: {asked_for(body)}"
    if body.on_behalf_of:
        yield f"for an officer of {body.on_behalf_of}"
    if short(body, "state") not in ("", "SENT"):
        yield short(body, "state")


def _answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"{body.request_id}: {short(body, 'state')}"
    yield answered_with(body)


def _alert(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"{short(body, 'type').replace('_', ' ')} {body.alert_id}"
    if body.lifts:
        yield f"lifts {body.lifts}"
    if body.closed:
        yield "closed"
    if body.text:
        yield f'"{body.text}"'


def _alert_answer(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield f"{body.alert_id}: {short(body, 'state')}"
    if body.reason:
        yield f'"{body.reason}"'


def _withdrawal(body: Any) -> Iterator[str]:  # noqa: ANN401
    yield short(body, "reason")
    yield body.text


_WORDS = {
    "control_request": _request,
    "screening_request": _request,
    "information_request": _request,
    "control_answer": _answer,
    "screening_answer": _answer,
    "information_answer": _answer,
    "alert": _alert,
    "alert_answer": _alert_answer,
    "withdrawal": _withdrawal,
}


def _names(body: Any, field: str) -> list[str]:  # noqa: ANN401
    enum = body.DESCRIPTOR.fields_by_name[field].enum_type
    return [short_name(enum, number) for number in getattr(body, field)]
