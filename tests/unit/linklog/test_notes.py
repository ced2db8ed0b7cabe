"""Signed notes: one encoding, and limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import NoteMalformed
from gateway.linklog.notes import CHECKPOINT_LIMITS, Note, NoteLimits, SignatureLine, parse_lines, parse_note

LINE = SignatureLine("customs.nl.example/root", b"\x01\x02\x03\x04", b"signature")

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60).map(
    lambda text: text + "\n"
)
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"), min_size=1)
signature_lines = st.builds(SignatureLine, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=9))


@given(texts, st.lists(signature_lines, min_size=1, max_size=16))
def test_a_note_comes_back_as_it_was(text: str, lines: list[SignatureLine]) -> None:
    note = Note(text, tuple(lines))
    assert parse_note(note.serialize(), CHECKPOINT_LIMITS) == note


@given(st.binary(max_size=120))
def test_whatever_parses_is_the_one_encoding(data: bytes) -> None:
    whole = b"text\n\n" + LINE.serialize() + data
    try:
        note = parse_note(whole, CHECKPOINT_LIMITS)
    except NoteMalformed:
        return
    assert note.serialize() == whole


def test_text_and_signatures_part_at_the_last_blank_line() -> None:
    note = Note("one\n\n\ntwo\n\n", (LINE,))
    assert parse_note(note.serialize(), CHECKPOINT_LIMITS).text == "one\n\n\ntwo\n\n"
    assert note.with_lines([LINE]).lines == (LINE, LINE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n" + LINE.serialize()[:-1],
        b"text\n\n" + LINE.serialize() + b"\n",
        b"text\n\n" + LINE.serialize().replace(b" ", b"  ", 1),
        b"text\n\n" + LINE.serialize().replace("—".encode(), b"-"),
        b"text\n\n" + "— name\n".encode(),
        b"text\n\n" + "— name AQIDBA==\n".encode(),  # a key id and no signature
        b"text\n\n" + "— name AQIDBAU\n".encode(),  # no padding
        b"text\n\n" + "— name AQIDBAV=\n".encode(),  # unused bits that are not zero
        b"text\n\n" + "— na+me AQIDBAU=\n".encode(),
        b"te\rxt\n\n" + LINE.serialize(),
        b"te\x00xt\n\n" + LINE.serialize(),
        b"te\x7fxt\n\n" + LINE.serialize(),
        b"te\xffxt\n\n" + LINE.serialize(),
        b"te\xc0\xafxt\n\n" + LINE.serialize(),
        b"text\r\n\r\n" + LINE.serialize(),
    ],
)
def test_other_forms_are_refused(data: bytes) -> None:
    with pytest.raises(NoteMalformed):
        parse_note(data, CHECKPOINT_LIMITS)


def test_limits_are_kept() -> None:
    note = Note("text\n", (LINE,) * 3)
    size = len(note.serialize())
    assert parse_note(note.serialize(), NoteLimits(size, 3)) == note
    with pytest.raises(NoteMalformed, match="bytes"):
        parse_note(note.serialize(), NoteLimits(size - 1, 3))
    with pytest.raises(NoteMalformed, match="more than 2"):
        parse_note(note.serialize(), NoteLimits(size, 2))


def test_lines_without_a_text() -> None:
    assert parse_lines(b"") == ()
    assert parse_lines(LINE.serialize() * 2) == (LINE, LINE)
    with pytest.raises(NoteMalformed):
        parse_lines(b"\n" + LINE.serialize())
    with pytest.raises(NoteMalformed):
        parse_lines(LINE.serialize() * 17)
    with pytest.raises(NoteMalformed, match="bytes"):
        parse_lines(LINE.serialize(), NoteLimits(5, 1))


def test_a_text_must_end_with_a_line_feed() -> None:
    with pytest.raises(NoteMalformed):
        Note("text", (LINE,))
