"""Digests read aloud: what is heard rightly, wrongly, and of another document."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import WordsMisheard, WordsOfAnother
from gateway.trust.words import CONSONANTS, VOWELS, in_lines, require_spoken, spoken

DIGESTS = st.binary(min_size=32, max_size=32)
LETTERS = CONSONANTS + VOWELS


@given(DIGESTS)
def test_twelve_words_of_consonants_and_vowels(digest: bytes) -> None:
    words = spoken(digest).split()
    assert [len(word) for word in words] == [4] * 12
    assert all(word[0] in CONSONANTS and word[2] in CONSONANTS for word in words)
    assert all(word[1] in VOWELS and word[3] in VOWELS for word in words)
    assert in_lines(spoken(digest)) == [" ".join(words[at : at + 4]) for at in (0, 4, 8)]


@given(DIGESTS)
def test_they_are_heard_however_they_are_typed(digest: bytes) -> None:
    words = spoken(digest)
    for heard in (words, words.upper(), words.replace(" ", "-"), words.replace(" ", " , "), f"\n{words}\n"):
        require_spoken(heard, digest, "the file")


@given(DIGESTS, st.integers(0, 131))
def test_every_bit_that_is_said_counts(digest: bytes, bit: int) -> None:
    other = (int.from_bytes(digest) ^ 1 << 255 - bit).to_bytes(32)
    with pytest.raises(WordsOfAnother):
        require_spoken(spoken(other), digest, "the file")


def test_a_wrong_letter_is_taken_for_a_slip_and_not_for_another_document() -> None:
    """A check of 12 bits lets one slip in 4,096 pass for another document; never for the right one."""
    chance = random.Random(1)
    told = {WordsMisheard: 0, WordsOfAnother: 0}
    for _ in range(500):
        digest = chance.randbytes(32)
        words = list(spoken(digest))
        place = chance.choice([at for at, letter in enumerate(words) if letter != " "])
        kind = CONSONANTS if words[place] in CONSONANTS else VOWELS
        words[place] = chance.choice([letter for letter in kind if letter != words[place]])
        with pytest.raises((WordsMisheard, WordsOfAnother)) as refused:
            require_spoken("".join(words), digest, "the file")
        told[refused.type] += 1
    assert told[WordsOfAnother] <= 2


WORDS = spoken(bytes(range(32)))


@pytest.mark.parametrize(
    "heard", ["", WORDS[:-5], f"{WORDS} bade", WORDS[:-1] + "x", "bade " * 12, WORDS.swapcase()[::-1]]
)
def test_what_is_no_digest_is_misheard(heard: str) -> None:
    with pytest.raises(WordsMisheard):
        require_spoken(heard, bytes(range(32)), "the file")


def test_these_are_the_words_today() -> None:
    """Both sides of a telephone may run other versions: the same digest has the same words for ever."""
    assert WORDS == "baba dabo basa hade bema lafa boha pafu buba tago buse fubo"
