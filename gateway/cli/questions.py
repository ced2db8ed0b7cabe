"""Questions as people write them: TOML or JSON files with short names, and the options of ``gateway decide``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError

from gateway.errors import Malformed
from mutualrecognition.national.v1.decision_pb2 import POINT_OF_TIME_AT_ARRIVAL, Question
from mutualrecognition.records.v1.arrival_feedback_pb2 import SealState


def read_questions(path: Path) -> list[Question]:
    """Read a file: one question, or several in a list (in TOML: [[questions]]).

    Names of enums may be written short: NARCOTICS for THREAT_NARCOTICS.

    Raises:
        Malformed: with what cannot be read.
    """
    text = path.read_text("utf-8")
    try:
        read: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise Malformed(f"{path.name} cannot be read: {error}.") from None
    several = read.get("questions", [read]) if isinstance(read, dict) else read
    if not isinstance(several, list) or not all(isinstance(each, dict) for each in several):
        raise Malformed(f"{path.name} has neither a question nor a list of them.")
    return [read_question(each) for each in several]


def read_question(written: dict[str, Any]) -> Question:
    """Read one question out of plain values.

    Raises:
        Malformed: with the field, and where a word names no value, with those that do.
    """
    try:
        return ParseDict(_in_full(written, Question.DESCRIPTOR), Question())
    except ParseError as error:
        raise Malformed(f"This is no question: {error}.") from None


def add_options(
    question: Question,
    *,
    containers: Sequence[str],
    documents: Sequence[str],
    ucr: str | None,
    mrn: str | None,
    mode: str | None,
    required: Sequence[str],
    operators: Sequence[str],
    weight: str | None,
    seen: Sequence[str],
) -> Question:
    """Add what the command line says.

    Raises:
        Malformed: an option cannot be read.
    """
    reference = question.consignment
    reference.container_numbers.extend(containers)
    for number in documents:
        reference.transport_documents.add(number=number)
    reference.ucr, reference.mrn = ucr or reference.ucr, mrn or reference.mrn
    written: dict[str, Any] = {
        "required": [dict(zip(("threat", "check"), _pair(each, "THREAT:CHECK"), strict=True)) for each in required],
        "declared": {"operators": [_operator(each) for each in operators]},
    }
    if mode:
        written["mode"] = mode.upper()
    if weight:
        written["declared"]["gross_weight_kg"] = weight
    question.MergeFrom(read_question(written))
    if seen:
        question.point = POINT_OF_TIME_AT_ARRIVAL
        question.arrival.at.seconds = int(datetime.now(UTC).timestamp())
        for number in seen:
            question.arrival.seals.add(number=number, state=SealState.SEAL_STATE_INTACT)
    return question


def _operator(text: str) -> dict[str, Any]:
    role, number = _pair(text, "ROLE:TIN or ROLE:SCHEME:NUMBER")
    scheme, colon, value = number.partition(":")
    if not colon:
        return {"role": role.upper(), "tin": number}
    return {"role": role.upper(), "local_id": {"scheme": scheme, "value": value}}


def _pair(text: str, form: str) -> tuple[str, str]:
    one, colon, other = text.partition(":")
    if not (one and colon and other):
        raise Malformed(f"{text!r} is not {form}.")
    return one, other


def _in_full(value: Any, descriptor: Descriptor) -> Any:  # noqa: ANN401  plain values of JSON or TOML
    """Write short names of enums in full, and TOML's times as JSON has them."""
    if not isinstance(value, dict):
        return value
    return {name: _field(each, descriptor.fields_by_name.get(name)) for name, each in value.items()}


def _field(value: Any, field: FieldDescriptor | None) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_field(each, field) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    if field is None:
        return value
    if field.enum_type is not None and isinstance(value, str):
        return _enum(value, field.name, field.enum_type)
    return _in_full(value, field.message_type) if field.message_type is not None else value


def _enum(name: str, field: str, enum: EnumDescriptor) -> str:
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    known = [each.name.removeprefix(prefix) for each in enum.values if each.number]
    word = name.removeprefix(prefix)
    if word not in known:
        raise Malformed(f"{field} has {name!r}, which is none of {', '.join(known)}.")
    return f"{prefix}{word}"
