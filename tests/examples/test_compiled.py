"""The wheel with compiled rules: it decides as the sources do, by the rules' own tests."""

from __future__ import annotations

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
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CAN_COMPILE, reason="no C compiler, or no headers of Python (Debian: gcc, python3-dev)"),
]

TESTED = ("tests/unit/recognition", "tests/unit/reliance", "tests/properties/test_recognition.py")
WHERE = """
import gateway.recognition.decider, gateway.recognition.rules.custody, gateway.views.keys, gateway.recognition as plain
for module in (gateway.recognition.decider, gateway.recognition.rules.custody, gateway.views.keys, plain):
    print(module.__file__)
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
    assert [Path(each).suffix for each in decides] == [".so"] * 3
    assert Path(plain).suffix == ".py"
    assert "-cp" in compiled.wheel.name, "it would be taken for one that runs anywhere"
    assert [each for each in ROOT.rglob("*.so") if ".venv" not in each.parts] == [], "something is in the tree"


def test_it_decides_as_the_sources_do(compiled: Apart, tmp_path: Path) -> None:
    """The answers' digests (``tests/vectors``), every reason, every rule and the properties."""
    shutil.copytree(ROOT / "tests", tmp_path / "tests")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    told = run(compiled, tmp_path, "-m", "pytest", "-q", "-n", "0", *TESTED)
    assert " passed" in told
    assert "failed" not in told
