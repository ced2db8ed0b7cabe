"""Agreements of a scenario: the shared terms, for these parties, with the scenario's own changes, as a text to sign.

A pair written as ``*`` in the shared terms stands for every pair of parties, in both directions.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import permutations
from typing import Any, Final

from gateway.errors import DocumentInvalid
from gateway.trust.agreement_text import HEADER
from gateway.trust.agreements import parse_agreement
from mock_partners.staging.script import AgreementUse, ScenarioInvalid
from mock_partners.staging.steps import Data
from mock_partners.staging.variants import FOLDER

_EVERYBODY: Final = "*"
_COMBINATIONS: Final = "combinations"


def agreement_text(use: AgreementUse) -> str:
    """Write an agreement's text.

    Raises:
        ScenarioInvalid: there are no such shared terms, or what comes out is no agreement.
    """
    terms: Data = {**_shared_terms(use.base), **use.change}
    terms.setdefault("id", "-".join((*(party.lower() for party in use.parties), use.base)))
    terms["parties"] = list(use.parties)
    text = "\n".join((HEADER, "# Made up, for a scenario: no such decision exists.", *_lines(terms, use.parties), ""))
    try:
        parse_agreement(text)
    except DocumentInvalid as error:
        raise ScenarioInvalid(f"The agreement {terms['id']} of the scenario: {error.sentence}") from None
    return text


@cache
def _shared_terms(base: str) -> Data:
    file = FOLDER / "agreements" / f"{base}.toml"
    if not file.is_file():
        raise ScenarioInvalid(f"There are no shared terms {base!r} in {file.parent}.")
    return tomllib.loads(file.read_text("utf-8"))


def _lines(terms: Data, parties: Sequence[str]) -> Iterator[str]:
    """Write TOML: plain keys first, then the tables."""
    tables = {key: value for key, value in terms.items() if _are_tables(value)}
    for key, value in terms.items():
        if key not in tables:
            yield f"{key} = {_value(value)}"
    for key, rows in tables.items():
        for row in rows:
            for each in _between(key, row, parties):
                yield f"\n[[{key}]]"
                yield from (f"{name} = {_value(value)}" for name, value in each.items())


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _between(table: str, row: Mapping[str, Any], parties: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Give a row for every pair that it stands for; names get the pair behind them, since each may stand once."""
    if _EVERYBODY not in (row.get("from"), row.get("to")):
        yield row
        return
    for sender, receiver in permutations(parties, 2):
        if row["from"] not in (_EVERYBODY, sender) or row["to"] not in (_EVERYBODY, receiver):
            continue
        pair = f"-{sender}-{receiver}".lower()
        made = {**row, "from": sender, "to": receiver}
        if "name" in row:
            made["name"] += pair
        if table == _COMBINATIONS:  # it names no issuer: its rows do
            made["all_of"] = [f"{name}{pair}" for name in row["all_of"]]
            del made["from"]
        yield made


def _value(value: Any) -> str:  # noqa: ANN401  what TOML has
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat().replace("+00:00", "Z")
    return json.dumps(value, ensure_ascii=False)
