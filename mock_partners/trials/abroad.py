"""The rogue against somebody's real gateway: what that side needs, and what can be seen from here.

From outside one sees what the rogue hears, and whether the link is suspended afterwards: a call is then refused so.
What the audit log says, and whether others noticed, that side has to look up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mock_partners.rogue.agreements import Agreement
from mock_partners.rogue.attack import Attack
from mock_partners.rogue.descriptors import Partner
from mock_partners.rogue.identity import Identity
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import b64, note
from mock_partners.trials.trial import Verdict

_LOGS: Final = "logs.json"
_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Abroad:
    """A rogue with a home of its own, and the partner that it is to attack."""

    home: Path
    link: Link

    @classmethod
    def prepare(cls, home: Path, administration: str, partner_note: bytes, address: str) -> Abroad:
        """Take up the rogue at ``home``, or make one; its files for the other side are written anew."""
        identity = Identity.read(home)
        if identity is None or identity.administration != administration:
            identity = Identity.new(administration, int(time.time()))
            identity.write(home)
            (home / _LOGS).unlink(missing_ok=True)
        partner = Partner.parse(partner_note)
        agreement = _agreement(identity, partner)
        (home / "descriptor.note").write_bytes(identity.note)
        signed = note(agreement.text, identity.root.line(f"{identity.domain}/root", agreement.text))
        (home / "agreement.note").write_bytes(signed)
        link = Link(identity, partner, address, (agreement,), lambda: int(time.time()))
        abroad = cls(home, link)
        abroad._take_up()
        return abroad

    def steps(self) -> Iterator[str]:
        """Say what the other side runs before the first attack."""
        own, digest = self.link.identity.administration, b64(self.link.identity.descriptor.digest)
        yield f"On the side of {self.link.partner.administration}, with the two files in {self.home}:"
        yield f"  gateway partner add descriptor.note --home HOME --digest '{digest}'"
        yield "  gateway agreement sign agreement.note --home HOME --out agreement-both.note"
        yield "  gateway agreement add agreement-both.note --home HOME"
        yield f"After an attack that suspends the link: gateway links --home HOME --resume {own} --reason 'next attack'"
        yield "What it says of all this: gateway audit list --home HOME"

    async def attack(self, attacks: Sequence[Attack]) -> list[Verdict]:
        """Run attacks, up to the first that suspends the link: the others wait until that side has resumed it."""
        verdicts: list[Verdict] = []
        for attack in attacks:
            began = time.monotonic()
            heard = await attack.run(self.link)
            faults = attack.answer.faults(heard)
            if attack.answer.suspends and not await self._suspended():
                faults.append("The link is not suspended there.")
            verdicts.append(Verdict(attack, str(heard), tuple(faults), time.monotonic() - began))
            self._keep()
            if attack.answer.suspends:
                break
        return verdicts

    async def _suspended(self) -> bool:
        async with self.link.connected() as session:
            return (await session.over()).status_reason == "LINK_SUSPENDED"

    def _keep(self) -> None:
        """Keep both logs: the other side holds them, and a rogue that forgets would be somebody else."""
        logs = [self.link.issued, self.link.held]
        kept = [{"leaves": [leaf.hex() for leaf in log.leaves], "note": log.note.decode()} for log in logs]
        (self.home / _LOGS).write_text(json.dumps(kept), "utf-8")

    def _take_up(self) -> None:
        file = self.home / _LOGS
        if file.exists():
            for log, kept in zip((self.link.issued, self.link.held), json.loads(file.read_text("utf-8")), strict=True):
                log.leaves = [bytes.fromhex(leaf) for leaf in kept["leaves"]]
                log.note = kept["note"].encode()


def _agreement(identity: Identity, partner: Partner) -> Agreement:
    own, other = identity.administration, partner.administration
    begin = identity.issued - _DAY
    return Agreement(f"{own}-{other}-rogue".lower(), (own, other), begin, begin + 300 * _DAY)
