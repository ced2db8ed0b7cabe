"""What scenarios expect, by reading them."""

from __future__ import annotations

from mock_partners.staging.deciding import expected_reasons
from mock_partners.staging.script import Scenario
from mock_partners.staging.steps import Answer


def answers_of(scenario: Scenario) -> list[Answer]:
    """Give every answer that a scenario expects."""
    return [step.expect for step in scenario.steps if hasattr(step, "expect")]


def reasons_expected(scenario: Scenario) -> set[str]:
    """Give every reason that a scenario expects: it fails when one of them does not come."""
    return {reason for answer in answers_of(scenario) for reason in expected_reasons(answer)}
