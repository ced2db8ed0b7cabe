"""The name of a call is taken in one form and from one place, and nothing else reaches the log by it."""

from __future__ import annotations

import pytest

from gateway.rpc.call_names import KEY, name_in, naming, new_name


def test_a_name_is_read_as_it_was_given() -> None:
    name = new_name()
    assert name_in((("x-forwarded-for", "127.0.0.1"), *naming(name))) == name


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        (),
        ((KEY, "0" * 31),),
        ((KEY, "0" * 33),),
        ((KEY, "A" * 32),),
        ((KEY, "0" * 31 + "\n"),),
        ((KEY, b"0" * 32),),
        ((KEY, "0" * 32), (KEY, "1" * 32)),
        (("correlation-id", "0" * 32),),
    ],
)
def test_anything_else_is_passed_over(metadata: tuple[tuple[str, str | bytes], ...] | None) -> None:
    assert name_in(metadata) == ""
