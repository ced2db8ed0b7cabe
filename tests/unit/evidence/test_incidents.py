"""Incident bundles: both forms of a fork are proven to a third party, and nothing is that the notes do not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest

from gateway.errors import EvidenceInvalid
from gateway.evidence.archive import read_archive, write_archive
from gateway.evidence.incidents.contradictions import Shows
from gateway.evidence.incidents.growth import Growth, parse_growth
from gateway.evidence.incidents.layout import IncidentFiles, Statement
from gateway.evidence.incidents.verification import IncidentVerdict, Outcome, build, verify
from gateway.evidence.layout import descriptor_name
from gateway.linklog.checkpoints import Checkpoint, cosign, sign_checkpoint
from gateway.linklog.paths import consistency_proof
from gateway.linklog.tiles import node_from_tiles
from gateway.linklog.tree import CompactRange
from gateway.trust.names import origin
from tests.unit.evidence.conftest import NOW, YEAR, Owner

CN, NL = Owner("CN"), Owner("NL")
STATEMENT = Statement("NL", "CN", 1, NOW, "LOG_FORK", "two roots", "5e55", False)
ORIGIN = origin(CN.domain, "NL", 1)


@dataclass
class Log:
    """CN's log to NL: what it holds follows from its story."""

    story: str
    leaves: list[bytes] = field(default_factory=list)

    def grown(self, size: int) -> Log:
        self.leaves = [sha256(f"{self.story} {number}".encode()).digest() for number in range(size)]
        return self

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, CompactRange().append_all(self.leaves[:size])[0].root())

    def note(self, size: int, *, receipted: bool = True, by: Owner = CN, receipted_by: Owner = NL) -> bytes:
        head = self.checkpoint(size)
        lines = cosign(head, receipted_by.receipt_signers(), NOW) if receipted else b""
        return sign_checkpoint(head, by.log_signers(), NOW) + lines

    def growth(self, old: int, new: int) -> Growth:
        def node(level: int, at: int) -> bytes:
            return node_from_tiles(level, at, lambda _level, start, count: self.leaves[start : start + count])

        return Growth(old, new, self.checkpoint(old).root, tuple(consistency_proof(old, new, node)))


TOLD, OTHER = Log("what was told").grown(9), Log("another story").grown(9)


def files(*notes: bytes, growths: dict[tuple[int, int], Growth] | None = None, cn: Owner = CN) -> IncidentFiles:
    descriptors = {descriptor_name(each.administration, 1): each.note(each.descriptor()) for each in (cn, NL)}
    return IncidentFiles(STATEMENT, notes, growths or {}, descriptors)


def verdict(*notes: bytes, growths: dict[tuple[int, int], Growth] | None = None) -> IncidentVerdict:
    return verify(build(files(*notes, growths=growths)), [CN.descriptor().digest])


def shown(found: IncidentVerdict) -> list[tuple[Shows, tuple[str, ...]]]:
    return [(each.shows, each.against) for each in found.findings]


# --- what is proven -----------------------------------------------------------------------------------------------


def test_one_size_with_two_roots_is_proven_against_who_signed_both() -> None:
    found = verdict(OTHER.note(5, receipted=False), TOLD.note(5))
    assert (found.outcome, found.against) == (Outcome.PROVEN, ("CN",))
    assert shown(found) == [(Shows.TWO_ROOTS, ("CN",))]


def test_a_smaller_size_that_is_not_the_larger_ones_beginning_is_proven() -> None:
    found = verdict(OTHER.note(3, receipted=False), TOLD.note(8), growths={(1, 2): TOLD.growth(3, 8)})
    assert (found.outcome, found.against) == (Outcome.PROVEN, ("CN",))
    assert shown(found) == [(Shows.NOT_ITS_BEGINNING, ("CN",))]


def test_receipts_for_two_histories_are_proven_against_who_receipted_both() -> None:
    stranger = Owner("XA")
    found = verify(
        build(files(OTHER.note(5, by=stranger), TOLD.note(5))), [NL.descriptor().digest, CN.descriptor().digest]
    )
    assert (found.outcome, found.against) == (Outcome.PROVEN, ("NL",))


def test_two_descriptors_of_one_version_are_proven_against_their_owner() -> None:
    one, other = CN.descriptor(), CN.descriptor(name="Customs of somewhere else")
    found = verdict(CN.note(other), CN.note(one))
    assert (found.outcome, found.against) == (Outcome.PROVEN, ("CN",))


def test_without_a_digest_from_outside_it_is_shown_and_not_proven() -> None:
    bundle = build(files(OTHER.note(5), TOLD.note(5)))
    assert verify(bundle).outcome is Outcome.SHOWN
    assert verify(bundle, known=[CN.descriptor()]).outcome is Outcome.PROVEN
    with pytest.raises(EvidenceInvalid, match="Check 3"):
        verify(bundle, known=[CN.descriptor(name="Customs of somewhere else")])


