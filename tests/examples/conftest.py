"""Two nodes for all tests of the examples, and a copy of the examples beside them, set up as their page says."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mutualrecognition.national.v1 import records_service_pb2 as national
from tests import nodes
from tests.examples.national_systems import PYTHON, Language, System, address, copy_examples


@dataclass(frozen=True)
class World:
    """CN and NL, partners. NL verifies all that it would rely on, so that no answer is left to chance."""

    place: Path
    cn: nodes.Home
    nl: nodes.Home
    node_of_cn: nodes.NodeProcess
    node_of_nl: nodes.NodeProcess

    def gateway(self, *words: str) -> None:
        """Run a command of the gateway, as the operator or an officer does."""
        subprocess.run([sys.executable, "-P", "-m", "gateway", *words], check=True, capture_output=True)

    def wait_until_received(self, record_id: str) -> None:
        """Wait until NL has a record of CN."""

        async def look() -> national.GetRecordResponse:
            async with nodes.records_of(self.nl) as records:
                return await records.GetRecord(national.GetRecordRequest(record_id=record_id), timeout=nodes.SECONDS)

        asyncio.run(nodes.until(look, bool))

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
    with nodes.serving(cn, nl) as (node_of_cn, node_of_nl):
        yield World(place, cn, nl, node_of_cn, node_of_nl)


@pytest.fixture(scope="package")
def python(world: World) -> Language:
    """Stubs made from the protos for clients alone."""
    folder = world.place / "examples" / "python"
    compile_all = "-m grpc_tools.protoc -I protos --python_out=stubs --grpc_python_out=stubs"
    made = f"../../run gateway protos protos; mkdir -p stubs; {sys.executable} {compile_all} $(find protos -name '*.proto')"
    subprocess.run(made, shell=True, cwd=folder, check=True, capture_output=True)
    return PYTHON
