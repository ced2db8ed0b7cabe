"""What an attack is: a function with a sentence, the requirement that it breaks and the answer that is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mock_partners.rogue.heard import Answer, Heard
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import NoteUnreadable
from mock_partners.rogue.session import Ended

Run = Callable[[Link], Awaitable[Heard]]


@dataclass(frozen=True, slots=True)
class Attack:
    """One row of the table. ``breaks`` are numbers of docs/protocol.md; ``audited``: the gateway's audit log has it."""

    name: str
    does: str
    breaks: tuple[str, ...]
    answer: Answer
    audited: bool
    act: Run

    async def run(self, link: Link) -> Heard:
        """Attack; an end of the session that came earlier than expected is what was heard.

        So is it when the partner, for its part, sends what does not hold.
        """
        try:
            return await self.act(link)
        except Ended as end:
            return end.heard
        except NoteUnreadable as wrong:
            return Heard(status="what does not hold", detail=str(wrong))


def attack(breaks: str, answer: Answer, *, audited: bool = False) -> Callable[[Run], Attack]:
    """Make an attack of a function: its name and the first line of its docstring are the row's.

    ``breaks`` are requirements, with spaces between. What suspends a link is audited in any case.
    """

    def made(run: Run) -> Attack:
        name = str(getattr(run, "__name__", "")).replace("_", "-")
        does = (run.__doc__ or "").splitlines()[0]
        return Attack(name, does, tuple(breaks.split()), answer, audited or answer.suspends, run)

    return made
