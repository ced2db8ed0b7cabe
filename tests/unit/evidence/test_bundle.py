"""Evidence bundles: what is proven, what is only consistent, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import random
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import EvidenceInvalid, GatewayError
from gateway.evidence.archive import MAX_BUNDLE_BYTES, read_archive, write_archive
from gateway.evidence.bundle import build
from gateway.evidence.verdict import Outcome
from gateway.evidence.verification import verify
from gateway.linklog.keys import KeyType
from gateway.linklog.notes import SignatureLine
from gateway.linklog.policy import parse_policy
from gateway.linklog.proofs import parse_proof
from gateway.trust.agreements import countersign

if TYPE_CHECKING:
    from .conftest import World

NOW = 1_790_000_000
YEAR = 31_536_000


def with_file(bundle: bytes, name: str, data: bytes | None) -> bytes:
    """Change a file and pack it as a bundle is packed, so that only the content gives it away."""
    files: dict[str, Any] = {**read_archive(bundle), name: data}
    return write_archive({name: data for name, data in files.items() if data is not None})


def test_with_both_digests_from_outside_it_is_proven(world: World) -> None:
    verdict = verify(build(world.parts()), world.digests)
    assert verdict.outcome is Outcome.PROVEN
    assert [check.number for check in verdict.checks] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert (verdict.issuer.administration, verdict.receiver.administration) == ("CN", "NL")
    assert verdict.record_id == "01997f9c-5c00-7000-8000-000000000001"
    assert (verdict.kind, verdict.agreement_id, verdict.agreement_version) == (
        "inspection_outcome",
        "cn-nl-security",
        1,
    )
    assert (verdict.origin, verdict.index, verdict.size) == ("customs.cn.example/links/NL/1", 2, 5)
    assert (verdict.issued_at, verdict.receipted_at) == (NOW - 60, NOW)


def test_a_bundle_never_vouches_for_itself(world: World) -> None:
    bundle = build(world.parts())
    one = world.cn.descriptor().digest
    for trusted in ((), (one,), (b"\x00" * 32,), (one, b"\x00" * 32)):
        verdict = verify(bundle, trusted)
        assert verdict.outcome is Outcome.CONSISTENT
        assert verdict.issuer.trusted == (one in trusted)
        assert not verdict.receiver.trusted
        assert "Not known from outside" in verdict.checks[2].sentence


def test_a_forged_world_is_consistent_but_not_proven(world: World) -> None:
    """Somebody makes all keys anew in the two administrations' names: only the digests tell."""
    forged = type(world)()
    anew = forged.cn.descriptor(log_keys=forged.cn.dated(forged.cn.log_signers(7)))
    parts = forged.parts(
        entry=forged.entry(key=7), descriptors=[forged.cn.note(anew), forged.nl.note(forged.nl.descriptor())]
    )
    assert verify(build(parts), world.digests).outcome is Outcome.CONSISTENT


def test_the_same_parts_give_the_same_bytes_and_any_zip_reader_opens_them(world: World) -> None:
    bundle = build(world.parts())
    assert build(world.parts()) == bundle
    with zipfile.ZipFile(BytesIO(bundle)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [
            "README.txt",
            "record.bin",
            "record.json",
            "record.tlog-proof",
            "trust-policy",
            "records.binpb",
            "agreement.note",
            "descriptors/CN-1.note",
            "descriptors/NL-1.note",
        ]
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
        read = json.loads(opened.read("record.json"))
        assert read["inspection_outcome"]["control_id"] == "CTL-鹿特丹-1"
        assert read["inspection_outcome"]["methods"] == [{"kind": "METHOD_KIND_NII_XRAY", "xray": {"energy_mev": 6.0}}]
        policy, proof = parse_policy(opened.read("trust-policy")), parse_proof(opened.read("record.tlog-proof"))
        assert policy.verify(proof.checkpoint).size == 5


def test_a_flipped_bit_anywhere_is_refused(world: World) -> None:
    """Every byte outside the large, checksummed schema; of that one a sample. All bits: ``test_every_bit``."""
    bundle = build(world.parts())
    schema = bundle.index(read_archive(bundle)["records.binpb"])
    large = range(schema, schema + len(read_archive(bundle)["records.binpb"]))
    chosen = random.Random(7)
    positions = [at for at in range(len(bundle)) if at not in large] + chosen.sample(large, 200)
    for position in positions:
        changed = bytearray(bundle)
        changed[position] ^= 1 << chosen.randrange(8)
        with pytest.raises(EvidenceInvalid):
            verify(bytes(changed), world.digests)


@pytest.mark.parametrize("name", ["record.bin", "record.json", "record.tlog-proof", "trust-policy", "records.binpb"])
@pytest.mark.parametrize("change", ["bit", "more", "less", "empty", "gone"])
def test_a_changed_file_with_a_right_checksum_is_refused(world: World, name: str, change: str) -> None:
    bundle = build(world.parts())
    data = read_archive(bundle)[name]
    half = len(data) // 2
    if (name, change) == ("records.binpb", "bit"):
        half = data.index(b"CONCLUSION_NO_DISCREPANCY")  # elsewhere there are rules on fields, which nothing here reads
    made = {
        "bit": data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :],
        "more": data + b"\n",
        "less": data[:-1],
        "empty": b"",
        "gone": None,
    }[change]
    with pytest.raises(EvidenceInvalid):
        verify(with_file(bundle, name, made), world.digests)


