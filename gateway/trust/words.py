"""A digest as twelve words to read aloud: four letters each, consonant and vowel in turn, in any language's mouth.

Eleven words say the first 132 bits of the digest, 12 bits a word; nobody finds another document with the same ones. The
last word is a check over the eleven, so that a word that was misheard is told from a document that is another one. Of
the vowels i is left out: English ears write it for e.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from gateway.errors import WordsMisheard, WordsOfAnother

CONSONANTS: Final = "bdfghjklmnprstvz"
VOWELS: Final = "aeou"
WORDS: Final = 12
_SAYING: Final = WORDS - 1
_BITS: Final = 12
_WORDS_A_LINE: Final = 4
_SEPARATORS: Final = re.compile(r"[\s,;.|-]+")


def spoken(digest: bytes) -> str:
    """Give the words of a digest, with one space between."""
    said = int.from_bytes(digest) >> (len(digest) * 8 - _SAYING * _BITS)
    numbers = [said >> (_BITS * place) & 0xFFF for place in reversed(range(_SAYING))]
    return " ".join(map(_word, (*numbers, _check(numbers))))


def in_lines(words: str) -> list[str]:
    """Give the words four to a line, as one reads them out."""
    each = words.split()
    return [" ".join(each[start : start + _WORDS_A_LINE]) for start in range(0, len(each), _WORDS_A_LINE)]


def require_spoken(words: str, digest: bytes, what: str) -> None:
    """Hold words that were heard against a document's digest; capitals, commas and hyphens do not matter.

    Raises:
        WordsMisheard: they are no words of any digest: one was heard or typed wrongly, or one is missing.
        WordsOfAnother: they are words of a digest, and not of this one: ``what`` is not what the other side has.
    """
    heard = [word for word in _SEPARATORS.split(words.lower()) if word]
    if len(heard) != WORDS:
        raise WordsMisheard(f"There are {WORDS} words, not {len(heard)}.")
    numbers = [_number(word, place) for place, word in enumerate(heard, 1)]
    if _check(numbers[:_SAYING]) != numbers[_SAYING]:
        raise WordsMisheard("The last word does not fit the others, so one of the twelve is wrong.")
    if " ".join(heard) != spoken(digest):
        raise WordsOfAnother(f"These are the words of another document: {what} is not what was read out.")


def _word(number: int) -> str:
    return "".join(CONSONANTS[number >> shift + 2 & 0xF] + VOWELS[number >> shift & 0x3] for shift in (6, 0))


def _number(word: str, place: int) -> int:
    consonants, vowels = word[::2], word[1::2]
    if len(word) != 4 or any(c not in CONSONANTS for c in consonants) or any(v not in VOWELS for v in vowels):
        raise WordsMisheard(f"Word {place}, {word[:20]!r}, is none of a digest's.")
    first, second = (CONSONANTS.index(c) << 2 | VOWELS.index(v) for c, v in zip(consonants, vowels, strict=True))
    return first << 6 | second


def _check(numbers: list[int]) -> int:
    return zlib.crc32(b"".join(number.to_bytes(2) for number in numbers)) & 0xFFF
