"""What is said of operators: which statement is in force, what a tombstone hides, what a late suspension lists."""

from __future__ import annotations

from dataclasses import replace

from gateway.ports.links import Direction
from gateway.ports.records import Erased, StoredRecord
from gateway.views.consent import count_erased
from gateway.views.operators import OperatorView, operator_views, read_statements
from gateway.views.register import digest_of, mappings_in_force
from mutualrecognition.records.v1 import aeo_status_pb2 as aeo
from mutualrecognition.records.v1.record_pb2 import Record
from tests.unit.views.making import DAY, START, TIN, base, record_id, standing, stored, tombstone, withdrawal


def seen(*records: Record, day: float = 100) -> OperatorView:
    (view,) = operator_views(read_statements(map(stored, records)), START + int(day * DAY))
    return view


def current(*records: Record, day: float = 100) -> str:
    view = seen(*records, day=day)
    return view.current.record_id if view.current else ""


def fates(*records: Record, day: float = 100) -> dict[int, str]:
    return {int(line.statement.record_id[-12:], 16): line.fate for line in seen(*records, day=day).history}


CERTIFIED = standing(1, effective=0)
SUSPENDED = standing(2, aeo.AEO_STATE_SUSPENDED, effective=50, supersedes=1)
RESTORED = standing(3, aeo.AEO_STATE_CERTIFIED, effective=70, supersedes=2)


def test_the_standing_in_force_at_each_moment() -> None:
    story = (CERTIFIED, SUSPENDED, RESTORED)
    assert current(*story, day=-1) == ""
    assert current(*story, day=0) == record_id(1)
    assert current(*story, day=49) == record_id(1)
    assert current(*story, day=50) == record_id(2)
    assert current(*story, day=71) == record_id(3)
    assert fates(*story, day=60) == {1: "ENDED", 2: "IN_FORCE", 3: "TO_COME"}


def test_only_a_certificate_for_security_counts() -> None:
    assert seen(CERTIFIED).good
    assert not seen(CERTIFIED, SUSPENDED).good
    assert not seen(CERTIFIED, day=-1).good
    compliance = standing(1)
    compliance.aeo_status.scope = aeo.AEO_SCOPE_COMPLIANCE
    assert not seen(compliance).good
    run_out = standing(1)
    run_out.aeo_status.valid_until = "2026-02-01"
    assert seen(run_out, day=31).good
    assert not seen(run_out, day=32).good


def test_a_certificate_has_an_end_of_its_own() -> None:
    ended = standing(1)
    ended.header.effective_to.seconds = START + 10 * DAY
    assert current(ended, day=9) == record_id(1)
    assert current(ended, day=10) == ""


def test_the_same_standing_again_corrects_the_first() -> None:
    corrected = standing(2, effective=20, issued=30, supersedes=1)
    assert current(CERTIFIED, corrected, day=10) == ""
    assert current(CERTIFIED, corrected, day=25) == record_id(2)
    assert fates(CERTIFIED, corrected) == {1: "CORRECTED", 2: "IN_FORCE"}


def test_a_correction_of_what_came_before_changes_nothing_after() -> None:
    corrected = standing(4, effective=0, issued=60, supersedes=1)
    assert current(CERTIFIED, SUSPENDED, corrected, day=65) == record_id(2)


def test_what_follows_before_what_it_follows_took_effect_takes_its_place() -> None:
    early = standing(2, aeo.AEO_STATE_SUSPENDED, effective=-5, issued=10, supersedes=1)
    assert current(CERTIFIED, early, day=1) == record_id(2)


def test_a_withdrawal_brings_back_what_was_before() -> None:
    assert current(CERTIFIED, SUSPENDED, withdrawal(4, day=55, supersedes=2)) == record_id(1)
    assert fates(CERTIFIED, SUSPENDED, withdrawal(4, day=55, supersedes=2)) == {1: "IN_FORCE", 2: "WITHDRAWN"}


def test_nobody_withdraws_the_statement_of_another() -> None:
    assert current(CERTIFIED, SUSPENDED, withdrawal(4, day=55, supersedes=2, issuer="US")) == record_id(2)


def test_a_ring_of_successions_is_no_trouble() -> None:
    one, other = standing(1, supersedes=2), standing(2, aeo.AEO_STATE_SUSPENDED, effective=1, supersedes=1)
    assert current(one, other) == current(other, one) == record_id(1)


def test_withdrawn_consent_leaves_the_tin_alone() -> None:
    view = seen(CERTIFIED, SUSPENDED, tombstone(5, day=80, supersedes=2))
    assert (view.tin, view.good, view.history, view.late) == (TIN, False, (), ())
    assert (view.consent_withdrawn_at, view.purged) == (START + 80 * DAY, 2)
    assert view.current
    assert view.current.record_id == record_id(5)
    assert view.current.certificate == ""


def test_only_new_consent_undoes_a_tombstone() -> None:
    again = standing(6, effective=90)
    assert seen(CERTIFIED, tombstone(5, day=80), again).consent_withdrawn_at
    again.aeo_status.consent.given_at.seconds = START + 85 * DAY
    view = seen(CERTIFIED, tombstone(5, day=80), again)
    assert (view.consent_withdrawn_at, view.purged, view.good) == (None, 1, True)
    assert [line.statement.record_id for line in view.history] == [record_id(6)]


