"""Where two sides hold other agreements, both read the same sentence: which, what differs, who must act."""

from __future__ import annotations

import dataclasses
from hashlib import sha256

import pytest

from gateway.exchange.agreement_comparison import common, differing
from gateway.exchange.session_trust import AgreementRef, SessionTrust
from gateway.trust.documents import write_digest
from tests.unit.exchange.link_world import trust


def ref(identity: str, version: int = 1, text: str = "") -> AgreementRef:
    return AgreementRef(identity, version, sha256(f"{identity}{version}{text}".encode()).digest())


def holding(administration: str, *agreements: AgreementRef) -> SessionTrust:
    """What CN or NL believes with these agreements."""
    made = trust("CN", "NL") if administration == "CN" else trust("NL", "CN")
    return dataclasses.replace(made, agreements=agreements)


AEO = write_digest(ref("aeo").digest)
NEWER = write_digest(ref("aeo", 2).digest)
EDITED = write_digest(ref("aeo", 1, "edited").digest)
MUST_ADD = "CN's operator must add the newer one."
MUST_FIND = "both operators must find out which one both have signed."
DIFFERENT: dict[str, tuple[list[AgreementRef], list[AgreementRef], str]] = {
    "none": ([], [], "Neither CN nor NL has an agreement in force between the two that both have signed."),
    "only one has it": (
        [ref("aeo")],
        [],
        f"aeo version 1 (digest {AEO}) counts at CN and not at NL: NL's operator must add it, or has suspended it.",
    ),
    "one is behind": (
        [ref("aeo")],
        [ref("aeo", 2)],
        f"Of aeo, CN has version 1 (digest {AEO}) in force and NL version 2 (digest {NEWER}): {MUST_ADD}",
    ),
    "edited on one side": (
        [ref("aeo")],
        [ref("aeo", 1, "edited")],
        f"Of aeo version 1 there are two texts, {AEO} at CN and {EDITED} at NL: {MUST_FIND}",
    ),
    "the same": ([ref("aeo"), ref("controls")], [ref("controls"), ref("aeo")], ""),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_both_sides_say_the_same(case: str) -> None:
    at_cn, at_nl, sentence = DIFFERENT[case]
    assert differing(at_nl, holding("CN", *at_cn)) == sentence
    assert differing(at_cn, holding("NL", *at_nl)) == sentence


def test_one_of_several_that_differs_does_not_hide_what_is_common() -> None:
    here = holding("CN", ref("aeo"), ref("controls", 2))
    assert common([ref("controls", 1), ref("aeo")], here) == (ref("aeo"),)
    assert differing([ref("controls", 1), ref("aeo")], here).startswith("Of controls, CN has version 2")


def test_a_list_without_end_is_cut() -> None:
    sentence = differing([ref(f"a{number:04}" + "x" * 500) for number in range(1000)], holding("CN"))
    assert sentence.endswith("996 more differ.")
    assert len(sentence) < 1000
