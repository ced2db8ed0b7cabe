"""The tree keeps to its own rules of form: lock file, length of files, what must not stand anywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.docs.pages import ROOT

LONGEST_FILE = 400
PRODUCT = ("gateway", "mock_partners", "certs", "benchmarks", "protos")
LOCKED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<rest>(?:.*\\\n)*.*)$", re.MULTILINE)
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X{3})\b|^(?:<{7}|>{7}) ", re.MULTILINE)
SECRET = re.compile("-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")
ELSEWHERE = re.compile("(?<![\\w.])/work/|\\bshared/design|files\\.pythonhosted\\.org")


def committed_files() -> list[Path]:
    """Name every file of the tree, new ones too; what is ignored and what is deleted is left out."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("git tells which files there are, and this is not a checkout, or git is not installed.")
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return [path for name in listed if name and (path := ROOT / name).is_file()]


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="replace")


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [Requirement(each) for each in (*project["dependencies"], *project["optional-dependencies"]["dev"])]


def locked() -> dict[str, re.Match[str]]:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    return {canonicalize_name(found["name"]): found for found in LOCKED.finditer(lock)}


@pytest.mark.parametrize("requirement", requirements(), ids=lambda each: each.name)
def test_lock_has_a_version_that_the_project_asks_for(requirement: Requirement) -> None:
    found = locked().get(canonicalize_name(requirement.name))
    assert found, f"{requirement.name} is not in requirements.lock: make the lock anew"
    assert Version(found["version"]) in requirement.specifier


def test_everything_locked_has_hashes() -> None:
    assert len(locked()) > len(requirements())
    assert [name for name, found in locked().items() if "--hash=sha256:" not in found["rest"]] == []


def test_lock_files_name_no_host() -> None:
    files = [file for file in committed_files() if re.search(r"(?:^|[-.])lock(?:\.json)?$", file.name)]
    assert len(files) > 1
    assert [file.name for file in files if "://" in text_of(file)] == []


def test_no_file_of_the_product_is_too_long() -> None:
    files = [
        file
        for room in PRODUCT
        for file in (ROOT / room).rglob("*.py")
        if ROOT / "protos" / "python" not in file.parents
    ]
    assert len(files) > 50
    lengths = {str(file.relative_to(ROOT)): len(text_of(file).splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("pattern", [UNFINISHED, SECRET, ELSEWHERE], ids=["unfinished", "secret", "elsewhere"])
def test_nothing_stands_anywhere_that_must_not(pattern: re.Pattern[str]) -> None:
    here = Path(__file__).resolve()
    places = {
        str(file.relative_to(ROOT)) for file in committed_files() if file != here and pattern.search(text_of(file))
    }
    assert places == set()


def test_no_file_is_committed_that_a_build_makes() -> None:
    names = {file.relative_to(ROOT).parts[-1] for file in committed_files()}
    assert {name for name in names if name.endswith((".pyc", ".db", ".pem", ".key"))} == set()


def test_licence_is_the_one_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
