"""The comparison of a digest by people: as words that are heard, or as the whole digest in base64."""

from __future__ import annotations

import click

from gateway.trust.documents import read_digest
from gateway.trust.words import require_spoken

_ASKED: str = "The twelve words, as they are read to you"


def compared(own: bytes, what: str, *, words: str | None, digest: str | None, ask: bool) -> bytes:
    """Give the digest that a person has compared; asks for the words where nothing is given and ``ask``.

    The words of ``own`` are never shown: who could copy them from the screen would.

    Raises:
        WordsMisheard, WordsOfAnother: the words are wrong, with what to do.
        NoteMalformed: the digest is none.
    """
    if words is not None and digest is not None:
        raise click.UsageError("Give --words or --digest, not both.")
    if digest is not None:
        return read_digest(digest)
    if words is None:
        if not ask:
            raise click.UsageError("Give --words or --digest.")
        words = str(click.prompt(_ASKED))
    require_spoken(words, own, what)
    return own
