"""The compiled wheel: it decides, keeps and finds as the sources do, by the tests of what is compiled."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from benchmarks.apart import ROOT, Apart, install_apart
from tests.nodes import SECONDS

CAN_COMPILE = shutil.which("cc") is not None and Path(sysconfig.get_path("include"), "Python.h").is_file()
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not CAN_COMPILE, reason="no C compiler, or no headers of Python (Debian: gcc, python3-dev)"),
]

TESTED = (
    "tests/unit/recognition",
    "tests/unit/reliance",
    "tests/unit/views",
    "tests/unit/stores/test_audit_tree.py",
    "tests/unit/stores/test_sqlite.py",
    "tests/unit/stores/test_key_places.py::test_no_place_of_a_key_is_missed",
    "tests/contracts/test_decisions.py",
    "tests/contracts/test_ledger.py",
    "tests/contracts/test_views.py",
    "tests/properties/test_ledger.py",
    "tests/properties/test_recognition.py",
    "tests/properties/test_tree.py",
)
"""Those that put something of their own in the place of a method or a constant are for the sources alone."""
WHERE = """
from gateway.recognition import decider, gathering
from gateway.recognition.rules import custody
from gateway.stores.sqlite import facts, decision_rows
from gateway.views import keys
import gateway.recognition as plain
for module in (decider, gathering, custody, facts, decision_rows, keys, plain):
    print(module.__file__)
"""
FAILS = """
from mutualrecognition.national.v1.decision_pb2 import Question
from gateway.recognition.question import read_question
try:
    read_question(Question())
except Exception:
    import traceback
    traceback.print_exc(file=__import__("sys").stdout)
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Apart:
    return install_apart(tmp_path_factory.mktemp("compiled"), compiled=True)


def run(apart: Apart, place: Path, *words: str) -> str:
    command = [str(apart.bin / "python"), *words]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=4 * SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_decides_is_compiled(compiled: Apart, tmp_path: Path) -> None:
    *decides, plain = run(compiled, tmp_path, "-c", WHERE).split()
    assert [Path(each).suffix for each in decides] == [".so"] * 6
    assert Path(plain).suffix == ".py"
    assert "-cp" in compiled.wheel.name, "it would be taken for one that runs anywhere"
    assert [each for each in ROOT.rglob("*.so") if ".venv" not in each.parts] == [], "something is in the tree"


def test_it_decides_as_the_sources_do(compiled: Apart, tmp_path: Path) -> None:
    """The answers' digests (``tests/vectors``), every reason, every rule, the store's promises and the properties."""
    shutil.copytree(ROOT / "tests", tmp_path / "tests")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    told = run(compiled, tmp_path, "-m", "pytest", "-q", "-n", "0", *TESTED)
    assert " passed" in told
    assert "failed" not in told


def test_an_error_shows_the_line_of_the_source(compiled: Apart, tmp_path: Path) -> None:
    told = run(compiled, tmp_path, "-c", FAILS)
    source = (ROOT / "gateway" / "recognition" / "question.py").read_text("utf-8").splitlines()
    shown = [int(each) for each in re.findall(r'gateway/recognition/question\.py", line (\d+)', told)]
    assert shown, told
    assert "raise" in source[shown[-1] - 1], told