def test_a_key_that_has_ended_is_named_since_a_thief_may_have_signed() -> None:
    ended = replace(
        CN.descriptor(),
        log_keys=tuple(
            sorted(
                (*CN.dated(CN.log_signers(), end=NOW - 9), *CN.dated(CN.log_signers(2))),
                key=lambda dated: dated.key.bare,
            )
        ),
    )
    named = {descriptor_name("CN", 1): CN.note(ended), descriptor_name("NL", 1): NL.note(NL.descriptor())}
    found = verify(build(replace(files(OTHER.note(5), TOLD.note(5)), descriptors=named)), [ended.digest])
    assert found.outcome is Outcome.PROVEN
    assert any(f"ended at {NOW - 9}" in each.sentence for each in found.checks)
    assert not any(f"ended at {NOW + YEAR}" in each.sentence for each in found.checks)


# --- what is not --------------------------------------------------------------------------------------------------


def test_a_log_that_became_shorter_is_one_history_and_proves_nothing() -> None:
    found = verdict(TOLD.note(8), TOLD.note(5), growths={(2, 1): TOLD.growth(5, 8)})
    assert (found.outcome, shown(found)) == (Outcome.NOT_PROVEN, [(Shows.ONE_HISTORY, ())])


def test_two_sizes_without_a_proof_say_nothing_yet() -> None:
    found = verdict(OTHER.note(8, receipted=False), TOLD.note(5))
    assert (found.outcome, shown(found)) == (Outcome.NOT_PROVEN, [(Shows.NOT_KNOWN, ())])


def test_another_root_that_nobody_known_has_signed_accuses_nobody() -> None:
    found = verdict(OTHER.note(5, receipted=False, by=Owner("XA")), TOLD.note(5))
    assert (found.outcome, shown(found)) == (Outcome.NOT_PROVEN, [(Shows.TWO_ROOTS, ())])


def test_a_signature_that_does_not_hold_accuses_nobody_and_is_told() -> None:
    forged = OTHER.checkpoint(5).text.encode() + b"\n" + TOLD.note(5, receipted=False).partition(b"\n\n")[2]
    found = verdict(forged, TOLD.note(5))
    assert (found.outcome, found.against) == (Outcome.NOT_PROVEN, ())
    assert any("does not hold" in each.sentence for each in found.checks)


@pytest.mark.parametrize("strange", [b"no note at all", b"\xff", b"mutualrecognition/descriptor/v1\n\n"])
def test_what_cannot_be_read_comes_along_and_proves_nothing(strange: bytes) -> None:
    found = verdict(strange, TOLD.note(5))
    assert found.outcome is Outcome.NOT_PROVEN
    assert any("Note 1 proves nothing" in each.sentence for each in found.checks)


def test_the_makers_word_counts_for_nothing() -> None:
    told = replace(STATEMENT, reason="LOG_FORK", detail="CN has signed two histories, believe me")
    found = verify(build(replace(files(TOLD.note(5)), statement=told)), [CN.descriptor().digest])
    assert (found.outcome, found.statement) == (Outcome.NOT_PROVEN, told)


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_changed_bit_anywhere_is_refused() -> None:
    bundle = build(files(OTHER.note(3, receipted=False), TOLD.note(8), growths={(1, 2): TOLD.growth(3, 8)}))
    for at in range(0, len(bundle), 23):
        changed = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
        with pytest.raises(EvidenceInvalid):
            verify(changed, [CN.descriptor().digest])


def test_a_proof_of_consistency_that_does_not_hold_is_refused() -> None:
    wrong = replace(TOLD.growth(3, 8), root=OTHER.checkpoint(3).root)
    with pytest.raises(EvidenceInvalid, match="Check 5"):
        build(files(OTHER.note(3), TOLD.note(8), growths={(1, 2): wrong}))


@pytest.mark.parametrize("pair", [(2, 1), (1, 3), (1, 1)])
def test_a_proof_about_other_notes_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(EvidenceInvalid, match="not two sizes of one log"):
        build(files(OTHER.note(3), TOLD.note(8), growths={pair: TOLD.growth(3, 8)}))


def test_a_stranger_cannot_stand_for_a_side() -> None:
    stranger = Owner("XA")
    with pytest.raises(EvidenceInvalid, match="Check 2"):
        build(files(OTHER.note(5), TOLD.note(5), cn=stranger))


@pytest.mark.parametrize("name", ["README.txt", "incident.json", "notes/1.note", "descriptors/CN-1.note"])
def test_a_bundle_without_one_of_its_files_is_refused(name: str) -> None:
    parts = read_archive(build(files(OTHER.note(5), TOLD.note(5))))
    del parts[name]
    with pytest.raises(EvidenceInvalid):
        verify(write_archive(parts))


@pytest.mark.parametrize(
    "text",
    [b"", b"mutualrecognition/growth/v1\n", TOLD.growth(3, 8).serialize() + b"x\n", TOLD.growth(3, 8).serialize()[:-1]],
)
def test_a_proof_has_one_form(text: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        parse_growth(text)
    assert parse_growth(TOLD.growth(3, 8).serialize()) == TOLD.growth(3, 8)


def test_every_pair_of_sizes_of_two_stories_is_told_apart() -> None:
    sizes: Sequence[int] = range(1, 7)
    for old in sizes:
        for new in sizes[old:]:
            growth = {(1, 2): TOLD.growth(old, new)}
            (forked,) = verdict(OTHER.note(old), TOLD.note(new), growths=growth).findings
            (honest,) = verdict(TOLD.note(old), TOLD.note(new), growths=growth).findings
            assert (forked.shows, honest.shows) == (Shows.NOT_ITS_BEGINNING, Shows.ONE_HISTORY)
