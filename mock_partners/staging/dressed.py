"""A member of the cast: its home, its behaviours, and the collaborators that its node opens with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.app import Collaborators
from mock_partners.behaviours import Own, Trace, dress, parse
from mock_partners.staging.clock import StageClock
from mock_partners.staging.homes import Home

Make = Callable[[str, Collaborators], Collaborators]


def honest(administration: str, traced: Collaborators) -> Collaborators:  # noqa: ARG001  as every maker
    """Give an honest node what it really has."""
    return traced


class Dressed:
    """One administration of a play. ``make`` may change the collaborators of an honest one.

    What it is dressed in stays the same while its node goes off and on.
    """

    def __init__(
        self, home: Home, behaviours: Sequence[str], clock: StageClock, trace: Trace, make: Make, *, later: bool
    ) -> None:
        self.home = home
        self.behaviours = [parse(each) for each in behaviours]
        for each in self.behaviours if later else ():
            each.end()
        own = Own(home.settings, home.path, clock=clock, trace=trace)
        traced = dress(self.behaviours, own)
        self.collaborators = traced if behaviours else make(home.administration, traced)
        self.later = later
