"""Digests read aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import NoteMalformed
from gateway.trust.words import read_words, write_words


@given(st.binary(min_size=32, max_size=32))
def test_words_say_every_bit(digest: bytes) -> None:
    words = write_words(digest)
    assert len(words.split()) == 16
    assert read_words(words.upper().replace(" ", "-\n")) == digest


def test_the_words_are_proquints() -> None:
    """127.0.0.1 is the example of the paper."""
    assert write_words(bytes([127, 0, 0, 1]) * 8).startswith("lusab babad ")


@pytest.mark.parametrize("text", ["", "lusab", "lusab " * 17, "lusab " * 15 + "lusax", "lusab " * 15 + "lusabb"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        read_words(text)
