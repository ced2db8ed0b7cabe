"""Public inclusion proofs, good and bad, made by another implementation of RFC 9162."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InclusionInvalid
from gateway.linklog.paths import verify_inclusion

FOLDER = Path(__file__).parents[3] / "shared" / "vectors" / "merkle-inclusion"


def cases() -> list[Any]:
    files = sorted(FOLDER.rglob("*.json"))
    if not files:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no public vectors at {FOLDER}"))]
    return [pytest.param(file, id=file.relative_to(FOLDER).as_posix()) for file in files]


@pytest.mark.parametrize("file", cases())
def test_public_vector(file: Path) -> None:
    case = json.loads(file.read_text())
    proof = [base64.b64decode(hash_) for hash_ in case["proof"] or []]
    leaf, root = (base64.b64decode(case[name] or "") for name in ("leafHash", "root"))
    try:
        verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)
    except InclusionInvalid:
        assert case["wantErr"], case["desc"]
    else:
        assert not case["wantErr"], case["desc"]