def test_a_schema_of_another_version_is_told(world: World) -> None:
    """Rules on fields and the like decide nothing here, so a change there is no forgery; but it is not hidden."""
    bundle = build(world.parts())
    assert verify(bundle).checks[5].sentence.endswith("records.binpb is this program's own.")
    schema = read_archive(bundle)["records.binpb"]
    changed = schema.replace(b"retain_until must not be earlier", b"retain_until may well be earlier")
    assert changed != schema
    verdict = verify(with_file(bundle, "records.binpb", changed), world.digests)
    assert "of another version" in verdict.checks[5].sentence


@pytest.mark.parametrize(
    "damage",
    [
        lambda bundle: b"",
        lambda bundle: bundle[:-1],
        lambda bundle: bundle + b"\0",
        lambda bundle: b"\0" + bundle,
        lambda bundle: bundle[: len(bundle) // 2],
        lambda bundle: bundle + b"\0" * MAX_BUNDLE_BYTES,
        lambda bundle: with_file(bundle, "more.txt", b"hello"),
        lambda bundle: with_file(bundle, "judgements/1.bin", b"hello"),
        lambda bundle: with_file(bundle, "descriptors/US-1.note", b"hello\n\n"),
        lambda bundle: with_file(bundle, "agreement.note", None),
        lambda bundle: with_file(bundle, "README.txt", b"Believe everything.\n"),
        lambda bundle: write_archive(dict(reversed(read_archive(bundle).items()))),
        lambda bundle: write_archive({}),
    ],
)
def test_other_files_are_refused(world: World, damage: Any) -> None:
    with pytest.raises(EvidenceInvalid):
        verify(damage(build(world.parts())), world.digests)


def test_a_zip_packed_by_other_tools_is_refused(world: World) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in read_archive(build(world.parts())).items():
            archive.writestr(name, data)
    with pytest.raises(EvidenceInvalid, match="Check 1"):
        verify(packed.getvalue(), world.digests)


def test_what_is_wrong_is_named(world: World, make_outcome: Any) -> None:
    bundle = build(world.parts())
    other = make_outcome(record_id="01997f9c-5c00-7000-8000-000000000002")
    elsewhere = build(world.parts(entry=world.entry(other)))
    swapped = with_file(bundle, "record.bin", read_archive(elsewhere)["record.bin"])
    swapped = with_file(swapped, "record.json", read_archive(elsewhere)["record.json"])
    with pytest.raises(
        EvidenceInvalid, match=r"Check 7 .* record.bin does not hash to the leaf that record.tlog-proof"
    ):
        verify(swapped, world.digests)
    lying = read_archive(bundle)["record.json"].replace(b"NII_XRAY", b"PHYS_FULL_DEVAN")
    with pytest.raises(EvidenceInvalid, match=r"Check 6 .* record.json is not what"):
        verify(with_file(bundle, "record.json", lying), world.digests)


# --- agreement and header ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"issuer": "NL"}, "in the name of 'NL'"),
        ({"agreement_id": "other"}, "agreement 'other'"),
        ({"agreement_version": 2}, "names version 2"),
        ({"purpose": 3}, "does not release inspection_outcome from CN to NL for FISCAL"),
        ({"purpose": 0}, "for UNSPECIFIED"),
        ({"purpose": 77}, "for purpose 77"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(world: World, make_outcome: Any, header: Any, words: str) -> None:
    with pytest.raises(EvidenceInvalid, match=words):
        build(world.parts(entry=world.entry(make_outcome(**header))))


def test_the_agreement_must_have_been_in_force(world: World, make_outcome: Any) -> None:
    record = make_outcome()
    record.header.issued_at.FromSeconds(1_700_000_000)
    with pytest.raises(EvidenceInvalid, match="not in force when"):
        build(world.parts(entry=world.entry(record)))


def test_a_record_that_says_nothing_or_cannot_be_read_is_no_evidence(world: World, make_outcome: Any) -> None:
    record = make_outcome()
    record.ClearField("inspection_outcome")
    with pytest.raises(EvidenceInvalid, match="kind"):
        build(world.parts(entry=world.entry(record)))
    broken = make_outcome()
    parts = world.parts(entry=dataclasses.replace(world.entry(broken), record=b"\xff\xff"))
    with pytest.raises(EvidenceInvalid, match="read"):
        build(parts)


def test_an_agreement_that_one_side_has_not_signed_is_refused(world: World) -> None:
    half = countersign(world.agreement(), [world.cn.root(5)], world.cn.domain)
    assert verify(build(world.parts(agreement=half)), world.digests).outcome is Outcome.PROVEN
    text = world.text.replace("365", "366")
    stranger = world.agreement(text).replace(world.agreement(text).split(b"\n\n")[-1], half.split(b"\n\n")[-1])
    with pytest.raises(GatewayError):
        build(world.parts(agreement=stranger))
    with pytest.raises(EvidenceInvalid, match=r"no agreement\.note"):
        build(world.parts(agreement=b""))


def test_lines_that_do_not_count_are_left_out(world: World) -> None:
    entry = world.entry()
    stranger = SignatureLine("stranger.example/w", b"\x00\x01\x02\x03", b"whatever")
    proof = dataclasses.replace(entry.proof, checkpoint=entry.proof.checkpoint.with_lines([stranger]))
    noisy = build(world.parts(entry=dataclasses.replace(entry, proof=proof)))
    assert noisy == build(world.parts())
    with pytest.raises(EvidenceInvalid, match="Check 6"):
        verify(with_file(noisy, "record.tlog-proof", proof.serialize()), world.digests)


# --- keys and their times --------------------------------------------------------------------------------------------


def test_keys_are_judged_at_the_time_of_the_receipt(world: World) -> None:
    for time in (NOW - YEAR - 1, NOW + YEAR):
        with pytest.raises(GatewayError, match="did not count"):
            build(world.parts(entry=world.entry(time=time)))


def test_a_newer_descriptor_that_the_verifier_holds_ends_keys_earlier(world: World) -> None:
    bundle, first, other = build(world.parts()), world.cn.descriptor(), world.nl.descriptor()

    def newer(end: int) -> Any:
        keys = world.cn.dated(world.cn.log_signers(), end=end)
        return world.cn.descriptor(version=2, previous=first.digest, log_keys=keys)

    assert verify(bundle, known=[first, other]).outcome is Outcome.PROVEN
    assert verify(bundle, known=[newer(NOW + 1), other]).outcome is Outcome.PROVEN
    assert verify(bundle, known=[newer(NOW + 1)]).outcome is Outcome.CONSISTENT
    with pytest.raises(EvidenceInvalid, match=r"Check 3 .* did not count"):
        verify(bundle, known=[first, newer(NOW), other])
    with pytest.raises(EvidenceInvalid, match=r"Check 3 .* another one"):
        verify(bundle, known=[world.cn.descriptor(name="Another"), other])
    with pytest.raises(EvidenceInvalid, match=r"Check 3 .* another one"):
        verify(bundle, known=[dataclasses.replace(newer(NOW + 1), previous=b"\x01" * 32), other])


def test_after_new_root_keys_the_older_version_comes_along_while_the_agreement_needs_it(world: World) -> None:
    first = world.cn.descriptor()
    second = world.cn.descriptor(version=2, previous=first.digest, roots=(world.cn.root(2).key,))
    notes = [world.cn.note(first), world.cn.note(second, 1, 2), world.descriptors[1]]
    bundle = build(world.parts(descriptors=notes))
    assert [name for name in read_archive(bundle) if name.startswith("descriptors/CN")] == [
        "descriptors/CN-1.note",
        "descriptors/CN-2.note",
    ]
    verdict = verify(bundle, {second.digest, world.nl.descriptor().digest})
    assert (verdict.outcome, verdict.issuer.version) == (Outcome.PROVEN, 2)
    signed_anew = countersign(world.agreement(), [world.cn.root(2)], world.cn.domain)
    renewed = build(world.parts(descriptors=notes, agreement=signed_anew))
    assert "descriptors/CN-1.note" not in read_archive(renewed)
    with pytest.raises(GatewayError, match="has not signed"):
        build(world.parts(descriptors=notes[1:]))
    with pytest.raises(GatewayError, match="0 of the 1"):
        build(world.parts(descriptors=[notes[0], world.cn.note(second, 2), notes[2]]))


def test_descriptors_of_others_are_refused(world: World) -> None:
    stranger = type(world.cn)("XA")
    for notes in (world.descriptors[:1], [*world.descriptors, stranger.note(stranger.descriptor())]):
        with pytest.raises(EvidenceInvalid, match="exactly two"):
            build(world.parts(descriptors=notes))
    with pytest.raises(GatewayError, match=r"no log between|has not signed"):
        build(world.parts(descriptors=[world.descriptors[0], stranger.note(stranger.descriptor())]))


def test_where_ml_dsa_is_agreed_it_is_due(quantum_safe_world: World) -> None:
    world = quantum_safe_world
    bundle = build(world.parts())
    assert verify(bundle, world.digests).outcome is Outcome.PROVEN
    policy = parse_policy(read_archive(bundle)["trust-policy"])
    assert [key.type for key in policy.logs] == [KeyType.COSIGNATURE_ML_DSA_44]
    assert len(policy.witnesses) == 2
    entry = world.entry()
    for missing in range(4):
        lines = tuple(line for number, line in enumerate(entry.proof.checkpoint.lines) if number != missing)
        note = dataclasses.replace(entry.proof.checkpoint, lines=lines)
        with pytest.raises(GatewayError, match="missing"):
            build(
                world.parts(entry=dataclasses.replace(entry, proof=dataclasses.replace(entry.proof, checkpoint=note)))
            )


# --- judgements --------------------------------------------------------------------------------------------------------------


def test_judgements_come_along_in_the_order_of_their_log(world: World, make_judgement: Any) -> None:
    judged = world.judgements(make_judgement(1), make_judgement(3))
    bundle = build(world.parts(judgements=judged))
    assert bundle == build(world.parts(judgements=judged[::-1]))
    verdict = verify(bundle, world.digests)
    assert [found.verdict for found in verdict.judgements] == ["QUARANTINED", "ACCEPTED"]
    assert {found.receipted_at for found in verdict.judgements} == {NOW + 5}
    files = read_archive(bundle)
    assert parse_policy(files["judgements/2.trust-policy"]).verify(
        parse_proof(files["judgements/2.tlog-proof"]).checkpoint
    )
    with pytest.raises(EvidenceInvalid, match=r"judgements/1\.json"):
        verify(with_file(bundle, "judgements/1.json", files["judgements/2.json"]), world.digests)
    with pytest.raises(EvidenceInvalid):
        verify(with_file(bundle, "judgements/1.bin", files["judgements/2.bin"]), world.digests)
    with pytest.raises(EvidenceInvalid, match="twice"):
        build(world.parts(judgements=[judged[0], judged[0]]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"about": "customs.cn.example/links/NL/2"}, "about other records"),
        ({"about": "customs.nl.example/links/CN/1"}, "about other records"),
        ({"first": 3}, "about other records"),
        ({"last": 1}, "about other records"),
        ({"verdict": 0}, "does not say"),
        ({"verdict": 9}, "does not say"),
    ],
)
def test_judgements_about_something_else_are_refused(
    world: World, make_judgement: Any, changes: Any, words: str
) -> None:
    with pytest.raises(EvidenceInvalid, match=rf"Check 9 \(judgement 1\) .*{words}"):
        build(world.parts(judgements=world.judgements(make_judgement(**{"verdict": 1, **changes}))))


