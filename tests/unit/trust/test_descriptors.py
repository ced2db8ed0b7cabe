"""Descriptors: one form, one role a key, and how one version follows another."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from gateway.errors import DescriptorFork, DocumentInvalid, GatewayError, KeyRefused, SignatureInvalid
from gateway.linklog.keys import DatedKey, KeyType
from gateway.linklog.notes import Note
from gateway.trust.descriptors import Descriptor, parse_descriptor, refuse_shared_keys, sign_descriptor
from gateway.trust.documents import digest_of, read_digest, read_document, write_digest
from gateway.trust.succession import verify_first, verify_successor

if TYPE_CHECKING:
    from .conftest import Owner

ISSUED = 1_790_000_000
UNTIL = ISSUED + 31_536_000


def successor(known: Descriptor, **changes: Any) -> Descriptor:
    values = {"version": known.version + 1, "previous": known.digest, "issued": known.issued + 60, **changes}
    return dataclasses.replace(known, **values)


def signed(owner: Owner, descriptor: Descriptor, *numbers: int) -> bytes:
    return sign_descriptor(descriptor, [owner.root(number) for number in numbers or (1, 2)])


def test_the_lines_of_a_descriptor(nl: Owner) -> None:
    descriptor = nl.descriptor(denied=(b"\x01" * 32,), contacts=("+31 20 000 0000", "duty officer, day and night"))
    lines = descriptor.text.split("\n")
    roots = sorted(f"root {nl.root(number).key.bare}" for number in (1, 2, 3))
    assert lines == [
        "mutualrecognition/descriptor/v1",
        "administration NL",
        "name Customs of NL",
        "domain customs.nl.example",
        "version 1",
        "previous none",
        f"issued {ISSUED}",
        "contact +31 20 000 0000",
        "contact duty officer, day and night",
        "endpoint gateway.customs.nl.example:8443",
        "threshold 2",
        *roots,
        "anchor MANOTAA=",
        f"deny {'AQEB' * 10}AQE=",
        f"log {nl.log(1).key.bare} {ISSUED} {UNTIL}",
        f"receipt {nl.receipt(1).key.bare} {ISSUED} {UNTIL}",
        "",
    ]
    assert parse_descriptor(descriptor.text) == descriptor
    assert descriptor.digest == digest_of(descriptor.text)
    assert read_digest(write_digest(descriptor.digest)) == descriptor.digest


def test_a_signed_descriptor_verifies_and_keeps_its_digest(nl: Owner) -> None:
    descriptor = nl.descriptor()
    for numbers in ((1, 2), (3, 1), (1, 2, 3)):
        assert verify_first(signed(nl, descriptor, *numbers)).digest == descriptor.digest


def test_too_few_signatures_are_refused(nl: Owner) -> None:
    with pytest.raises(DocumentInvalid, match="1 of the 2"):
        verify_first(signed(nl, nl.descriptor(), 1))
    once = read_document(signed(nl, nl.descriptor(), 1))
    with pytest.raises(SignatureInvalid, match="twice"):
        verify_first(once.with_lines(once.lines).serialize())
    with pytest.raises(DocumentInvalid, match="already"):
        sign_descriptor(nl.descriptor(), [nl.root(1), nl.root(1)])


def test_a_changed_byte_anywhere_is_refused(nl: Owner) -> None:
    """Both signatures are needed, so a byte changed in either line leaves too few."""
    data = signed(nl, nl.descriptor(), 1, 2)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        with pytest.raises(GatewayError):
            verify_first(bytes(changed))


def swap_lines(text: str, first: str, second: str) -> str:
    lines = text.split("\n")
    one, two = (next(n for n, line in enumerate(lines) if line.startswith(word)) for word in (first, second))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def doubled(text: str, keyword: str, times: int = 2) -> str:
    line = next(line for line in text.split("\n") if line.startswith(keyword))
    return text.replace(f"{line}\n", f"{line}\n" * times)


def without(text: str, keyword: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith(f"{keyword} "))


def anchors(text: str, count: int) -> str:
    line = next(line for line in text.split("\n") if line.startswith("anchor"))
    made = sorted(f"anchor {base64.b64encode(bytes([48, n])).decode()}" for n in range(count))
    return text.replace(f"{line}\n", "".join(f"{each}\n" for each in made))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text.replace("/v1", "/v2"),
        lambda text: text.replace("administration NL", "administration Nl"),
        lambda text: text.replace("administration NL", "administration  NL"),
        lambda text: text.replace("name Customs", "name  Customs"),
        lambda text: text.replace("of NL\n", "of NL \n"),
        lambda text: text.replace("name Customs of NL", "name "),
        lambda text: text.replace("domain customs.nl", "domain Customs.nl"),
        lambda text: text.replace("version 1", "version 01"),
        lambda text: text.replace("version 1", "version 0"),
        lambda text: text.replace("version 1", "version 2"),
        lambda text: text.replace("previous none", "previous AAAA"),
        lambda text: text.replace("previous none", "previous " + "A" * 43 + "="),
        lambda text: text.replace("threshold 2", "threshold 0"),
        lambda text: text.replace("threshold 2", "threshold 4"),
        lambda text: text.replace(":8443", ":0443"),
        lambda text: text.replace(":8443", ":65536"),
        lambda text: text.replace(":8443", ""),
        lambda text: text.replace("endpoint ", "endpoint https://"),
        lambda text: text.replace(f" {UNTIL}\nreceipt", f" {ISSUED - 1}\nreceipt"),
        lambda text: text.replace(f" {UNTIL}\nreceipt", "\nreceipt"),
        lambda text: text.replace(f" {UNTIL}\nreceipt", f" {UNTIL} \nreceipt"),
        lambda text: text.replace("anchor MA", "anchor M"),
        lambda text: text.replace("anchor MANOTAA=", "anchor "),
        lambda text: text + "colour blue\n",
        lambda text: text.replace("threshold", "Threshold"),
        lambda text: swap_lines(text, "issued", "contact"),
        lambda text: swap_lines(text, "log", "receipt"),
        lambda text: text.replace("root", "ROOT").replace("ROOT", "root", 1),
        lambda text: doubled(text, "name"),
        lambda text: doubled(text, "anchor"),
        lambda text: doubled(text, "contact", 5),
        lambda text: doubled(text, "log"),
        lambda text: anchors(text, 5),
    ],
)
def test_a_descriptor_has_one_form(nl: Owner, change: Any) -> None:
    text = nl.descriptor().text
    assert change(text) != text
    with pytest.raises(GatewayError) as refused:
        parse_descriptor(change(text))
    assert isinstance(refused.value, DocumentInvalid | KeyRefused)


KEYWORDS = "administration name domain version previous issued contact threshold root anchor log receipt"


@pytest.mark.parametrize("keyword", KEYWORDS.split())
def test_no_line_may_be_missing(nl: Owner, keyword: str) -> None:
    with pytest.raises(DocumentInvalid, match=f"0 lines '{keyword}'"):
        parse_descriptor(without(nl.descriptor().text, keyword))


def test_repeated_lines_are_sorted_as_bytes(nl: Owner) -> None:
    text = nl.descriptor().text
    roots = [line for line in text.split("\n") if line.startswith("root ")]
    with pytest.raises(DocumentInvalid, match="sorted"):
        parse_descriptor(text.replace("\n".join(roots), "\n".join(reversed(roots))))
    with pytest.raises(DocumentInvalid, match="order"):
        parse_descriptor(swap_lines(text, "issued", "contact"))


def test_up_to_its_limits_a_descriptor_is_taken(nl: Owner) -> None:
    most = nl.descriptor(
        contacts=tuple(sorted(f"contact {n}" for n in range(4))),
        endpoints=tuple(sorted([*(f"h{n}.example:1" for n in range(6)), "[2001:db8::1]:443", "192.0.2.1:65535"])),
        denied=tuple(sorted((bytes([n]) * 32 for n in range(64)), key=write_digest)),
    )
    assert parse_descriptor(most.text) == most
    assert parse_descriptor(nl.descriptor(endpoints=()).text).endpoints == ()
    with pytest.raises(DocumentInvalid, match="65 lines 'deny'"):
        nl.descriptor(denied=tuple(bytes([n]) * 32 for n in range(65)))


def test_a_key_has_one_role(nl: Owner, cn: Owner) -> None:
    shared = nl.root(1).key
    as_log = DatedKey(dataclasses.replace(nl.log(1).key, public=shared.public), ISSUED, UNTIL)
    with pytest.raises(KeyRefused, match="one role"):
        nl.descriptor(log_keys=(as_log,))
    later = nl.descriptor(version=2, previous=b"\x00" * 32, roots=(nl.root(9).key,), threshold=1, log_keys=(as_log,))
    with pytest.raises(KeyRefused, match="root key of NL and a log key of NL"):
        refuse_shared_keys([nl.descriptor(), later])
    refuse_shared_keys([nl.descriptor(), successor(nl.descriptor()), cn.descriptor()])


def test_a_key_and_a_domain_have_one_owner(nl: Owner, cn: Owner) -> None:
    stolen = DatedKey(dataclasses.replace(cn.log(1).key, public=nl.log(1).key.public), ISSUED, UNTIL)
    with pytest.raises(KeyRefused, match="log key of NL and a log key of CN"):
        refuse_shared_keys([nl.descriptor(), cn.descriptor(log_keys=(stolen,))])
    with pytest.raises(DocumentInvalid, match="both claim"):
        refuse_shared_keys([nl.descriptor(), dataclasses.replace(nl.descriptor(), administration="XA")])


def test_a_key_of_a_type_that_its_role_does_not_use_is_refused(nl: Owner) -> None:
    with pytest.raises(KeyRefused, match="0x04"):
        nl.descriptor(log_keys=(DatedKey(nl.log(1, KeyType.COSIGNATURE_ED25519).key, ISSUED, UNTIL),))
    with pytest.raises(KeyRefused, match="0x01"):
        nl.descriptor(receipt_keys=(DatedKey(nl.receipt(1, KeyType.NOTE_ED25519).key, ISSUED, UNTIL),))
    quantum_safe = (DatedKey(nl.log(2, KeyType.COSIGNATURE_ML_DSA_44).key, ISSUED, UNTIL),)
    both = nl.descriptor(log_keys=tuple(sorted(nl.descriptor().log_keys + quantum_safe, key=lambda d: d.key.bare)))
    assert parse_descriptor(both.text) == both


# --- succession ---------------------------------------------------------------------------------------------------


def test_the_next_version_is_accepted_by_itself(nl: Owner) -> None:
    first = nl.descriptor()
    retired = dataclasses.replace(first.log_keys[0], valid_until=ISSUED + 100)
    fresh = DatedKey(nl.log(2).key, ISSUED + 50, UNTIL)
    keys = tuple(sorted((retired, fresh), key=lambda dated: dated.key.bare))
    second = successor(first, log_keys=keys, name="Customs of the Netherlands")
    assert verify_successor(first, signed(nl, second)) == second
    third = successor(second)
    assert verify_successor(second, signed(nl, third)) == third
    with pytest.raises(DocumentInvalid, match="does not come next"):
        verify_successor(first, signed(nl, third))


def test_new_roots_need_the_consent_of_the_old_and_their_own(nl: Owner) -> None:
    first = nl.descriptor()
    roots = tuple(sorted((nl.root(number).key for number in (3, 4, 5)), key=lambda key: key.bare))
    second = successor(first, roots=roots)
    assert verify_successor(first, signed(nl, second, 1, 2, 4, 5)) == second
    assert verify_successor(first, signed(nl, second, 2, 3, 4)) == second
    with pytest.raises(DocumentInvalid, match="version 1"):
        verify_successor(first, signed(nl, second, 3, 4, 5))
    with pytest.raises(DocumentInvalid, match="version 2"):
        verify_successor(first, signed(nl, second, 1, 2, 3))


def test_the_same_descriptor_again_changes_nothing(nl: Owner) -> None:
    first = nl.descriptor()
    assert verify_successor(first, signed(nl, first)) == first


def test_two_descriptors_of_one_version_are_a_fork(nl: Owner) -> None:
    with pytest.raises(DescriptorFork):
        verify_successor(nl.descriptor(), signed(nl, nl.descriptor(name="Another")))


def test_what_does_not_follow_is_refused(nl: Owner, cn: Owner) -> None:
    first = nl.descriptor()
    (log,) = first.log_keys
    (receipt,) = first.receipt_keys
    others = (DatedKey(nl.log(2).key, ISSUED, UNTIL),)
    for wrong, words in (
        (successor(first, version=3), "does not come next"),
        (successor(first, previous=b"\x01" * 32), "names another version"),
        (successor(first, log_keys=others), "leaves out the log key"),
        (successor(first, log_keys=(dataclasses.replace(log, valid_until=UNTIL + 1),)), "earlier end"),
        (successor(first, log_keys=(dataclasses.replace(log, valid_from=ISSUED + 1),)), "earlier end"),
        (successor(first, receipt_keys=(dataclasses.replace(receipt, valid_until=UNTIL + 1),)), "the receipt key"),
        (successor(first, administration="XA"), "is not of NL"),
    ):
        with pytest.raises(DocumentInvalid, match=words):
            verify_successor(first, signed(nl, wrong))
    with pytest.raises(DocumentInvalid, match="is not of NL"):
        verify_successor(first, signed(cn, successor(cn.descriptor(), previous=first.digest)))


def test_a_note_that_is_no_descriptor_is_refused(nl: Owner) -> None:
    (line,) = read_document(signed(nl, nl.descriptor(), 1)).lines
    with pytest.raises(DocumentInvalid, match="begins with"):
        verify_first(Note("hello\n", (line,)).serialize())
