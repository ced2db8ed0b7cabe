"""Export: from what the store keeps of an incident to the bundle that a third party can verify."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.errors import Absent, GatewayError, StoreCorrupt
from gateway.evidence.incidents.contradictions import Pair, pairs_of
from gateway.evidence.incidents.growth import Growth
from gateway.evidence.incidents.layout import IncidentFiles, Statement
from gateway.evidence.incidents.notes import ReadNote, read_notes
from gateway.evidence.incidents.verification import build
from gateway.evidence.layout import descriptor_name
from gateway.ports.incidents import Incident, Incidents
from gateway.trust.book import TrustBook


class IncidentExport:
    """Makes incident bundles. Each is verified before it is given away."""

    def __init__(self, *, incidents: Incidents, book: Callable[[], TrustBook]) -> None:
        self._incidents = incidents
        self._book = book

    async def all(self, partner: str = "") -> Sequence[Incident]:
        """Give the incidents of all links or of one, the newest first."""
        return [each for each in await self._incidents.all() if partner in ("", each.partner)]

    async def export(self, partner: str, number: int = 0) -> tuple[bytes, str]:
        """Give the bundle of one incident with ``partner``, and a name for its file.

        Args:
            partner: its administration id.
            number: which incident; 0: the newest.

        Raises:
            Absent: there is no such incident.
            StoreCorrupt: what is stored does not hold.
        """
        found = [each for each in await self.all(partner) if number in (0, each.number)]
        if not found:
            which = f"no incident {number}" if number else "no incident"
            raise Absent(f"There is {which} with {partner!r} here.")
        incident = found[0]
        try:
            bundle = build(await self._files(incident))
        except GatewayError as error:
            raise StoreCorrupt(f"The stored incident {incident.number} does not hold: {error.sentence}") from error
        return bundle, f"incident-{partner}-{incident.number}.zip"

    async def _files(self, incident: Incident) -> IncidentFiles:
        book = self._book()
        sides = [book.descriptor_of(each) for each in sorted((book.own, incident.partner))]
        notes = [each for each in read_notes(incident.notes, sides) if isinstance(each, ReadNote)]
        return IncidentFiles(
            statement=Statement(
                maker=book.own,
                partner=incident.partner,
                number=incident.number,
                at=incident.at,
                reason=incident.reason,
                detail=incident.detail,
                session=incident.session,
                told_by_partner=incident.by_partner,
            ),
            notes=incident.notes,
            growths=await self._growths(incident.partner, notes),
            descriptors={
                descriptor_name(each.administration, each.version): book.descriptor_notes[each.digest] for each in sides
            },
        )

    async def _growths(self, partner: str, notes: Sequence[ReadNote]) -> dict[Pair, Growth]:
        """Prove what can be: where the newer note is of the very log that this side has."""
        found: dict[Pair, Growth] = {}
        for older, newer in pairs_of(notes):
            if not older.is_log or older.size == newer.size:
                continue
            growth = await self._incidents.growth(partner, older.subject, old=older.size, new=newer.size)
            if growth is not None and _holds(growth, newer.root):
                found[older.number, newer.number] = growth
        return found


def _holds(growth: Growth, root: bytes) -> bool:
    try:
        growth.verify(root)
    except GatewayError:
        return False
    return True
