"""What a new version of an agreement changes: what is released more or less, and what else reads otherwise."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from gateway.trust.recognition_terms import Equivalence
from gateway.trust.terms import ALL_FIELDS, Flow, Terms

ABSENT: Final = "—"


class Effect(StrEnum):
    """What a change does to what leaves, or to what counts."""

    MORE = "MORE"
    LESS = "LESS"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``way`` is as ``CN → NL``, empty for the agreement as a whole."""

    way: str
    what: str
    before: str
    after: str
    effect: Effect


def differences(old: Terms, new: Terms) -> tuple[Change, ...]:
    """Compare two versions: flows first, by direction, kind and purpose; then what counts as equivalent; then the rest.

    Titles and the like are compared too: both sides sign all of the text.
    """
    return (*_flows(old, new), *_equivalence(old, new), *_others(old, new))


def _flows(old: Terms, new: Terms) -> Iterator[Change]:
    before, after = _by_purpose(old), _by_purpose(new)
    for key in sorted({*before, *after}):
        sender, receiver, kind, purpose = key
        way, what = f"{sender} → {receiver}", f"{kind} for {purpose}"
        was, becomes = before.get(key), after.get(key)
        if was is None or becomes is None:
            more = was is None
            yield Change(way, what, _fields(was), _fields(becomes), Effect.MORE if more else Effect.LESS)
        else:
            yield from _flow(way, what, was, becomes)


def _flow(way: str, what: str, was: Flow, becomes: Flow) -> Iterator[Change]:
    if fewer := _beyond(was, becomes):
        yield Change(way, f"{what}: fields", fewer, ABSENT, Effect.LESS)
    if more := _beyond(becomes, was):
        yield Change(way, f"{what}: fields", ABSENT, more, Effect.MORE)
    if was.retention_days != becomes.retention_days:
        effect = Effect.MORE if becomes.retention_days > was.retention_days else Effect.LESS
        yield Change(way, f"{what}: kept", f"{was.retention_days} days", f"{becomes.retention_days} days", effect)


def _beyond(one: Flow, other: Flow) -> str:
    """Name what ``one`` lets through and ``other`` does not."""
    if ALL_FIELDS in other.fields:
        return ""
    if ALL_FIELDS in one.fields:
        return f"all but {', '.join(sorted(other.fields))}"
    return ", ".join(sorted(path for path in one.fields if not _lets_through(other, path)))


def _lets_through(flow: Flow, path: str) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in flow.fields for length in range(1, len(parts) + 1))


def _by_purpose(terms: Terms) -> dict[tuple[str, str, str, str], Flow]:
    return {
        (flow.sender, flow.receiver, flow.kind, str(purpose)): flow for flow in terms.flows for purpose in flow.purposes
    }


def _fields(flow: Flow | None) -> str:
    if flow is None:
        return "nothing"
    return "everything" if ALL_FIELDS in flow.fields else ", ".join(flow.fields)


def _equivalence(old: Terms, new: Terms) -> Iterator[Change]:
    before, after = _numbered(old), _numbered(new)
    for key in [*before, *(key for key in after if key not in before)]:
        was, becomes = before.get(key), after.get(key)
        row = was or becomes
        assert row is not None
        way = f"{row.relying} on {row.issuer}"
        what = f"{' '.join(filter(None, (row.basis, row.method)))} counts as {row.counts_as}"
        if was is None or becomes is None:
            effect = Effect.MORE if was is None else Effect.LESS
            yield Change(way, what, _conditions(was), _conditions(becomes), effect)
            continue
        for name in dict.fromkeys((*_stated(was), *_stated(becomes))):
            one, other = _stated(was).get(name), _stated(becomes).get(name)
            if one != other:
                yield Change(way, f"{what}: {name}", _words(one), _words(other), _stricter(name, one, other))


def _numbered(terms: Terms) -> Mapping[Hashable, Equivalence]:
    """Give the rows by what they are about; of several about one thing each has its number."""
    found: dict[Hashable, Equivalence] = {}
    for row in terms.equivalence:
        about = (row.issuer, row.relying, row.basis, row.method, row.counts_as)
        number = sum(key[:-1] == about for key in found if isinstance(key, tuple))
        found[*about, number] = row
    return found


def _stated(row: Equivalence) -> dict[str, Any]:
    about = {"issuer", "relying", "basis", "method", "counts_as"}
    stated = row.model_dump(mode="json", exclude=about, exclude_none=True, exclude_defaults=True)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()}


def _conditions(row: Equivalence | None) -> str:
    return ABSENT if row is None else ", ".join(f"{name} {_words(value)}" for name, value in _stated(row).items())


_MORE_IS_MORE: Final = frozenset({"max_age_hours"})
_MORE_IS_LESS: Final = frozenset({"min_energy_mev", "min_penetration_mm_steel", "min_percent"})


def _stricter(name: str, one: Any, other: Any) -> Effect:  # noqa: ANN401  a value of TOML
    """Say whether more or less counts than before; of what has no order, neither."""
    if name == "threats":
        gained, lost = set(other) - set(one), set(one) - set(other)
        return Effect.OTHER if gained and lost else Effect.MORE if gained else Effect.LESS
    if name in _MORE_IS_MORE:
        return Effect.MORE if other > one else Effect.LESS
    if name in _MORE_IS_LESS:
        return Effect.MORE if (other or 0) < (one or 0) else Effect.LESS
    return Effect.OTHER


def _others(old: Terms, new: Terms) -> Iterator[Change]:
    apart = {"flows", "equivalence"}
    before, after = old.model_dump(mode="json", exclude=apart), new.model_dump(mode="json", exclude=apart)
    for name, value in before.items():
        if value != after[name]:
            yield Change("", name, _plain(name, value), _plain(name, after[name]), Effect.OTHER)


def _plain(name: str, value: Any) -> str:  # noqa: ANN401  a value of TOML
    if name in ("valid_from", "valid_until"):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(" ".join(str(each) for each in row.values()) for row in value)
    return _words(value)


def _words(value: Any) -> str:  # noqa: ANN401  a value of TOML
    if value is None or value in ([], ()):
        return ABSENT
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
