"""The sentences for officers, one catalogue a language, keyed by the stable names. English is the first."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.recognition.texts.english import CONDITIONS, OUTCOMES, REASONS


class _Spoken(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def objection_text(reason: str, details: Mapping[str, str]) -> str:
    """Say why a rule does not hold. A name of a later version stands for itself."""
    return REASONS[reason].format_map(_Spoken(details)) if reason in REASONS else reason


def condition_text(code: str, container: str, expected: str) -> str:
    """Say what the gate must show."""
    sentence = CONDITIONS.get(code, code)
    return sentence.format(container=container or "the goods", expected=expected or "as declared")


def summary_text(outcome: str) -> str:
    """Say what the outcome means for whoever has the goods before them."""
    return OUTCOMES.get(outcome, outcome)
