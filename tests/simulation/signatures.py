"""Signatures of simulated worlds: the product makes and judges them, each once.

What one node signs, it and its partner verify several times, and they come to the same answer. A third of a world's life
would go into that. So what was found once to hold, or was signed here, holds when it is looked at again; whatever was
never seen, or was changed by a bit, the product's own code judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.linklog.keys import SeedSigner, VerifierKey

MANY = 20_000

_Signed = tuple[bytes, bytes, bytes]
"""A public key, a message, a signature."""

_holding: set[_Signed] = set()


@contextmanager
def judged_once() -> Iterator[None]:
    """Remember from here on what holds, in this process and over its worlds."""
    judge, sign = VerifierKey.verifies, SeedSigner.sign

    def verifies(key: VerifierKey, message: bytes, signature: bytes) -> bool:
        signed = (key.public, message, signature)
        if signed in _holding:
            return True
        holds = judge(key, message, signature)
        if holds:
            _remember(signed)
        return holds

    def signed(signer: SeedSigner, message: bytes) -> bytes:
        signature = sign(signer, message)
        _remember((signer.key.public, message, signature))
        return signature

    VerifierKey.verifies, SeedSigner.sign = verifies, signed  # type: ignore[method-assign]
    try:
        yield
    finally:
        VerifierKey.verifies, SeedSigner.sign = judge, sign  # type: ignore[method-assign]


def _remember(signed: _Signed) -> None:
    if len(_holding) >= MANY:
        _holding.clear()
    _holding.add(signed)
