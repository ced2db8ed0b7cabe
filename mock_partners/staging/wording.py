"""Fills what a scenario leaves to the moment: facts, ids of records, times."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, reduce
from typing import Any, Final

from google.protobuf.json_format import ParseDict, ParseError

from mock_partners.staging.script import ScenarioInvalid
from mock_partners.staging.steps import Data, Submit, seconds_of
from mock_partners.staging.variants import FOLDER, merged
from mutualrecognition.records.v1.record_pb2 import Record

_NOW: Final = re.compile(r"now(?:([+-])(\d+[smhd]))?")
_FACT: Final = re.compile(r"\$([a-z][a-z0-9_]*)")
_NAMED_RECORD: Final = re.compile(r"@([a-z0-9][a-z0-9-]*)")


class Wording:
    """Knows the facts of a play and the ids of the records that its steps have submitted so far."""

    def __init__(self, facts: Data) -> None:
        self._facts = merged(_templates()["facts"], facts)
        self.record_ids: dict[str, str] = {}

    def filled(self, value: Any, now: int, step: str) -> Any:  # noqa: ANN401  JSON
        """Give ``value`` with every ``$NAME``, ``@STEP`` and ``now`` in it filled in.

        Raises:
            ScenarioInvalid: it names a fact or a step that there is not.
        """
        if isinstance(value, Mapping):
            return {key: self.filled(each, now, step) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.filled(each, now, step) for each in value]
        return self._text(value, now, step) if isinstance(value, str) else value

    def record(self, step: Submit, name: str, now: int) -> Record:
        """Make the record of a step.

        Raises:
            ScenarioInvalid: it is no record in the JSON form of protobuf.
        """
        template = _templates().get(step.kind, {})
        header = self.filled(merged(template.get("header", {}), step.header), now, name)
        if step.supersedes is not None:
            header["supersedes"] = self._record_id(step.supersedes)
        if step.kind == "withdrawal":
            header["subject"] = {"record_id": header.get("supersedes", "")}
        body = self.filled(merged(template.get("body", {}), step.body), now, name)
        try:
            return ParseDict({"header": header, step.kind: body}, Record())
        except ParseError as error:
            raise ScenarioInvalid(f"The {step.kind} of the step {name!r} is no record: {error}.") from None

    def question(self, parts: Sequence[Data], now: int, step: str) -> Data:
        """Give the question of a step: what is usual, with each of ``parts`` over it.

        Raises:
            ScenarioInvalid: it names a fact or a step that there is not.
        """
        whole = reduce(merged, parts, _templates()["question"])
        filled: Data = self.filled(whole, now, step)
        return filled

    def _text(self, text: str, now: int, step: str) -> Any:  # noqa: ANN401  a fact may be anything
        if found := _NOW.fullmatch(text):
            span = seconds_of(found[2]) if found[2] else 0
            return _stamp(now - span if found[1] == "-" else now + span)
        if found := _NAMED_RECORD.fullmatch(text):
            return self._record_id(found[1])
        if found := _FACT.fullmatch(text):
            return self.filled(copy.deepcopy(self._fact(found[1], step)), now, step)
        return _FACT.sub(lambda each: str(self._fact(each[1], step)), text)

    def _fact(self, name: str, step: str) -> Any:  # noqa: ANN401  a fact may be anything
        if name == "step":
            return step
        if name not in self._facts:
            raise ScenarioInvalid(f"The step {step!r} needs the fact ${name}, which [facts] does not have.")
        return self._facts[name]

    def _record_id(self, step: str) -> str:
        if step not in self.record_ids:
            raise ScenarioInvalid(f"No step called {step!r} has submitted a record yet.")
        return self.record_ids[step]


@lru_cache(maxsize=1)
def _templates() -> Data:
    return tomllib.loads((FOLDER / "records.toml").read_text("utf-8"))


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
