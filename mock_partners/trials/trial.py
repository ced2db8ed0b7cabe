"""One attack after the other on the ground, each compared with the answer that is due."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from mock_partners.rogue.attack import Attack
from mock_partners.rogue.identity import NAMES
from mock_partners.rogue.link import Link
from mock_partners.trials.ground import Ground, open_ground
from mutualrecognition.operations.v1 import links_service_pb2 as operations


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attack went. ``faults`` is empty when the gateway did as it must."""

    attack: Attack
    happened: str
    faults: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the gateway did as it must."""
        return not self.faults


@dataclass
class Trial:
    """Attacks one gateway. The honest partner's session must be the same from beginning to end."""

    ground: Ground
    _session: str = field(default="", init=False)
    _began: int = field(default=0, init=False)

    async def heard(self, attack: Attack, link: Link) -> Verdict:
        """Attack, and compare what the rogue hears alone."""
        began = time.monotonic()
        heard = await attack.run(link)
        return Verdict(attack, str(heard), tuple(attack.answer.faults(heard)), time.monotonic() - began)

    async def of(self, attack: Attack, link: Link) -> Verdict:
        """Attack, and look at the gateway from inside."""
        ground, rogue = self.ground, link.identity.administration
        began = time.monotonic()
        if not self._session:
            self._session, self._began = await ground.honest_delivers(), await ground.audit_size()
        entries = await ground.audit_size()
        heard = await attack.run(link)
        faults = attack.answer.faults(heard)
        state = (await ground.link_with(rogue)).state
        if (state == operations.LINK_STATE_SUSPENDED) != attack.answer.suspends:
            faults.append(f"The link is {operations.LinkState.Name(state).removeprefix('LINK_STATE_').lower()}.")
        if attack.audited and not await self._told_of(attack, rogue, entries):
            faults.append("The audit log says nothing of it.")
        if await ground.honest_delivers() != self._session:
            faults.append("The honest partner's session ended meanwhile.")
        await ground.resume(rogue)
        return Verdict(attack, str(heard), tuple(faults), time.monotonic() - began)

    async def _told_of(self, attack: Attack, rogue: str, first: int) -> bool:
        """Whether the audit log has it.

        A suspension is an entry of its own. Of callers that are turned away the first of a kind is written at once, and
        more of them as a number, a minute later.
        """
        if attack.answer.suspends:
            return any(each.action == "suspend" and rogue in each.detail for each in await self.ground.audited(first))
        return any(each.action == "refuse" for each in await self.ground.audited(self._began))


async def try_all(attacks: Sequence[Attack], *, told: Callable[[Verdict], None] = lambda _: None) -> list[Verdict]:
    """Bring up a ground of one's own and run attacks on it, by each rogue in turn."""
    with tempfile.TemporaryDirectory(prefix="rogue-", ignore_cleanup_errors=True) as place:
        async with open_ground(Path(place), NAMES) as ground:
            trial, verdicts = Trial(ground), list[Verdict]()
            for attack, rogue in zip(attacks, cycle(NAMES), strict=False):
                verdicts.append(await trial.of(attack, ground.links[rogue]))
                told(verdicts[-1])
            return verdicts
