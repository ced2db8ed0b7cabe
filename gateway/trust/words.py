"""A digest as words that people can read aloud: each word of five letters says 16 bits.

Consonants (4 bits) and vowels (2 bits) alternate, so that every word can be spoken and none depends on a language
(proquints, arXiv:0901.4016). All 256 bits are said: sixteen words.
"""

from __future__ import annotations

from typing import Final

from gateway.errors import NoteMalformed
from gateway.trust.documents import DIGEST_BYTES

_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aiou"
_SHAPE: Final = ((_CONSONANTS, 12, 15), (_VOWELS, 10, 3), (_CONSONANTS, 6, 15), (_VOWELS, 4, 3), (_CONSONANTS, 0, 15))
"""For each letter: its alphabet, and where its bits stand."""


def write_words(digest: bytes) -> str:
    """Give the words of a digest, with a space between."""
    halves = (int.from_bytes(digest[at : at + 2]) for at in range(0, len(digest), 2))
    return " ".join("".join(letters[half >> shift & mask] for letters, shift, mask in _SHAPE) for half in halves)


def read_words(text: str) -> bytes:
    """Read what ``write_words`` gave; capitals, hyphens and line breaks do not matter.

    Raises:
        NoteMalformed: these are not the words of a digest.
    """
    words = text.lower().replace("-", " ").split()
    if len(words) * 2 != DIGEST_BYTES:
        raise NoteMalformed(f"A digest has {DIGEST_BYTES // 2} words, these are {len(words)}.")
    return b"".join(_half(word).to_bytes(2) for word in words)


def _half(word: str) -> int:
    fits = len(word) == len(_SHAPE) and all(
        letter in letters for letter, (letters, _, _) in zip(word, _SHAPE, strict=True)
    )
    if not fits:
        raise NoteMalformed(f"{word!r} is no word of a digest.")
    return sum(letters.index(letter) << shift for letter, (letters, shift, _) in zip(word, _SHAPE, strict=True))