def test_a_tombstone_cannot_be_withdrawn() -> None:
    view = seen(CERTIFIED, tombstone(5, day=80), withdrawal(6, day=85, supersedes=5))
    assert (view.consent_withdrawn_at, view.purged) == (START + 80 * DAY, 1)


def without_content(record: Record) -> StoredRecord:
    return replace(stored(record), record=b"", erased=Erased(TIN, START))


def test_erased_or_hidden_the_same_number_is_purged() -> None:
    said = (CERTIFIED, SUSPENDED, mapping(7, day=60))
    stone = stored(tombstone(5, day=80))
    hidden = [*map(stored, said), stone]
    gone = [*map(without_content, said), stone]
    for records, erased in ((hidden, 0), (gone, 3), ([*gone[:1], *hidden[1:]], 1)):
        (view,) = operator_views(read_statements(records), START + 100 * DAY, count_erased(records))
        assert (view.purged, view.erased) == (2, erased)


def test_a_tombstone_ends_the_mappings_before_it() -> None:
    others = mapping(3, day=10)
    others.header.issuer = "US"
    said = [mapping(1, day=10), others, tombstone(2, day=80)]

    def in_force(*records: Record) -> list[str]:
        return [each.header.record_id for each in mappings_in_force(map(stored, records), START + 100 * DAY)]

    assert in_force(*said[:2]) == [record_id(1), record_id(3)]
    assert in_force(*said) == [record_id(3)]
    assert in_force(*said, mapping(4, day=90)) == [record_id(4), record_id(3)]


def mapping(number: int, *, day: float) -> Record:
    record = base("identifier_mapping", number, day)
    record.header.subject.operator.tin = record.identifier_mapping.tin = TIN
    record.identifier_mapping.ended = False
    return record


def test_a_suspension_in_the_past_lists_the_span() -> None:
    late = stored(SUSPENDED, known_at=START + 58 * DAY)
    (view,) = operator_views(read_statements([stored(CERTIFIED), late]), START + 100 * DAY)
    assert [(each.effective_at, each.known_at) for each in view.late] == [(START + 50 * DAY, START + 58 * DAY)]
    own = stored(SUSPENDED, known_at=START + 58 * DAY, direction=Direction.ISSUED)
    (view,) = operator_views(read_statements([stored(CERTIFIED), own]), START + 100 * DAY)
    assert view.late == ()
    (view,) = operator_views(read_statements([stored(RESTORED, known_at=START + 99 * DAY)]), START + 100 * DAY)
    assert view.late == ()


def test_each_issuer_speaks_for_itself() -> None:
    ours = standing(7, aeo.AEO_STATE_SUSPENDED, issuer="NL")
    views = operator_views(read_statements(map(stored, [CERTIFIED, ours])), START)
    assert [(view.issuer, view.good) for view in views] == [("CN", True), ("NL", False)]


def test_nobody_hides_a_statement_by_using_its_id() -> None:
    for said in ([standing(1), standing(1, issuer="XA")], [standing(1, issuer="XA"), standing(1)]):
        views = operator_views(read_statements(map(stored, said)), START + 9 * DAY)
        assert [view.issuer for view in views] == ["CN", "XA"]


def digest(*records: Record, day: int) -> tuple[int, bytes]:
    told = digest_of(read_statements(map(stored, records)), issuer="CN", partner="NL", midnight=START + day * DAY)
    return told.count, told.sha256


def test_a_days_digest_tells_the_standings_in_force_then() -> None:
    other = standing(9, tin="CN99")
    assert digest(day=10)[0] == 0
    assert digest(CERTIFIED, other, day=10)[0] == 2
    assert digest(CERTIFIED, other, day=60) == digest(other, CERTIFIED, day=10)
    assert digest(CERTIFIED, SUSPENDED, other, day=60) != digest(CERTIFIED, other, day=60)


def test_what_is_said_later_leaves_a_days_digest_as_it_was() -> None:
    before = digest(CERTIFIED, day=20)
    assert digest(CERTIFIED, standing(2, effective=0, issued=20, supersedes=1), day=20) == before
    assert digest(CERTIFIED, standing(2, effective=0, issued=20, supersedes=1), day=21) != before


def test_a_tombstone_that_both_have_counts_on_the_days_before_it() -> None:
    stone = tombstone(5, day=80)

    def on_day_20(*records: Record, delivered: set[str]) -> tuple[int, bytes]:
        statements = read_statements(map(stored, records))
        told = digest_of(statements, issuer="CN", partner="NL", midnight=START + 20 * DAY, delivered=delivered)
        return told.count, told.sha256

    kept = on_day_20(CERTIFIED, stone, delivered={stone.header.record_id})
    assert kept == on_day_20(stone, delivered={stone.header.record_id})
    assert on_day_20(CERTIFIED, stone, delivered=set()) == on_day_20(CERTIFIED, delivered=set()) != kept
