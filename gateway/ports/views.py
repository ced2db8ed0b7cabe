"""The index of views: which records are found under a key of ``gateway.views.keys``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.ports.records import StoredRecord


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """How far a rebuild has come: up to which sequence, of how many, and how many keys it has filed."""

    done: int
    newest: int
    keys: int


Progress = Callable[[RebuildProgress], None]


class ViewIndex(Protocol):
    """Finds records by what they are about.

    Issued records are filed as they were submitted, received ones when they are accepted; a quarantined one under
    keys of its own (``held:``), where no view looks. A record is under its keys as soon as it is stored: the same
    transaction files it.
    """

    async def records_under(
        self, keys: Collection[str], *, after: int = 0, limit: int = 1000, without: Collection[int] = ()
    ) -> Sequence[StoredRecord]:
        """Give records that have at least one of these keys, each once, in this node's order.

        At most ``limit``, all with a sequence beyond ``after``: whoever wants more asks again after the last one.
        Those with a sequence of ``without`` are left out, and are not read: the caller has them.
        """
        ...

    async def is_outdated(self) -> bool:
        """Tell whether records were stored by a version that filed them otherwise: then a rebuild is due."""
        ...

    async def rebuild(self, progress: Progress) -> None:
        """File every record anew from its stored bytes, while the node may go on working.

        Part by part, each in one transaction, so that a reader misses nothing meanwhile, and one that is stopped half
        way has harmed nothing. ``progress`` hears of each part, in the event loop. What an operator's withdrawn consent
        ends, and an earlier version kept, is erased.
        """
        ...

    async def learn(self) -> None:
        """Read what makes look-ups quick of records that were stored before the start; costs nothing once it is done.

        Nothing is missed before: what was not read yet is looked through.
        """
        ...

    async def digest(self) -> bytes:
        """Give SHA-256 over all that is filed. A rebuild does not change it unless something was wrong before."""
        ...
