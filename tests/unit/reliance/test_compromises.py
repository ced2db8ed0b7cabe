"""Keys that ended in the past: told from keys that were rolled."""

from __future__ import annotations

from dataclasses import replace

from gateway.ports.ledger import Reach
from gateway.reliance.compromises import compromises
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor, parse_descriptor
from gateway.trust.documents import read_document
from tests.unit.exchange.trusted_world import NOW, descriptor_note


def version(number: int, until: int, *, issued: int = NOW) -> Descriptor:
    descriptor = parse_descriptor(read_document(descriptor_note("CN")).text)
    key = replace(descriptor.log_keys[0], valid_until=until)
    previous = None if number == 1 else b"p" * 32
    return replace(descriptor, version=number, previous=previous, issued=issued, log_keys=(key,))


def book(*versions: Descriptor) -> TrustBook:
    return TrustBook("NL", versions={"CN": versions, "NL": ()})


def test_a_key_that_ended_before_its_owner_said_so_was_compromised() -> None:
    (found,) = compromises(book(version(1, NOW + 9999), version(2, NOW - 500)))
    assert (found.partner, found.version, found.since) == ("CN", 2, NOW - 500)
    assert found.recall_id == f"key:CN:2:{NOW - 500}"
    assert found.reach == Reach(partner="CN", receipted_from=NOW - 500, receipted_until=NOW)


def test_a_key_that_is_rolled_was_not() -> None:
    assert list(compromises(book(version(1, NOW + 9999), version(2, NOW + 60)))) == []
    assert list(compromises(book(version(1, NOW + 9999), version(2, NOW)))) == []


def test_what_one_version_said_is_not_said_again_by_the_next() -> None:
    ended = version(2, NOW - 500)
    assert len(list(compromises(book(version(1, NOW + 9999), ended, version(3, NOW - 500, issued=NOW + 60))))) == 1


def test_a_key_that_had_run_out_before_is_no_news() -> None:
    assert list(compromises(book(version(1, NOW - 900), version(2, NOW - 900)))) == []
