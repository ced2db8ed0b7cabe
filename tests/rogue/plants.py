"""Faults of the gateway, planted one at a time: a check is switched off, and these attacks are no longer answered so.

Not planted is what is not the gateway's own: gRPC's and BoringSSL's checks (expired and self-signed certificates, TLS
1.2, plain text, junk for a handshake, methods of other doors, decompression), and what cannot be switched off without
another fault in its place, or shows only when a time limit has passed (a frame before Hello, a second session, a fifth
connection).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gateway.exchange import batches, hello, issuing, judging, log_comparison, offers, session
from gateway.exchange.batches import HeldLog
from gateway.exchange.holding import Holding
from gateway.exchange.issuing import Issuing
from gateway.exchange.judging import Course, Judge
from gateway.exchange.log_comparison import LogComparison
from gateway.exchange.session import LinkSession
from gateway.exchange.session_states import State
from gateway.linklog import keys
from gateway.linklog.checkpoints import Checkpoint
from gateway.linklog.notes import NoteLimits
from gateway.ports.links import Entry
from gateway.rpc import doors, identity, link_pump, open_calls
from gateway.rpc.guard import Guard
from gateway.trust import book, descriptors, succession
from gateway.trust.certificates import PeerCertificate
from mutualrecognition.records.v1.record_pb2 import Record

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Plant:
    """A check that is off, and attacks that show it; each attack has a rogue of its own, so four at most."""

    plant: Callable[[Patch], None]
    attacks: tuple[str, ...]


PLANTS: dict[str, Plant] = {}


def plant(*attacks: str) -> Callable[[Callable[[Patch], None]], None]:
    def made(function: Callable[[Patch], None]) -> None:
        PLANTS[function.__name__.replace("_", "-")] = Plant(function, attacks)

    return made


def nothing(*_: object, **__: object) -> None:
    """Check nothing."""


# --- Hello ----------------------------------------------------------------------------------------------------


@plant("hello-as-another", "hello-to-another")
def names_in_hello_are_not_compared(patch: Patch) -> None:
    patch.setattr(hello, "_check_identity", nothing)


@plant("short-session-id", "short-digest")
def lengths_in_hello_do_not_matter(patch: Patch) -> None:
    patch.setattr(hello, "_check_form", nothing)


@plant("unknown-version")
def any_version_will_do(patch: Patch) -> None:
    patch.setattr(hello, "VERSION", 2)


@plant("clock-ahead", "time-before-all-time")
def clocks_in_hello_do_not_matter(patch: Patch) -> None:
    patch.setattr(hello, "require_near", nothing)


@plant("newer-descriptor-than-known", "forked-descriptor", "forks-the-partners-descriptor")
def descriptors_are_not_compared(patch: Patch) -> None:
    patch.setattr(hello, "_check_descriptor", nothing)


@plant("no-common-agreement")
def agreements_are_not_compared(patch: Patch) -> None:
    patch.setattr(hello, "common", lambda _shown, trust: trust.agreements)


@plant("thousands-of-agreements", "asks-with-thousands-of-agreements")
def any_number_of_agreements_is_compared(patch: Patch) -> None:
    patch.setattr(hello, "MAX_AGREEMENTS", 10**9)


@plant("hello-twice")
def second_hello_is_ignored(patch: Patch) -> None:
    real = LinkSession.frame_received

    def ignoring(self, frame, now):
        again = self.state is State.OPEN and frame.HasField("hello")
        return [] if again else real(self, frame, now)

    patch.setattr(LinkSession, "frame_received", ignoring)


@plant("two-roots-for-one-size", "history-without-receipt", "partners-log-by-own-key", "stolen-log-key")
def notes_in_hello_are_not_looked_at(patch: Patch) -> None:
    patch.setattr(log_comparison, "_read", lambda _position, _issuer, _partner: None)


@plant("stolen-log-key")
def roots_in_hello_are_not_compared(patch: Patch) -> None:
    patch.setattr(log_comparison, "_compare", nothing)


@plant("stolen-log-key-ahead")
def sizes_in_hello_are_not_compared(patch: Patch) -> None:
    patch.setattr(LogComparison, "_check_sizes", nothing)


@plant("later-generation-of-the-partner", "later-generation-of-its-own")
def generations_in_hello_are_not_compared(patch: Patch) -> None:
    patch.setattr(log_comparison, "_check_issued_generation", nothing)
    patch.setattr(log_comparison, "_check_held_generation", nothing)


@plant("origin-of-another-link")
def origins_in_hello_are_not_compared(patch: Patch) -> None:
    patch.setattr(log_comparison, "_check_origin", nothing)


# --- batches --------------------------------------------------------------------------------------------------


@plant("wrong-signature", "no-signature", "signed-by-a-stranger", "signed-twice")
def checkpoints_are_not_verified(patch: Patch) -> None:
    patch.setattr(batches, "verify_checkpoint", nothing)


@plant("signed-by-root-key", "signed-by-receipt-key")
def every_key_of_a_partner_may_sign_its_log(patch: Patch) -> None:
    patch.setattr(batches, "verify_checkpoint", nothing)


@plant("signed-by-too-many")
def notes_may_have_any_number_of_lines(patch: Patch) -> None:
    patch.setattr(batches, "CHECKPOINT_LIMITS", NoteLimits(max_bytes=2**20, max_lines=100))


@plant("extension-line", "size-with-a-zero-before-it", "root-with-unused-bits")
def checkpoints_are_read_in_any_form(patch: Patch) -> None:
    def lenient(text: str) -> Checkpoint:
        of, size, root, *_ = text.splitlines()
        return Checkpoint(of, int(size), base64.b64decode(root))

    patch.setattr(batches, "parse_checkpoint", lenient)
    patch.setattr(batches, "verify_checkpoint", nothing)


@plant("other-root", "root-of-another-past", "changed-record", "swapped-entries")
def roots_are_not_compared(patch: Patch) -> None:
    def grown(self, commitments, checkpoint):
        return self.tree.append_all([batches.sha256(b"\0" + each).digest() for each in commitments])[0]

    patch.setattr(HeldLog, "_grown", grown)


@plant("gap-in-indexes", "index-beyond-all", "size-that-does-not-fit", "replays-another-link")
def places_are_not_compared(patch: Patch) -> None:
    def placed(self, unverified):
        note = batches.parse_note(unverified.checkpoint, batches.CHECKPOINT_LIMITS)
        return note, batches.parse_checkpoint(note.text)

    patch.setattr(HeldLog, "_placed", placed)


@plant("same-batch-again", "same-index-other-bytes", "size-going-back")
def a_second_batch_for_an_index_is_taken(patch: Patch) -> None:
    places_are_not_compared_in(patch)


def places_are_not_compared_in(patch: Patch) -> None:
    PLANTS["places-are-not-compared"].plant(patch)
    PLANTS["roots-are-not-compared"].plant(patch)


@plant("short-salt", "erased-before-its-receipt", "entry-in-both-forms")
def entries_are_taken_as_they_come(patch: Patch) -> None:
    def entries(self, unverified):
        came = tuple(Entry(each.salt, each.record) for each in unverified.entries)
        commitments = (
            each.commitment or batches.sha256(each.salt + each.record).digest() for each in unverified.entries
        )
        return came, tuple(commitments)

    patch.setattr(HeldLog, "_entries", entries)


@plant("batch-after-goodbye")
def goodbye_does_not_bind(patch: Patch) -> None:
    real = LinkSession._hear_batch

    def hearing(self, holding, unverified, now):
        self._peer_is_done = False
        real(self, holding, unverified, now)

    patch.setattr(LinkSession, "_hear_batch", hearing)


@plant("oversize-record", "oversize-batch", "too-many-entries")
def sizes_do_not_matter(patch: Patch) -> None:
    real = HeldLog.take
    patch.setattr(batches, "MAX_RECORD_BYTES", 2**30)
    patch.setattr(Holding, "_check_window", nothing)
    patch.setattr(
        HeldLog, "take", lambda self, batch, trust, *, records, now: real(self, batch, trust, records=10**6, now=now)
    )


@plant("oversize-frame")
def frames_have_any_size(patch: Patch) -> None:
    patch.setattr(doors, "PEER_MESSAGE_BYTES", 2**26)


# --- receipts -------------------------------------------------------------------------------------------------


@plant("receipt-without-lines", "receipt-in-anothers-name", "receipt-for-another-root", "receipt-by-log-key")
def receipts_are_not_verified(patch: Patch) -> None:
    def believed(self, covered, lines, now):
        return issuing.CommitReceipt(covered.checkpoint.size, covered.note.serialize() + lines, now.time)

    patch.setattr(Issuing, "_verified", believed)


@plant("receipt-without-time")
def a_receipt_may_be_signed_as_a_checkpoint(patch: Patch) -> None:
    PLANTS["receipts-are-not-verified"].plant(patch)


@plant("receipt-for-too-much", "receipt-for-nothing")
def receipts_of_anything_are_passed_over(patch: Patch) -> None:
    real = Issuing.receipt

    def receipt(self, unverified, now):
        known = {each.checkpoint.size for each in self._under_way}
        return real(self, unverified, now) if unverified.size in known else None

    patch.setattr(Issuing, "receipt", receipt)


@plant("receipt-in-the-future")
def times_of_receipts_do_not_matter(patch: Patch) -> None:
    patch.setattr(issuing, "require_near", nothing)


@plant("receipts-going-back-in-time")
def times_of_receipts_may_fall(patch: Patch) -> None:
    real = Issuing._verified

    def verified(self, covered, lines, now):
        self._receipt_time = 0
        return real(self, covered, lines, now)

    patch.setattr(Issuing, "_verified", verified)


@plant("receipt-in-the-future-in-hello")
def times_of_receipts_in_hello_do_not_matter(patch: Patch) -> None:
    real = LogComparison._lost_receipt
    patch.setattr(LogComparison, "_lost_receipt", lambda self, time, skew: real(self, time, 10**9))


@plant("heartbeat-of-yesterday")
def clocks_in_heartbeats_do_not_matter(patch: Patch) -> None:
    patch.setattr(session, "require_near", nothing)


# --- records --------------------------------------------------------------------------------------------------


@plant("record-of-another-issuer", "record-of-the-receiver", "record-id-again", "stated-tomorrow")
def what_a_partner_may_state_is_not_asked(patch: Patch) -> None:
    patch.setattr(Judge, "_objections", lambda *_: ())


@plant("unknown-agreement", "ended-agreement", "purpose-not-agreed", "field-not-agreed")
def agreements_are_not_asked_for_records(patch: Patch) -> None:
    patch.setattr(Judge, "_uncovered", lambda *_: ())


@plant("other-version-of-the-agreement", "before-the-agreement", "purpose-not-in-the-agreement", "kind-not-agreed")
def agreements_cover_everything(patch: Patch) -> None:
    patch.setattr(Judge, "_uncovered", lambda *_: ())


@plant("text-that-turns-around", "conclusion-that-nobody-knows", "giant-list")
def rules_are_not_asked(patch: Patch) -> None:
    patch.setattr(judging.records, "check", lambda _: ())


@plant("outcome-supersedes-a-withdrawal")
def anything_follows_anything(patch: Patch) -> None:
    patch.setattr(Course, "objections", lambda *_: ())


def read_as_protobuf_does(patch: Patch) -> None:
    def read(record: bytes) -> object:
        try:
            return Record.FromString(record)
        except Exception:
            return Record()

    patch.setattr(judging, "_read", read)


@plant("no-bytes", "random-bytes", "cut-short", "unknown-kind")
def bytes_are_read_if_they_can_be(patch: Patch) -> None:
    read_as_protobuf_does(patch)


@plant("two-kinds", "issuer-twice", "header-twice", "padded-number")
def bytes_may_say_things_twice(patch: Patch) -> None:
    read_as_protobuf_does(patch)


@plant("number-too-wide", "stated-default", "wrong-wire-type", "deep-nesting")
def bytes_may_say_things_in_any_way(patch: Patch) -> None:
    read_as_protobuf_does(patch)


# --- documents ------------------------------------------------------------------------------------------------


@plant("broken-chain", "skipped-version", "forgets-a-key", "lengthens-a-key")
def descriptors_need_not_follow(patch: Patch) -> None:
    patch.setattr(succession, "require_succession", nothing)


@plant("next-by-new-root-alone", "next-by-log-key")
def descriptors_need_no_signature(patch: Patch) -> None:
    patch.setattr(succession, "require_threshold", nothing)


@plant("one-key-for-two-roles")
def keys_may_have_two_roles(patch: Patch) -> None:
    patch.setattr(descriptors.Descriptor, "_require_roles", nothing)
    patch.setattr(book, "refuse_shared_keys", nothing)


@plant("the-partners-key")
def keys_may_have_two_owners(patch: Patch) -> None:
    patch.setattr(book, "refuse_shared_keys", nothing)


@plant("small-order-key", "second-spelling-of-a-key", "key-that-is-no-point")
def points_are_not_looked_at(patch: Patch) -> None:
    patch.setattr(keys, "require_sound_point", nothing)


@plant("agreement-by-wrong-key")
def who_signed_an_offer_is_not_asked(patch: Patch) -> None:
    patch.setattr(offers, "_signed_by", lambda _book, _document, partner: (partner,))


# --- callers --------------------------------------------------------------------------------------------------


def any_leaf(leaf, chain, *, domain, **_):
    return PeerCertificate(domain, "1", identity.datetime.now(identity.UTC).replace(year=2100), b"")


@plant("certificate-of-another", "certificate-for-another-host")
def the_anchors_of_anybody_vouch_for_anybody(patch: Patch) -> None:
    patch.setattr(identity, "verify_gateway_leaf", any_leaf)


@plant("stranger-asks-what-there-is", "stranger-sends-junk")
def who_calls_is_asked_last(patch: Patch) -> None:
    real = Guard.service

    def unguarded(self, details):
        handler = next((found for each in self._behind if (found := each.service(details)) is not None), None)
        theirs = handler is None or details.method.endswith("/GetDocuments")
        return handler if theirs else real(self, details)

    patch.setattr(Guard, "service", unguarded)


@plant("bytes-that-are-no-frame", "text-that-is-no-text")
def bytes_that_are_no_frame_are_a_bug_here(patch: Patch) -> None:
    patch.setattr(link_pump, "DecodeError", type("Never", (Exception,), {}))


@plant("storm-of-calls")
def calls_are_not_counted(patch: Patch) -> None:
    patch.setattr(open_calls.Shares, "_spend", nothing)
