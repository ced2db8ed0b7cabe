"""Two nodes for all tests of the examples, and a copy of the examples beside them, set up as their page says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import nodes
from tests.examples.national_systems import JAVASCRIPT, PYTHON, Language, System, address, copy_examples
from tests.forked import ForkedNode, forked

COMPILE = "-m grpc_tools.protoc -I protos --python_out=stubs --grpc_python_out=stubs"


@dataclass(frozen=True)
class World:
    """CN and NL, partners. NL verifies all that it would rely on, so that no answer is left to chance."""

    place: Path
    cn: nodes.Home
    nl: nodes.Home
    node_of_nl: ForkedNode

    def system(self, language: Language, home: nodes.Home) -> System:
        return System(self.place, language, home)


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("national")
    cn, nl = nodes.make_home(place, "CN"), nodes.make_home(place, "NL")
    agreement = nodes.AGREEMENT.read_bytes().replace(b"sample_percent = 2.0", b"sample_percent = 100.0")
    nodes.introduce(cn, nl, agreement=agreement)
    copy_examples(place)
    address(place, [cn, nl])
    with forked(cn, nl) as (_, node_of_nl):
        yield World(place, cn, nl, node_of_nl)


@pytest.fixture(scope="package")
def python(world: World) -> Language:
    """Stubs made from the protos for clients alone."""
    set_up(world, PYTHON, f"{sys.executable} {COMPILE} $(find protos/mutualrecognition -name '*.proto')")
    return PYTHON


@pytest.fixture(scope="package")
def javascript(world: World) -> Language:
    """The libraries of the lock file, from npm's registry."""
    missing = [each for each in ("node", "npm") if shutil.which(each) is None]
    if missing:
        pytest.skip(f"There is no {' and no '.join(missing)} on this machine: the JavaScript example is not tested.")
    set_up(world, JAVASCRIPT, "npm ci --no-audit --no-fund")
    return JAVASCRIPT


def set_up(world: World, language: Language, command: str) -> None:
    done = subprocess.run(
        ["sh", "-ec", f"../../run gateway protos protos; mkdir -p stubs; {command}"],
        cwd=world.place / "examples" / language.name,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["python", "javascript"])
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.getfixturevalue(request.param)
    return found
