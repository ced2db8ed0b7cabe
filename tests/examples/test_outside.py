"""The wheel alone, in an environment of its own: its commands, its protos, and the pytest plugin for others' tests.

The libraries are those of this environment; nothing of the tree is on its path.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from benchmarks.apart import Apart, install_apart
from tests.docs.pages import ROOT
from tests.docs.test_tree import committed_files
from tests.nodes import SECONDS

pytestmark = pytest.mark.long

PACKAGES = ("gateway", "mock_partners", "certs")


@dataclass(frozen=True)
class Outside:
    """Where nothing of the tree is."""

    apart: Apart

    def run(self, place: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.apart.bin / program), *words],
            cwd=place,
            env={"PATH": "/usr/bin:/bin", "HOME": str(place)},
            capture_output=True,
            text=True,
            check=False,
            timeout=3 * SECONDS,
        )


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    place = tmp_path_factory.mktemp("outside")
    return Outside(install_apart(place))


def test_the_wheel_has_every_file_of_the_packages_and_every_proto(outside: Outside) -> None:
    inside = {name for name in ZipFile(outside.apart.wheel).namelist() if ".dist-info/" not in name}
    tree = [file.relative_to(ROOT) for file in committed_files()]
    code = {file.as_posix() for file in tree if file.parts[0] in PACKAGES}
    generated = {
        file.relative_to("protos/python").as_posix() for file in tree if file.parts[:2] == ("protos", "python")
    }
    protos = {file.relative_to("protos").as_posix() for file in tree if file.suffix == ".proto"}
    assert len(protos) > 40
    assert inside == code | generated | protos
    (metadata,) = (name for name in ZipFile(outside.apart.wheel).namelist() if name.endswith(".dist-info/METADATA"))
    told = ZipFile(outside.apart.wheel).read(metadata).decode()
    assert re.search(r"^Requires-Dist: pytest[^;]*; extra == 'mock'$", told, re.MULTILINE), told


def test_its_commands_run_where_nothing_of_the_tree_is(outside: Outside, tmp_path: Path) -> None:
    for words in (["init", "nl"], ["protos", "protos"]):
        done = outside.run(tmp_path, "gateway", *words)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "nl" / "descriptor.note").is_file()
    assert (tmp_path / "protos" / "mutualrecognition" / "national" / "v1" / "records_service.proto").is_file()
    where = outside.run(tmp_path, "python", "-c", "import gateway, mock_partners; print(gateway.__file__)")
    assert str(outside.apart.bin.parent) in where.stdout, where.stderr


def test_the_tests_of_the_example_pass_outside_of_the_tree(outside: Outside, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "testing", tmp_path / "testing")
    written = len(re.findall(r"^def test_", (tmp_path / "testing" / "test_gate.py").read_text("utf-8"), re.MULTILINE))
    done = outside.run(tmp_path / "testing", "python", "-m", "pytest", "-q", "--strict-markers")
    assert f"{written} passed" in done.stdout, done.stdout + done.stderr


def test_whoever_asks_for_no_network_has_nothing_loaded_and_whoever_fails_sees_why(
    outside: Outside, tmp_path: Path
) -> None:
    (tmp_path / "test_own.py").write_text(OWN, "utf-8")
    done = outside.run(tmp_path, "python", "-m", "pytest", "-q", "--strict-markers", "--mock-network-place", "kept")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert "2 errors" in done.stdout
    assert re.search(r"^-+ mock network -+\n +\d\.\d{3}  (?:CN|NL) ", done.stdout, re.MULTILINE)
    assert "does not state this. RECORD_INVALID: " in done.stdout
    assert "mark mock_network takes members=…, topology=…, behaviours=…, not partners" in done.stdout
    assert "'Netherlands' is not the code of an administration" in done.stdout
    assert (tmp_path / "kept" / "1" / "nl" / "gateway.toml").is_file()


OWN = """
import sys

import pytest


def test_light():
    assert {"grpc", "gateway", "mock_partners.hosting.network"} & set(sys.modules) == set()


@pytest.mark.mock_network(members=("NL", "CN"))
def test_refused(mock_network):
    mock_network["CN"].state({"header": {"purpose": "PURPOSE_SECURITY_RISK"}, "withdrawal": {}})


@pytest.mark.mock_network(partners=("NL", "CN"))
def test_misspelt(mock_network):
    pass


@pytest.mark.mock_network(members=("Netherlands", "CN"))
def test_impossible(mock_network):
    pass
"""
