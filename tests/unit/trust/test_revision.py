"""The next version of a descriptor: only what is named changes, and what comes out follows from what was there."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gateway.errors import DocumentInvalid, KeyRefused
from gateway.linklog.keys import DatedKey
from gateway.trust.descriptors import parse_descriptor, sign_descriptor
from gateway.trust.revision import Revision
from gateway.trust.succession import verify_successor

from .conftest import ISSUED, UNTIL

if TYPE_CHECKING:
    from .conftest import Owner

LATER = ISSUED + 60


def test_a_new_key_stands_beside_the_old_one_that_ends_earlier(nl: Owner) -> None:
    known = nl.descriptor()
    old, new = nl.log(1).key, DatedKey(nl.log(2).key, LATER, UNTIL)
    after = Revision(new_log_keys=(new,), ends={old.bare: LATER + 9}).after(known, issued=LATER)
    assert set(after.log_keys) == {DatedKey(old, ISSUED, LATER + 9), new}
    assert (after.version, after.previous, after.issued) == (2, known.digest, LATER)
    rest = {"version": 2, "previous": known.digest, "issued": LATER, "log_keys": after.log_keys}
    assert after == dataclasses.replace(known, **rest)
    assert parse_descriptor(after.text) == after


def test_whoever_holds_the_version_before_takes_it(nl: Owner) -> None:
    known = nl.descriptor()
    after = Revision(
        name="Customs",
        contacts=("b desk", "a desk"),
        endpoints=(),
        new_roots=(nl.root(4).key,),
        dropped_roots=(nl.root(1).key,),
        new_anchors=(b"\x30\x01another",),
        denied=(bytes(32),),
    ).after(known, issued=LATER)
    note = sign_descriptor(after, [nl.root(2), nl.root(3)])
    assert verify_successor(known, note) == after
    assert after.contacts == ("a desk", "b desk")
    again = Revision(dropped_anchors=known.anchors, admitted=(bytes(32),)).after(after, issued=LATER)
    assert (again.anchors, again.denied) == ((b"\x30\x01another",), ())


def test_what_no_version_can_follow_with_is_refused(nl: Owner) -> None:
    known = nl.descriptor()
    refused = {
        "say the same": Revision(),
        "earlier end": Revision(ends={nl.log(1).key.bare: UNTIL + 1}),
        "has no log or receipt key": Revision(ends={nl.log(9).key.bare: LATER}),
        "root key that is to be dropped": Revision(dropped_roots=(nl.root(9).key,)),
        "anchor that is to be dropped": Revision(dropped_anchors=(b"none",)),
        "threshold": Revision(threshold=4),
        "a line stands there twice": Revision(new_anchors=known.anchors),
    }
    for words, revision in refused.items():
        with pytest.raises(DocumentInvalid, match=words):
            revision.after(known, issued=LATER)
    with pytest.raises(KeyRefused):
        Revision(new_log_keys=(DatedKey(nl.log(1).key, LATER, UNTIL),)).after(known, issued=LATER)
