"""The trust book: every descriptor and agreement that a node holds, as one value that never changes.

A change makes a new book. Whoever works with a book works with one state of trust from beginning to end; a session
of a link keeps the book that it was opened with (docs/protocol.md, The session).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from gateway.errors import Absent, Conflict, DescriptorFork, DocumentInvalid
from gateway.trust.agreements import Agreement, FieldSelection, newest_in_force, verify
from gateway.trust.descriptors import Descriptor, refuse_shared_keys
from gateway.trust.succession import verify_first, verify_successor


@dataclass(frozen=True, slots=True)
class Released:
    """What one agreement lets a record of one kind and purpose take to one partner."""

    agreement: Agreement
    selection: FieldSelection


@dataclass(frozen=True, slots=True)
class TrustBook:
    """Descriptors by administration (all versions, oldest first) and agreements, seen from ``own``.

    ``pauses`` says of an agreement that this side has suspended from when on it does not count, POSIX seconds.
    ``agreement_notes`` gives an agreement's exact bytes by its digest, ``descriptor_notes`` those of a descriptor.
    ``revoked`` are administrations that are partners no more; what they have signed before stays provable.
    """

    own: str
    versions: Mapping[str, tuple[Descriptor, ...]] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    descriptor_notes: Mapping[bytes, bytes] = field(default_factory=dict)
    agreement_notes: Mapping[bytes, bytes] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    pauses: Mapping[str, int] = field(default_factory=dict)

    def descriptor_of(self, administration: str) -> Descriptor:
        """Give the newest descriptor of an administration.

        Raises:
            Absent: it is not known here.
        """
        versions = self.versions.get(administration)
        if not versions:
            raise Absent(f"There is no descriptor of {administration} here.")
        return versions[-1]

    @property
    def known(self) -> tuple[str, ...]:
        """Every other administration whose descriptor is held, revoked ones too, sorted."""
        return tuple(sorted(self.versions.keys() - {self.own}))

    @property
    def partners(self) -> tuple[str, ...]:
        """Every other administration that is known and not revoked, sorted."""
        return tuple(sorted(self.versions.keys() - {self.own} - self.revoked))

    def partner_of_domain(self, domain: str) -> str | None:
        """Give the partner whose trust domain this is."""
        return next((name for name in self.partners if self.descriptor_of(name).domain == domain), None)

    def agreements_with(self, partner: str, at: int) -> list[Agreement]:
        """Give what counts between this administration and ``partner`` at ``at``, by id, highest version of each."""
        if partner in self.revoked:
            return []
        found = newest_in_force(self.agreements, self.own, partner, at)
        return [each for each in found if not self.is_paused(each.terms.id, at)]

    def is_paused(self, agreement_id: str, at: int) -> bool:
        """Say whether this side has suspended an agreement and the notice is over by ``at``."""
        begins = self.pauses.get(agreement_id)
        return begins is not None and begins <= at

    def release(self, partner: str, kind: str, purpose: str, at: int, *, agreement_id: str = "") -> Released | None:
        """Say under which agreement a record of this administration goes to ``partner``, and with which fields.

        Where several agreements cover it, the first by id; ``agreement_id`` narrows the choice. None: none covers it.
        """
        for agreement in self.agreements_with(partner, at):
            if agreement_id in ("", agreement.terms.id):
                selection = agreement.releases(self.own, partner, kind, purpose, at)
                if selection is not None:
                    return Released(agreement, selection)
        return None

    def agreement(self, agreement_id: str, version: int) -> Agreement | None:
        """Give one version of an agreement, in force or not."""
        found = (a for a in self.agreements if (a.terms.id, a.terms.version) == (agreement_id, version))
        return next(found, None)

    def holds(self, digest: bytes) -> bool:
        """Say whether a document with this digest stands here, in whatever version."""
        return digest in self.descriptor_notes or digest in self.agreement_notes

    def with_descriptor(self, note: bytes) -> TrustBook:
        """Add a first descriptor, whose digest people have compared, or the successor of a known one.

        Raises:
            DocumentInvalid, KeyRefused, SignatureInvalid, NoteMalformed, DescriptorFork: it does not hold.
        """
        new = self._checked_descriptor(note)
        known = self.versions.get(new.administration, ())
        if known and known[-1] == new:
            return self
        versions = {**self.versions, new.administration: (*known, new)}
        refuse_shared_keys(chain.from_iterable(versions.values()))
        notes = {**self.descriptor_notes, new.digest: note}
        return replace(self, versions=versions, descriptor_notes=notes)

    def with_agreement(self, note: bytes) -> TrustBook:
        """Add an agreement that both this administration and at least one known partner have signed.

        Raises:
            DocumentInvalid, SignatureInvalid, NoteMalformed: it does not hold.
            Conflict: another text stands here under the same id and version.
        """
        agreement = self._checked_agreement(note)
        known = self.agreement(agreement.terms.id, agreement.terms.version)
        if known is not None:
            if known.digest == agreement.digest:
                return self
            raise Conflict(f"Another text stands here as {known.terms.id} version {known.terms.version}.")
        notes = {**self.agreement_notes, agreement.digest: note}
        return replace(self, agreements=(*self.agreements, agreement), agreement_notes=notes)

    def without(self, administration: str) -> TrustBook:
        """Trust an administration no longer."""
        return replace(self, revoked=self.revoked | {administration})

    def trusting_again(self, administration: str) -> TrustBook:
        """Trust an administration that was revoked."""
        return replace(self, revoked=self.revoked - {administration})

    def _checked_descriptor(self, note: bytes) -> Descriptor:
        new = verify_first(note)
        known = self.versions.get(new.administration, ())
        same = next((each for each in known if each.version == new.version), None)
        if same is not None and same.digest != new.digest:
            raise DescriptorFork(f"There are two descriptors of {new.administration} of version {new.version}.")
        if not known or same == known[-1]:
            return new
        return verify_successor(known[-1], note)

    def _checked_agreement(self, note: bytes) -> Agreement:
        failures: list[str] = []
        for partner in self.partners:
            try:
                return verify(note, (*self.versions.get(self.own, ()), *self.versions[partner]))
            except DocumentInvalid as failure:
                failures.append(failure.sentence)
        raise DocumentInvalid(_most_telling(failures))


def _most_telling(failures: Iterable[str]) -> str:
    """Prefer the sentence about a party to the one that a stranger is none."""
    ordered = sorted(set(failures), key=lambda sentence: " is no party " in sentence)
    return ordered[0] if ordered else "No partner is known here yet: add its descriptor before the agreement."
