"""A scenario and its variants as plays, each complete in itself."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mock_partners.staging.script import Scenario, ScenarioInvalid, Variant, checked, read_script
from mock_partners.staging.steps import Data

FOLDER: Final = Path(__file__).parents[1] / "scenarios"
"""Where the scenarios are that come with the project."""


@dataclass(frozen=True, slots=True)
class Play:
    """One scenario, or one of its variants. ``name`` is the file's, and after a slash the variant's."""

    name: str
    scenario: Scenario


def shipped() -> list[Path]:
    """Give the files of all scenarios that come with the project, in their order; then those of behaviours."""
    return [*sorted(FOLDER.glob("[0-9]*.toml")), *sorted((FOLDER / "behaviours").glob("*.toml"))]


def plays_of(file: Path) -> list[Play]:
    """Give the scenario in a file and all its variants.

    Raises:
        ScenarioInvalid: the file, or a variant of it, cannot be played.
    """
    scenario = read_script(file)
    tables = tomllib.loads(file.read_text("utf-8"))
    return [Play(file.stem, scenario), *_variants(file, tables, scenario)]


def find_plays(wanted: str) -> list[Play]:
    """Give what is meant by a path, a scenario's name with or without its number, or ``NAME/VARIANT``.

    Raises:
        ScenarioInvalid: there is no such scenario.
    """
    if Path(wanted).suffix == ".toml":
        return plays_of(Path(wanted))
    name, _, variant = wanted.partition("/")
    for file in shipped():
        if name in (file.stem, *file.stem.split("-", 1)):
            plays = plays_of(file)
            found = [play for play in plays if not variant or play.name == f"{file.stem}/{variant}"]
            if found:
                return found
            raise ScenarioInvalid(f"{file.stem} has no variant {variant!r}: './run mock run --list' shows them.")
    raise ScenarioInvalid(f"There is no scenario {wanted!r}: './run mock run --list' shows them.")


def merged(base: Any, over: Any) -> Any:  # noqa: ANN401  JSON
    """Lay one JSON value over another: objects are merged, everything else is replaced; null takes a key away."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return copy.deepcopy(over)
    both = {key: merged(base.get(key), value) for key, value in over.items()}
    return {key: value for key, value in {**base, **both}.items() if value != "null"}


def _variants(file: Path, tables: Data, scenario: Scenario) -> Iterator[Play]:
    raw = {key: value for key, value in tables.items() if key != "variants"}
    for variant in scenario.variants:
        source = f"{file}, variant {variant.name}"
        yield Play(f"{file.stem}/{variant.name}", checked(_changed(raw, variant, source), source))


def _changed(raw: Data, variant: Variant, source: str) -> Data:
    tables: Data = copy.deepcopy(raw)
    tables |= {"title": variant.title, "why": variant.why}
    for key, over in (("facts", variant.facts), ("question", variant.question)):
        tables[key] = merged(tables.get(key, {}), over)
    if variant.agreements is not None:
        tables["agreements"] = [each.model_dump() for each in variant.agreements]
    for part in tables["cast"].values():
        if variant.behaviours is not None and "behaviours" in part:
            part["behaviours"] = list(variant.behaviours)
    tables["steps"] = _steps(tables["steps"], variant, source)
    return tables


def _steps(steps: list[Data], variant: Variant, source: str) -> list[Data]:
    known = {step.get("name") for step in steps}
    for name in (*variant.without, *variant.change):
        if name not in known:
            raise ScenarioInvalid(f"{source}: there is no step {name!r} to leave out or to change.")
    made = [
        merged(step, variant.change.get(step.get("name", ""), {}))
        for step in steps
        if step.get("name") not in variant.without
    ]
    for step in variant.steps:
        names = [each.get("name") for each in made]
        after = step.get("after")
        if after is not None and after not in names:
            raise ScenarioInvalid(f"{source}: there is no step {after!r} to add another after.")
        made.insert(len(made) if after is None else names.index(after) + 1, step)
    return made
