"""Names of administrations, domains and logs."""

from __future__ import annotations

import pytest

from gateway.errors import DocumentInvalid, NoteMalformed
from gateway.trust.names import Origin, is_administration, is_domain, origin


def test_an_origin_comes_back_as_it_was() -> None:
    text = origin("customs.jp.example", "NL", 1)
    assert text == "customs.jp.example/links/NL/1"
    assert Origin.parse(text) == Origin("customs.jp.example", "NL", 1)


@pytest.mark.parametrize(
    "text",
    [
        "customs.jp.example/links/NL",
        "customs.jp.example/links/NL/0",
        "customs.jp.example/links/NL/01",
        "customs.jp.example/links/nl/1",
        "customs.jp.example/link/NL/1",
        "customs.jp.example/links/NL/1/",
        "Customs.jp.example/links/NL/1",
        "/links/NL/1",
    ],
)
def test_other_origins_are_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        Origin.parse(text)


def test_an_origin_is_not_made_of_anything() -> None:
    for parts in (("x", "NL", 1), ("customs.jp.example", "NLD", 1), ("customs.jp.example", "NL", 0)):
        with pytest.raises(DocumentInvalid):
            origin(*parts)


def test_administrations_and_domains() -> None:
    assert is_administration("NL")
    assert not any(map(is_administration, ["nl", "NLD", "N", "", "N1", "NL\n", "ÑL"]))
    assert is_domain("customs.nl.example")
    assert is_domain("a." + "b" * 63)
    long = ".".join(["a" * 39] * 3)
    assert is_domain(long + "a")
    bad = ["", "nl", "Customs.nl", "customs..nl", ".nl.x", "a-.nl", "-a.nl", "a_b.nl", "a.nl.", "a.nl\n", long + "aa"]
    assert not any(map(is_domain, [*bad, "a." + "b" * 64]))