def test_only_the_receiver_judges(world: World, make_outcome: Any, make_judgement: Any) -> None:
    with pytest.raises(GatewayError, match="is not a log of NL"):
        build(world.parts(judgements=[world.entry()]))
    with pytest.raises(EvidenceInvalid, match="not a judgement"):
        build(world.parts(judgements=world.judgements(make_outcome(issuer="NL").SerializeToString())))
    forged = make_judgement(3).replace(b"\x12\x02NL", b"\x12\x02CN")
    with pytest.raises(EvidenceInvalid, match="in the name of 'CN'"):
        build(world.parts(judgements=world.judgements(forged)))


def test_a_judgement_has_its_own_evidence_without_an_agreement(world: World, make_judgement: Any) -> None:
    (entry,) = world.judgements(make_judgement(2))
    verdict = verify(build(world.parts(entry=entry, agreement=b"")), world.digests)
    assert (verdict.outcome, verdict.kind, verdict.agreement_id) == (Outcome.PROVEN, "judgement", "")
    assert (verdict.issuer.administration, verdict.receiver.administration) == ("NL", "CN")


# --- limits ------------------------------------------------------------------------------------------------------------------


def test_a_bundle_has_at_most_4_mib(world: World, make_outcome: Any) -> None:
    record = make_outcome()
    record.inspection_outcome.officer_ref = "x" * MAX_BUNDLE_BYTES
    with pytest.raises(EvidenceInvalid, match="would need more"):
        build(world.parts(entry=world.entry(record)))
